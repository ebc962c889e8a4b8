"""`flask worker`: runs what must not make a resident wait."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from core.jobs import Jobs

THREADS = 2


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run background jobs until stopped."""
    jobs: Jobs = current_app.extensions["jobs"]
    consumer = jobs.queue().create_consumer(
        workers=THREADS, worker_type="thread", initial_delay=0.05, max_delay=0.5
    )
    consumer.run()

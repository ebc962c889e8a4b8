"""Background work: a huey queue beside the database, SQLite or PostgreSQL.

Jobs carry no data of a resident, only the word to look into a table. What must not be lost is a row
first; a job that is lost only makes the row wait for the next round of the clock.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import structlog
from flask import Flask, current_app
from huey import Huey, PostgresHuey, SqliteHuey, crontab

from core.config import Settings

WAKE_EVERY_SECONDS = 0.5
log = structlog.get_logger(__name__)


class Jobs:
    """The queue of one application, opened at first use so that a page can be shown without it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tasks: dict[str, Callable[[], object]] = {}
        self._queue: Huey | None = None
        self._wrapped: dict[str, Callable[[], Any]] = {}
        self._last_wake: dict[str, float] = {}

    def register(self, name: str, task: Callable[[], object]) -> None:
        """Add a task that takes nothing, runs each minute and whenever it is woken."""
        self._tasks[name] = task

    def queue(self) -> Huey:
        """Return the queue with every task registered."""
        if self._queue is None:
            self._queue = make_queue(self._settings)
            for name, task in self._tasks.items():
                self._wrapped[name] = self._queue.task(name=name)(task)
                self._queue.periodic_task(crontab(minute="*"), name=f"{name}_each_minute")(task)
        return self._queue

    def wake(self, name: str) -> None:
        """Ask the worker to run a task now, at most twice a second: under load one run serves many rows."""
        now = time.monotonic()
        if now - self._last_wake.get(name, 0.0) < WAKE_EVERY_SECONDS:
            return
        self._last_wake[name] = now
        try:
            self.queue()
            self._wrapped[name]()
        except (sqlite3.Error, psycopg.Error) as error:
            log.warning(
                "the worker could not be woken; the row waits for the next minute", error=type(error).__name__
            )


def make_queue(settings: Settings) -> Huey:
    """Build the queue that fits the database."""
    if settings.uses_sqlite:
        folder = Path(settings.database_url.removeprefix("sqlite:///")).parent
        folder.mkdir(parents=True, exist_ok=True)
        return SqliteHuey("waypost", filename=str(folder / "queue.db"), fsync=True, results=False)
    return PostgresHuey(
        "waypost", dsn=settings.database_url.replace("postgresql+psycopg://", "postgresql://"), results=False
    )


def init_jobs(app: Flask, settings: Settings) -> Jobs:
    """Attach the queue to an application."""
    jobs = Jobs(settings)
    app.extensions["jobs"] = jobs
    return jobs


def wake(name: str) -> None:
    """Wake a task of the present application."""
    jobs: Jobs = current_app.extensions["jobs"]
    jobs.wake(name)

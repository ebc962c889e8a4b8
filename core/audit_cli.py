"""`flask audit …`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from core import audit
from core.db import transaction

audit_cli = AppGroup("audit", help="The audit chain.")


@audit_cli.command("verify")
def verify() -> None:
    """Seal what waits, recompute the chain and name the first broken link."""
    while True:
        with transaction():
            if not audit.seal():
                break
    links, broken = audit.verify()
    if broken is not None:
        raise click.ClickException(f"link {broken.seq}: {broken.reason} ({links} links before it hold)")
    seq, digest = audit.head()
    click.echo(f"{links} links hold; the head is {seq} {digest}")

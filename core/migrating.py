"""Alembic, driven from `flask db …`."""

from __future__ import annotations

import click
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from flask.cli import AppGroup

from core.config import ROOT

db_cli = AppGroup("db", help="Migrations of the database.")


def alembic_config() -> Config:
    """Return alembic's configuration with absolute paths."""
    config = Config(str(ROOT / "migrations" / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config


@db_cli.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database up to a revision."""
    command.upgrade(alembic_config(), revision)


@db_cli.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the database down to a revision."""
    command.downgrade(alembic_config(), revision)


@db_cli.command("check")
def check() -> None:
    """Compare models and schema; exit 1 where they differ."""
    try:
        command.check(alembic_config())
    except CommandError as error:
        raise click.ClickException(str(error)) from error

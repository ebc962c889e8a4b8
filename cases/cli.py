"""`flask cases …`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from cases import queries, services
from cases.exports import FORMATS
from core.clock import utcnow
from core.db import transaction
from core.errors import Invalid

cases_cli = AppGroup("cases", help="Case files.")


@cases_cli.command("export")
@click.option("--format", "name", type=click.Choice(sorted(FORMATS)), default="jsonl", show_default=True)
def export(name: str) -> None:
    """Print one row a case."""
    for line in FORMATS[name](queries.exported_cases()):
        click.echo(line)


@cases_cli.command("route")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def route(file: Path) -> None:
    """Load units, areas and rules from FILE (routing.json); again = update, never duplicates."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        with transaction():
            loaded = services.load_routing(data, now=utcnow())
    except json.JSONDecodeError as error:
        raise click.ClickException(f"{file}: line {error.lineno} is not JSON.") from error
    except Invalid as error:
        sentences = [f"{path}: {' '.join(messages)}" for path, messages in error.errors.items()]
        raise click.ClickException("\n".join(sentences)) from error
    click.echo(f"{loaded.units} units, {loaded.areas} areas, {loaded.rules} rules.")

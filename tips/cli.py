"""`flask tips …` and `flask places …`."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import click
from flask import current_app
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.clock import utcnow
from core.db import transaction
from tips import export as exporting
from tips import places_setup
from tips.contacts import reseal_some
from tips.replay import Tally, count_lines, replay

tips_cli = AppGroup("tips", help="Tips: replay a corpus, export.")
places_cli = AppGroup("places", help="The deployment and its landmarks.")
vault_cli = AppGroup("vault", help="Keys of the sealed fields.")
BAD_LINES_SHOWN = 20


@tips_cli.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def replay_file(file: Path) -> None:
    """Feed FILE, a corpus in JSON lines, through the intake; nothing is sent out."""
    tally, begun = run_replay(file)
    seconds = max(perf_counter() - begun, 1e-6)
    known = tally.counts.total()
    summary = (
        ", ".join(f"{number} {what}" for what, number in sorted(tally.counts.items())) or "nothing to do"
    )
    click.echo(f"{known} tips: {summary}; {known / seconds:.0f} tips/s")
    for number, reason in tally.bad_lines[:BAD_LINES_SHOWN]:
        click.echo(f"line {number} was left out: {reason}", err=True)
    if len(tally.bad_lines) > BAD_LINES_SHOWN:
        click.echo(f"and {len(tally.bad_lines) - BAD_LINES_SHOWN} more lines", err=True)


def run_replay(file: Path) -> tuple[Tally, float]:
    """Replay a file with a progress bar; return the tally and when it began."""
    tally, begun = Tally(), perf_counter()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(file.parent.name, total=count_lines(file))
        for _ in replay(file, vault=current_app.extensions["vault"], tally=tally):
            progress.advance(task)
    return tally, begun


@tips_cli.command("export")
@click.option("--format", "kind", type=click.Choice(exporting.FORMATS), default="jsonl", show_default=True)
def export(kind: str) -> None:
    """Write one row a tip to standard output."""
    for part in exporting.export(kind):
        click.echo(part, nl=False)


@places_cli.command("load")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def load_places(folder: Path) -> None:
    """Read FOLDER/deployment.json, places.csv and, if there, routing.json; again means update."""
    try:
        with transaction():
            loaded = places_setup.load_folder(folder, now=utcnow())
    except places_setup.BadFolder as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{loaded.name}: {loaded.new} new places, {loaded.updated} updated, {loaded.units} units")


@vault_cli.command("rotate")
def rotate() -> None:
    """Seal with the first key whatever an older one sealed."""
    last: int | None = 0
    changed = 0
    while last is not None:
        with transaction():
            last, some = reseal_some(vault=current_app.extensions["vault"], after=last)
        changed += some
    click.echo(f"{changed} numbers were sealed anew")

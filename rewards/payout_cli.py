"""flask rewards payout-file, statement-import: money out and in from the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from core.clock import utcnow
from core.errors import AppError
from rewards import importing
from rewards.bank_files.parsed import LARGEST_FILE
from rewards.services import payout_files


@click.command("payout-file")
@click.argument("batch")
@click.option("--output", type=click.Path(path_type=Path), help="Where to write it; the screen by default.")
def payout_file(batch: str, output: Path | None) -> None:
    """Write the file of a released batch (B-0007), byte for byte as it was sent."""
    try:
        sent = payout_files.payout_file(batch=batch)
    except AppError as error:
        raise click.ClickException(error.detail) from error
    if output is None:
        sys.stdout.write(sent.data.decode())
        return
    output.write_bytes(sent.data)
    click.echo(f"{output}: {len(sent.data)} bytes, SHA-256 {sent.sha256}")


@click.command("statement-import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--account", required=True, help="Short name of the account it is of.")
@click.option("--profile", default="", help="Name of the saved layout, for a CSV file.")
def statement_import(file: Path, account: str, profile: str) -> None:
    """Import a camt.053, MT940 or CSV statement and match its lines; a repeated file adds nothing."""
    if file.stat().st_size > LARGEST_FILE:
        raise click.ClickException("This file is larger than 10 MB. Ask the bank for a shorter period.")
    try:
        done = importing.import_in_steps(
            account=account,
            data=file.read_bytes(),
            file_name=file.name,
            layout=profile,
            actor=None,
            now=utcnow(),
        )
    except AppError as error:
        errors = error.extra.get("errors")
        words = (
            " ".join(" ".join(messages) for messages in errors.values()) if isinstance(errors, dict) else ""
        )
        raise click.ClickException(words or error.detail) from error
    names = ", ".join(done.statements) or "nothing new"
    click.echo(
        f"{names}: {done.added} lines added, {done.known} known before, "
        f"{done.matched} matched, {done.unmatched} wait for somebody."
    )

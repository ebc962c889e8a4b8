"""flask rewards …: check the books, export them, and put money in."""

from __future__ import annotations

import hashlib
import secrets
import sys
from datetime import date, datetime

import click
from flask.cli import AppGroup

from core.clock import utcnow
from core.db import transaction
from core.errors import AppError
from rewards import asof, checks, exporting, guards, money, payout_cli, services

rewards_cli = AppGroup("rewards", help="The reward ledger.")

rewards_cli.add_command(payout_cli.payout_file)
rewards_cli.add_command(payout_cli.statement_import)

DAY = click.DateTime(["%Y-%m-%d"])


@rewards_cli.command("check")
def check() -> None:
    """Verify every invariant; print each violated one and exit 1 if there is any."""
    report = checks.check()
    for violation in report.violations:
        click.echo(str(violation))
    if report.violations:
        raise click.ClickException(f"{len(report.violations)} violated.")
    click.echo(f"{report.entries} entries and {report.events} events hold. Head {report.head}")


@rewards_cli.command("guards")
@click.option("--write", is_flag=True, help="Keep what is there as what should be there (after a migration).")
def guard_texts(write: bool) -> None:
    """Compare the database's guards of the books with the ones this version expects."""
    if write:
        click.echo(f"{guards.write()} guards written.")
        return
    broken = [f"{name}: {words}" for name, words in guards.faults()]
    if broken:
        raise click.ClickException("\n".join(broken))
    click.echo("Every guard is in place.")


@rewards_cli.command("export")
@click.option("--format", "form", type=click.Choice(exporting.FORMATS), default="hledger", show_default=True)
@click.option("--as-of", type=DAY, help="Only entries effective up to this day.")
@click.option("--known-seq", type=click.IntRange(min=0), help="Only what was recorded up to this link.")
def export(form: str, as_of: datetime | None, known_seq: int | None) -> None:
    """Write the whole ledger to the standard output."""
    limits = asof.known(as_of=as_of.date() if as_of else None, seq=known_seq)
    try:
        sys.stdout.write(exporting.export(form=form, limits=limits))
    except AppError as error:
        raise click.ClickException(_words(error)) from error


@rewards_cli.command("close")
@click.argument("period")
@click.option("--soft", is_flag=True, help="Only keep everybody but finance out; can be taken back.")
@click.option("--reopen", is_flag=True, help="Take a soft close back.")
def close(period: str, soft: bool, reopen: bool) -> None:
    """Close the books of a month (2026-03) for good, or say what is in the way."""
    now, key = utcnow(), secrets.token_urlsafe(18)
    try:
        if soft or reopen:
            act = services.reopen if reopen else services.soft_close
            with transaction():
                act(period=period, actor=None, key=key, now=now)
            click.echo(f"{period} is open again." if reopen else f"Only finance books into {period} now.")
            return
        examined = services.examine(period=period, now=now, unmatched=services.lines_waiting)
        for step in examined.steps:
            click.echo(
                f"{'ok  ' if step.holds else 'NO  '}{step.words}{'' if step.holds else f': {step.detail}'}"
            )
        with transaction():
            result = services.close_period(examined=examined, actor=None, key=key, now=now)
    except AppError as error:
        raise click.ClickException(_words(error)) from error
    click.echo(f"{period} is closed. Link {result.seq} says so.")


@rewards_cli.command("deposit")
@click.argument("fund")
@click.argument("amount")
@click.option("--currency", default="USD", show_default=True, help="Of a fund opened by this command.")
@click.option("--source", default="Treasury", show_default=True, help="Who paid, in one word.")
@click.option("--reference", required=True, help="Reference of the statement line; used once.")
@click.option("--on", "day", type=DAY, help="The day it arrived; today by default.")
def deposit(fund: str, amount: str, currency: str, source: str, reference: str, day: datetime | None) -> None:
    """Book money that has arrived at the bank, opening the fund if needed."""
    now = utcnow()
    try:
        with transaction():
            opened = services.ensure_fund(code=fund, currency=currency, now=now)
            result = services.deposit(
                fund=opened.code,
                amount_minor=money.parse_minor(amount, opened.currency),
                source=source,
                reference=reference,
                actor_id=None,
                key=f"deposit:{hashlib.sha256(f'{fund}|{source}|{reference}'.encode()).hexdigest()}",
                now=now,
                effective_on=day.date() if day else None,
            )
    except (AppError, money.MoneyError) as error:
        raise click.ClickException(_words(error)) from error
    click.echo(f"{result.entry}: {amount} {opened.currency} from {source} into {fund}.")


@rewards_cli.command("rate")
@click.argument("currency")
@click.argument("rate")
@click.option("--as-of", type=DAY, required=True, help="The day the rate was seen.")
def rate(currency: str, rate: str, as_of: datetime) -> None:
    """Store what one unit of CURRENCY is worth in the fund's currency, as a new policy version."""
    seen: date = as_of.date()
    try:
        with transaction():
            version = services.set_rate(currency=currency, rate=rate, as_of=seen, actor_id=None, now=utcnow())
    except AppError as error:
        raise click.ClickException(_words(error)) from error
    click.echo(f"Policy version {version}: 1 {currency} = {rate}, seen on {seen}.")


@rewards_cli.command("expire")
def expire() -> None:
    """Forfeit approved shares whose time to collect has run out."""
    with transaction():
        count = services.expire_due(now=utcnow())
    click.echo(f"{count} shares lapsed.")


def _words(error: Exception) -> str:
    errors = getattr(error, "errors", None)
    return " ".join(words for messages in errors.values() for words in messages) if errors else str(error)

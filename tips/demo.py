"""`flask demo load`: a town to look at, made through the real pipeline."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

import accounts.services as account_services
import rewards.services as reward_services
from accounts.roles import Role
from accounts.services import StaffMember
from core.clock import utcnow
from core.db import transaction
from core.web import settings
from tips import demo_rewards, places_setup
from tips.cli import run_replay

demo_cli = AppGroup("demo", help="The demonstration town.")
TOWN = Path(__file__).resolve().parent.parent / "tests" / "corpus" / "maesot"
PASSWORD = "look around the town"
STAFF = (
    ("officer@demo.example", "Anong Officer", Role.OFFICER),
    ("supervisor@demo.example", "Suda Supervisor", Role.SUPERVISOR),
    ("finance@demo.example", "Prasit Finance", Role.FINANCE),
    ("cashier@demo.example", "Malee Cashier", Role.FINANCE),
    ("director@demo.example", "Wichai Director", Role.DIRECTOR),
    ("auditor@demo.example", "Nok Auditor", Role.AUDITOR),
    ("admin@demo.example", "Ari Admin", Role.ADMIN),
)
FUND = 5_000_000
# dollars for one unit, so that goods valued at home can be rewarded
RATES = (("THB", "0.029"), ("MMK", "0.00048"), ("CNY", "0.14"))


@demo_cli.command("load")
def load() -> None:
    """Load the demonstration town into an empty database."""
    if settings().production:
        raise click.ClickException("The demonstration town has known passwords and stays out of production.")
    if account_services.has_staff():
        click.echo("The database is not empty; nothing was loaded.")
        return
    now = utcnow()
    with transaction():
        loaded = places_setup.load_folder(TOWN, now=now)
    click.echo(f"{loaded.name}: {loaded.new} places")
    tally, _ = run_replay(TOWN / "tips.jsonl")
    click.echo(f"{tally.counts.total()} tips filed")
    members = _staff_and_fund(now)
    by_name = {email.partition("@")[0]: member for email, member in members.items()}
    statement = demo_rewards.load_rewards(by_name, folder=settings().upload_dir.parent, now=utcnow())
    if statement is not None:
        click.echo(f"Rewards are under way; {statement} is a bank statement to import.")


@demo_cli.command("sign-ins")
def sign_ins() -> None:
    """Print the demonstration's accounts."""
    click.echo(f"Demo sign-ins (password of all: {PASSWORD})")
    for email, name, role in STAFF:
        click.echo(f"  {email:<26} {role:<11} {name}")


def _staff_and_fund(now: datetime) -> dict[str, StaffMember]:
    members: dict[str, StaffMember] = {}
    with transaction():
        for email, name, role in STAFF:
            members[email] = account_services.create_staff(
                email=email,
                name=name,
                role=role,
                password=PASSWORD,
                vault=current_app.extensions["vault"],
                now=now,
            )
    finance = members["finance@demo.example"]
    with transaction():
        fund = reward_services.ensure_fund(code="GEN", name="General reward fund", currency="USD", now=now)
        reward_services.deposit(
            fund=fund.code, amount_minor=FUND, source="Treasury", reference="opening", actor_id=finance.id,
            key="demo-deposit", now=now,
        )  # fmt: skip
    for currency, rate in RATES:
        with transaction():
            reward_services.set_rate(
                currency=currency, rate=rate, as_of=now.date(), actor_id=finance.id, now=now
            )
    return members

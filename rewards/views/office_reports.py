"""The reports of the reward office, each a page and a CSV file, and the proof of the chain."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import Blueprint, Response

from accounts.permissions import current_user, requires
from accounts.roles import Role
from core.clock import utcnow
from core.db import db
from core.errors import NotAllowed, NotFound
from core.web import render
from rewards import asof, desk_reports, reports, words
from rewards.models import LedgerPeriod
from rewards.periods import PeriodState
from rewards.tables import Report, csv_rows
from rewards.views.tables import csv_response

READERS = (Role.FINANCE, Role.DIRECTOR, Role.AUDITOR)
# patterns name members of staff, so finance, which works beside them, does not read them
OF_PEOPLE = (Role.DIRECTOR, Role.AUDITOR)

REPORTS: dict[str, Callable[[], Report]] = {
    "approval-queue": lambda: desk_reports.approval_queue(now=utcnow()),
    "ageing": lambda: desk_reports.ageing(now=utcnow()),
    "forfeitures": desk_reports.forfeitures,
    "separation-of-duties": desk_reports.duty_violations,
    "patterns": desk_reports.unusual,
}

blueprint = Blueprint("office_reports", __name__)


@blueprint.get("/rewards/reports")
@requires(*READERS)
def index() -> Response:
    """List the reports."""
    return render("rewards/reports.html", of_people=current_user().role in OF_PEOPLE)


@blueprint.get("/rewards/reports/<name>")
@requires(*READERS)
def report(name: str) -> Response:
    """Show one report."""
    return render("rewards/report.html", report=_report(name), words=words)


@blueprint.get("/rewards/reports/<name>.csv")
@requires(*READERS)
def report_csv(name: str) -> Response:
    """Download one report."""
    found = _report(name)
    return csv_response(found.name, found.columns, csv_rows(found))


@blueprint.get("/rewards/chain")
@requires(*READERS)
def chain_proof() -> Response:
    """Show the newest link, the links published before, and how anybody can verify them."""
    return render("rewards/chain.html", head=reports.chain_head(), published=_published(), now=utcnow())


@blueprint.get("/rewards/chain.csv")
@requires(*READERS)
def chain_csv() -> Response:
    """Download the published links."""
    rows = [(name, seq, head, "yes" if holds else "no") for name, _, seq, head, holds in _published()]
    return csv_response("chain", ("Period", "Link", "Head", "Unchanged"), rows)


def _published() -> list[tuple[str, object, int, str, bool]]:
    """Read the heads that closed months have kept, and whether the chain still has them."""
    rows = db.session.scalars(
        sa.select(LedgerPeriod)
        .where(LedgerPeriod.state == PeriodState.CLOSED)
        .order_by(LedgerPeriod.ends_on.desc())
    )
    found: list[tuple[str, object, int, str, bool]] = []
    for row in rows:
        kept = (row.head_hash or b"").hex()
        found.append((row.name, row.closed_at, row.seq or 0, kept, asof.head_at(row.seq)[1] == kept))
    return found


def _report(name: str) -> Report:
    make = REPORTS.get(name)
    if make is None:
        raise NotFound("There is no such report.")
    if name == "patterns" and current_user().role not in OF_PEOPLE:
        raise NotAllowed("Your role does not permit this.")
    return make()

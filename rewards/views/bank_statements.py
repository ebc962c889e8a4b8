"""Statements on screen: import a file, see what fitted, and set up the layout of a CSV file by looking at it."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import Role
from core.clock import utcnow
from core.db import transaction
from core.errors import Conflict, Invalid, TooLarge
from core.jobs import wake
from core.web import PAGE_SIZE, Page, page_number, render
from rewards import importing, line_desk, payout_queries, payout_words, statement_desk, words
from rewards.bank_files.parsed import LARGEST_FILE
from rewards.forms import form, query
from rewards.line_desk import LineRow
from rewards.money import plain
from rewards.payout_kinds import Purpose
from rewards.payout_schemas import ImportSchema, ReasonSchema, StatementListArgs
from rewards.services import discarding
from rewards.services.bank_statements import Imported
from rewards.views.tables import csv_response

READERS = (Role.FINANCE, Role.DIRECTOR, Role.AUDITOR)
DECIDERS = (Role.FINANCE, Role.DIRECTOR)
LINES_SHOWN = 200

blueprint = Blueprint("bank_statements", __name__)


@blueprint.before_request
def _allow_long_statements() -> None:
    if request.path == "/rewards/statements":
        request.max_content_length = LARGEST_FILE + 100_000


@blueprint.get("/rewards/statements")
@requires(*READERS)
def statement_list() -> Response:
    """Show the imported statements and offer to import one."""
    return _list_page()


@blueprint.post("/rewards/statements")
@requires(*DECIDERS)
def import_file() -> BaseResponse:
    """Import a statement file and match its lines."""
    try:
        values = form(ImportSchema())
        name, data = _uploaded()
        done = importing.import_in_steps(
            data=data,
            file_name=name,
            actor=current_user(),
            now=utcnow(),
            most=importing.MOST_AWAITED,
            **values,
        )
    except Invalid as error:
        return _list_page(errors=error.errors, status=error.status)
    except Conflict as error:
        return _list_page(errors={"file": [error.detail]}, status=error.status)
    if done.later:
        wake("match_lines")
    flash(_told(done), "good" if done.unmatched == 0 else "warn")
    if len(done.statements) == 1:
        return redirect(url_for(".statement_page", name=done.statements[0]), 303)
    return redirect(url_for(".statement_list"), 303)


@blueprint.get("/rewards/statements.csv")
@requires(*READERS)
def statements_csv() -> Response:
    """Download the list of statements."""
    headings = (
        "statement", "account", "format", "from", "to", "currency", "opening", "closing", "lines", "matched", "open",
    )  # fmt: skip
    rows = [
        (
            row.name,
            row.account,
            row.format,
            row.from_on.isoformat(),
            row.to_on.isoformat(),
            row.currency,
            _major(row.opening, row.currency),
            _major(row.closing, row.currency),
            row.lines,
            row.matched,
            row.open,
        )
        for row in statement_desk.statement_rows()
    ]
    return csv_response("statements", headings, rows)


@blueprint.get("/rewards/statements/<name>")
@requires(*READERS)
def statement_page(name: str) -> Response:
    """Show one statement: its lines, what fitted, and the bank's balance beside the books'."""
    return _statement_page(name)


@blueprint.get("/rewards/statements/<name>/progress")
@requires(*READERS)
def progress(name: str) -> Response:
    """Tell how far the worker has come with a long statement; once it is through, load the page anew."""
    shown = statement_desk.statement_page(name, limit=0)
    answer = render("rewards/_progress.html", shown=shown)
    if not shown.new:
        answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("/rewards/statements/<name>/discard")
@requires(*DECIDERS)
def discard(name: str) -> BaseResponse:
    """Throw an import away that was read wrongly."""
    try:
        values = form(ReasonSchema())
        with transaction():
            discarding.discard_import(statement=name, actor=current_user(), now=utcnow(), **values)
    except Invalid as error:
        return _statement_page(name, errors=error.errors, status=error.status)
    except Conflict as error:
        return _statement_page(name, refusal=error.detail, status=error.status)
    flash(f"{name} is discarded. Import the file again.", "good")
    return redirect(url_for(".statement_list"), 303)


@blueprint.get("/rewards/statements/discarded.csv")
@requires(*READERS)
def discarded_csv() -> Response:
    """Download the imports that were thrown away."""
    headings = ("statement", "account", "file", "format", "lines", "discarded by", "discarded", "why")
    rows = [
        (line.name, line.account, line.file_name, line.format, line.lines, line.who, line.at.isoformat(), line.reason)
        for line in statement_desk.discarded_lines()
    ]  # fmt: skip
    return csv_response("discarded", headings, rows)


def _statement_page(
    name: str, *, errors: dict[str, list[str]] | None = None, refusal: str = "", status: int = 200
) -> Response:
    number = page_number()
    shown = statement_desk.statement_page(name, limit=LINES_SHOWN, offset=(number - 1) * LINES_SHOWN)
    return render(
        "rewards/statement.html",
        status=status,
        shown=shown,
        errors=errors or {},
        refusal=refusal,
        new_key=lambda: secrets.token_urlsafe(18),
        pager=Page(number, LINES_SHOWN, shown.row.lines),
        may_decide=current_user().role in DECIDERS,
        payout=payout_words,
        words=words,
    )


@blueprint.get("/rewards/statements/<name>/lines.csv")
@requires(*READERS)
def lines_csv(name: str) -> Response:
    """Download the lines of a statement with what was made of them."""
    page = statement_desk.statement_page(name)
    return csv_response(name, LINE_HEADINGS, [line_cells(line) for line in (*page.booked, *page.pending)])


@blueprint.get("/rewards/statements/<name>/balance.csv")
@requires(*READERS)
def balance_csv(name: str) -> Response:
    """Download the bank's closing balance beside the books'."""
    page = statement_desk.statement_page(name, limit=0)
    left = page.difference - page.not_booked if page.difference is not None else None
    rows = [
        (words_, _major(amount, page.row.currency), page.row.currency)
        for words_, amount in (
            ("bank, closing balance", page.row.closing),
            (f"books, {page.ledger_name}", page.in_books),
            ("difference", page.difference),
            ("of it, lines that are not in the books", page.not_booked),
            ("left to explain", left),
        )
    ]
    return csv_response(f"{name}-balance", ("what", "amount", "currency"), rows)


LINE_HEADINGS = (
    "line", "account", "day", "amount", "currency", "vouchers", "text", "bank reference", "bank code", "state",
    "taken for", "entry", "by", "why", "owner", "note", "since",
)  # fmt: skip


def line_cells(line: LineRow) -> tuple[object, ...]:
    """Return one line as the cells of LINE_HEADINGS."""
    return (
        line.name,
        line.account,
        line.booked_on.isoformat(),
        plain(line.amount, line.currency),
        line.currency,
        " ".join(line.vouchers),
        line.text,
        line.servicer_ref,
        line.code,
        payout_words.LINE_STATES[line.state][0],
        payout_words.MATCHES.get(line.match, ""),
        " ".join(part.entry for part in line.parts if part.entry),
        line.matched_by,
        payout_words.WHYS.get(line.why, ""),
        line.owner,
        line.note,
        line.since.date().isoformat(),
    )


def _list_page(*, errors: dict[str, list[str]] | None = None, status: int = 200) -> Response:
    account = query(StatementListArgs())["account"]
    page = Page(page_number(), PAGE_SIZE, statement_desk.count_statements(account))
    return render(
        "rewards/statements.html",
        "rewards/_statements.html",
        status=status,
        account=account,
        accounts=payout_queries.accounts(),
        layouts=payout_queries.profiles(Purpose.STATEMENT),
        chosen_layout=request.values.get("layout", ""),
        pager=page,
        rows=statement_desk.statement_rows(account=account, limit=page.size, offset=page.offset),
        waiting=line_desk.count_exceptions(),
        discarded=statement_desk.discarded_lines(),
        may_decide=current_user().role in DECIDERS,
        errors=errors or {},
        payout=payout_words,
        words=words,
    )


def _uploaded() -> tuple[str, bytes]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid({"file": ["Choose the file that the bank gave you."]})
    data = file.stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise TooLarge("This file is larger than 10 MB. Ask the bank for a shorter period.")
    return file.filename, data


def _told(done: Imported) -> str:
    if not done.added:
        return "Every line of this file was known already. Nothing was added."
    known = f" {done.known} were known already." if done.known else ""
    lines = "1 line" if done.added == 1 else f"{done.added} lines"
    if done.later:
        return f"{lines} added. They are being matched in the background.{known}"
    if not done.unmatched:
        return f"{lines} added, all of them matched.{known}"
    waits = "1 waits" if done.unmatched == 1 else f"{done.unmatched} wait"
    return f"{lines} added, {done.matched} matched; {waits} for somebody.{known}"


def _major(amount: int | None, currency: str) -> str:
    return "" if amount is None else plain(amount, currency)

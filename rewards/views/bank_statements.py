"""Statements on screen: import a file, see what fitted, and set up the layout of a CSV file by looking at it."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import Role
from core.clock import utcnow
from core.db import transaction
from core.errors import Conflict, Invalid, TooLarge
from core.web import PAGE_SIZE, Page, page_number, render
from rewards import payout_queries, payout_words, statement_desk, words
from rewards.bank_files import columns
from rewards.bank_files.parsed import LARGEST_FILE, FileFault, ParsedStatement
from rewards.forms import form, query
from rewards.money import plain
from rewards.payout_kinds import Purpose
from rewards.payout_schemas import ImportSchema, StatementListArgs
from rewards.services import accounts_and_layouts, bank_statements
from rewards.services.bank_statements import Imported
from rewards.statement_desk import LineRow
from rewards.views.tables import csv_response

READERS = (Role.FINANCE, Role.DIRECTOR, Role.AUDITOR)
DECIDERS = (Role.FINANCE, Role.DIRECTOR)
LARGEST_SAMPLE = 200_000

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
        with transaction():
            done = bank_statements.import_statement(
                data=data, file_name=name, actor=current_user(), now=utcnow(), **values
            )
    except Invalid as error:
        return _list_page(errors=error.errors, status=error.status)
    except Conflict as error:
        return _list_page(errors={"file": [error.detail]}, status=error.status)
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
    return render(
        "rewards/statement.html",
        shown=statement_desk.statement_page(name),
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


@blueprint.route("/rewards/statements/layouts", methods=["GET", "POST"])
@requires(*DECIDERS)
def layouts() -> BaseResponse:
    """Set up the layout of a CSV file: choose what each column means and look at the result."""
    if request.method == "GET":
        return _layout_page()
    try:
        sample = _sample()
        body = request.form.to_dict()
        if "day" not in body:
            return _first_look(sample)
        layout = columns.load_layout(body)
        parsed = columns.read_csv(sample, layout, currency=_currency(), name="preview")
        if request.form.get("act") == "save":
            with transaction():
                name = accounts_and_layouts.save_layout(
                    name=request.form.get("name", ""),
                    purpose=Purpose.STATEMENT,
                    body=columns.dump_layout(layout),
                    actor=current_user(),
                    now=utcnow(),
                )
            flash(f"The layout {name} is saved. Import the file with it.", "good")
            return redirect(url_for(".statement_list", layout=name), 303)
    except (FileFault, Invalid) as error:
        return _layout_page(fault=error, sample=_sample_or_none(), status=Invalid.status)
    return _layout_page(sample=sample, layout=layout, parsed=parsed)


def _first_look(sample: bytes) -> Response:
    """Show a sample by a guess; a person chooses what the guess could not find."""
    guess = columns.guessed_layout(sample)
    try:
        layout = columns.load_layout(columns.dump_layout(guess))
        parsed = columns.read_csv(sample, layout, currency=_currency(), name="preview")
    except FileFault:
        return _layout_page(sample=sample, layout=guess)
    return _layout_page(sample=sample, layout=guess, parsed=parsed)


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
        line.entry,
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
        waiting=statement_desk.count_exceptions(),
        may_decide=current_user().role in DECIDERS,
        errors=errors or {},
        payout=payout_words,
        words=words,
    )


def _layout_page(
    *,
    sample: bytes | None = None,
    layout: columns.StatementLayout | None = None,
    parsed: ParsedStatement | None = None,
    fault: FileFault | Invalid | None = None,
    status: int = 200,
) -> Response:
    if sample is not None and layout is None:
        layout = _tried_layout(sample)
    rows = columns.rows_of(sample, columns.DELIMITERS[layout.delimiter]) if sample and layout else []
    headings = rows[layout.heading_row - 1] if layout and len(rows) >= layout.heading_row else []
    return render(
        "rewards/layout.html",
        status=status,
        accounts=payout_queries.accounts(),
        account=request.form.get("account", ""),
        name=request.form.get("name", ""),
        sample=base64.b64encode(sample).decode() if sample else "",
        layout=layout,
        headings=[heading for heading in headings if heading],
        rows=rows[layout.heading_row : layout.heading_row + columns.PREVIEW_ROWS] if layout else [],
        parsed=parsed,
        preview=parsed.lines[: columns.PREVIEW_ROWS] if parsed else (),
        errors=_words_of(fault),
        choices=columns,
        words=words,
    )


def _tried_layout(sample: bytes) -> columns.StatementLayout | None:
    known: dict[str, Any] = {name: value for name, value in request.form.items() if name in _LAYOUT_FIELDS}
    try:
        return (
            columns.StatementLayout(**{**known, "heading_row": int(known.get("heading_row", "1"))})
            if ("day" in known)
            else columns.guessed_layout(sample)
        )
    except (FileFault, ValueError):
        return None


_LAYOUT_FIELDS = set(columns.dump_layout(columns.StatementLayout(day="")))


def _words_of(fault: FileFault | Invalid | None) -> dict[str, list[str]]:
    if fault is None:
        return {}
    return fault.errors if isinstance(fault, Invalid) else {"layout": [str(fault)]}


def _uploaded() -> tuple[str, bytes]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid({"file": ["Choose the file that the bank gave you."]})
    data = file.stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise TooLarge("This file is larger than 10 MB. Ask the bank for a shorter period.")
    return file.filename, data


def _sample() -> bytes:
    sample = _sample_or_none()
    if sample is None:
        raise Invalid({"file": ["Choose a file, so that its columns can be shown."]})
    if len(sample) > LARGEST_SAMPLE:
        raise Invalid({"file": ["Choose a shorter sample, up to 200 kB; the layout then reads any length."]})
    return sample


def _sample_or_none() -> bytes | None:
    file = request.files.get("file")
    if file is not None and file.filename:
        return file.stream.read(LARGEST_SAMPLE + 1) or None
    try:
        return base64.b64decode(request.form.get("sample", ""), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _currency() -> str:
    return payout_queries.account_by_code(request.form.get("account", "")).currency


def _told(done: Imported) -> str:
    if not done.added:
        return "Every line of this file was known already. Nothing was added."
    known = f" {done.known} were known already." if done.known else ""
    if not done.unmatched:
        return f"{done.added} lines added, all of them matched.{known}"
    return f"{done.added} lines added, {done.matched} matched; {done.unmatched} wait for somebody.{known}"


def _major(amount: int | None, currency: str) -> str:
    return "" if amount is None else plain(amount, currency)

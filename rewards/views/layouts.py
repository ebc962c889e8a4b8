"""Set up the layout of a CSV file by looking at a sample."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import Role
from core.clock import utcnow
from core.db import transaction
from core.errors import Invalid
from core.web import render
from rewards import payout_queries, words
from rewards.bank_files import columns
from rewards.bank_files.parsed import FileFault, ParsedLine, ParsedStatement
from rewards.money import plain
from rewards.payout_kinds import Purpose
from rewards.services import accounts_and_layouts
from rewards.views.tables import csv_response

LARGEST_SAMPLE = 200_000
DECIDERS = (Role.FINANCE, Role.DIRECTOR)
READ_HEADINGS = ("day", "vouchers", "receipt", "text", "state", "amount", "currency")

blueprint = Blueprint("layouts", __name__)


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
        if request.form.get("act") == "csv":
            return csv_response("preview", READ_HEADINGS, [_read_cells(line) for line in parsed.lines])
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
            return redirect(f"/rewards/statements?{urlencode({'layout': name})}", 303)
    except (FileFault, Invalid) as error:
        return _layout_page(fault=error, sample=_sample_or_none(), status=Invalid.status)
    return _layout_page(sample=sample, layout=layout, parsed=parsed)


def _read_cells(line: ParsedLine) -> tuple[str, ...]:
    """Return one row of a sample as it is read."""
    return (
        line.booked_on.isoformat(),
        " ".join(line.vouchers),
        line.servicer_ref,
        line.text,
        "kept aside" if line.pending else "booked",
        plain(line.amount, line.currency),
        line.currency,
    )


def _first_look(sample: bytes) -> Response:
    """Show a sample by a guess; a person chooses what the guess could not find."""
    guess = columns.guessed_layout(sample)
    try:
        layout = columns.load_layout(columns.dump_layout(guess))
        parsed = columns.read_csv(sample, layout, currency=_currency(), name="preview")
    except FileFault as fault:
        return _layout_page(sample=sample, layout=guess, fault=fault)
    return _layout_page(sample=sample, layout=guess, parsed=parsed)


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
    rows = _rows(sample, layout) if sample and layout else []
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
    """Return what was chosen so far, sound or not; None for a sample that shows nothing."""
    known: dict[str, Any] = {name: value for name, value in request.form.items() if name in _LAYOUT_FIELDS}
    if "day" in known:
        row = known.get("heading_row", "")
        known["heading_row"] = int(row) if row.isascii() and row.isdigit() and 0 < len(row) < 3 else 1
        return columns.StatementLayout(**known)
    try:
        return columns.guessed_layout(sample)
    except FileFault:
        return None


def _rows(sample: bytes, layout: columns.StatementLayout) -> list[list[str]]:
    try:
        return columns.rows_of(sample, columns.DELIMITERS.get(layout.delimiter, ","))
    except FileFault:
        return []


_LAYOUT_FIELDS = set(columns.dump_layout(columns.StatementLayout(day="")))


def _words_of(fault: FileFault | Invalid | None) -> dict[str, list[str]]:
    if fault is None:
        return {}
    return fault.errors if isinstance(fault, Invalid) else {"layout": [str(fault)]}


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

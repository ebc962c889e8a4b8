"""Hand a table out as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from rewards.payout_csv import table_csv


def csv_response(name: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> Response:
    """Return a table as a file that a spreadsheet opens without running anything."""
    response = Response(table_csv(headings, rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response

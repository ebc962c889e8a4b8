"""Find out what a statement file is and read it. PURE."""

from __future__ import annotations

from rewards.bank_files.camt import looks_like_xml, read_camt
from rewards.bank_files.columns import StatementLayout, read_csv
from rewards.bank_files.parsed import FileFault, ParsedStatement
from rewards.bank_files.swift import looks_like_mt940, read_mt940


def read_file(
    data: bytes, *, currency: str, layout: StatementLayout | None = None, layout_name: str = ""
) -> tuple[ParsedStatement, ...]:
    """Return the statements of a camt.053, MT940 or, by a layout, CSV file; raise FileFault."""
    if not data.strip():
        raise FileFault("This file is empty.")
    if looks_like_xml(data):
        return read_camt(data)
    if looks_like_mt940(data):
        return read_mt940(data)
    if layout is None:
        raise FileFault("This is neither camt.053 nor MT940. If it is CSV, choose its layout.")
    return (read_csv(data, layout, currency=currency, name=layout_name),)


def same_account(written: str, known: str, currency: str) -> bool:
    """Tell whether a file's account is ours, however it is prefixed by the bank or suffixed by the currency."""
    if not written:
        return True  # a CSV file does not say
    ours = "".join(known.upper().split())
    theirs = "".join(written.upper().split())
    bare = theirs.rsplit("/", 1)[-1]
    return ours in {theirs, bare, bare.removesuffix(currency)}

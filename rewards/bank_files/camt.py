"""Read camt.053 bank statements, ISO 20022 versions .001.02 and .001.08. PURE.

A statement is a file from outside: it must be UTF-8, may define no entities and reach for nothing. What the
reader does not know in the parts it needs, it refuses, rather than guess about money.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from lxml import etree

from rewards.bank_files.parsed import (
    LARGEST_FILE,
    FileFault,
    ParsedLine,
    ParsedStatement,
    kept_text,
    require_size,
    require_sum,
    sequence_number,
    short_ref,
    to_minor,
    vouchers_in,
)

VERSIONS: Final = {
    f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}": f"camt.053.001.{version}"
    for version in ("02", "08")
}
CREDIT, DEBIT = "CRDT", "DBIT"
OPENINGS, CLOSINGS = ("OPBD", "PRCD"), ("CLBD",)
CHARGES: Final = "CHRG"
BOOKED, ASIDE = "BOOK", ("PDNG", "INFO", "FUTR")


def read_camt(data: bytes) -> tuple[ParsedStatement, ...]:
    """Return the statements of a file; raise FileFault saying what is wrong with it."""
    root = _safe_root(data)
    name = etree.QName(root)
    form = VERSIONS.get(name.namespace or "")
    if form is None or name.localname != "Document":
        raise FileFault("This XML is not camt.053.001.02 or camt.053.001.08. Choose that format at the bank.")
    reader = _Reader(name.namespace or "")
    statements = tuple(
        reader.statement(element, form) for element in reader.every(root, "BkToCstmrStmt/Stmt")
    )
    if not statements:
        raise FileFault("There is no statement in this file.")
    for statement in statements:
        require_sum(statement)
    return statements


def looks_like_xml(data: bytes) -> bool:
    """Tell whether a file begins as XML does, in whatever encoding."""
    return data.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<")


def _safe_root(data: bytes) -> etree._Element:
    if len(data) > LARGEST_FILE:
        raise FileFault("This file is larger than 10 MB. Ask the bank for a shorter period.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:64]:
        raise FileFault("This file is UTF-16. Save it as UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFault("This file is not UTF-8. Save it as UTF-8.") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise FileFault("This file defines entities, which a bank statement never does. It was not opened.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        root: etree._Element = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise FileFault(f"This is not sound XML: {error.msg}.") from error
    return root


class _Reader:
    """Reads elements of one version's namespace."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def every(self, parent: etree._Element, path: str) -> list[etree._Element]:
        found: list[etree._Element] = parent.findall(
            "/".join(f"{{{self._namespace}}}{name}" for name in path.split("/"))
        )
        return found

    def text(self, parent: etree._Element, *paths: str) -> str:
        """Return the text of the first path that is there, or nothing."""
        for path in paths:
            for found in self.every(parent, path):
                if found.text and found.text.strip():
                    return str(found.text.strip())
        return ""

    def need(self, parent: etree._Element, path: str) -> str:
        found = self.text(parent, path)
        if not found:
            raise FileFault(f"A {etree.QName(parent).localname} of this file has no {path}.")
        return found

    def statement(self, element: etree._Element, form: str) -> ParsedStatement:
        account = self.text(element, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
        if not account:
            raise FileFault("A statement of this file does not say which account it is of.")
        currency = self.text(element, "Acct/Ccy")
        entries = self.every(element, "Ntry")
        lines = tuple(line for entry in entries for line in self._entry(entry))
        require_size(lines)
        opening, opened_on, opened_in = self._balance(element, OPENINGS)
        closing, closed_on, closed_in = self._balance(element, CLOSINGS)
        sequence = self.text(element, "ElctrncSeqNb", "LglSeqNb")
        if closing is None:
            raise FileFault("A statement of this file has no closing balance, so nothing proves it complete.")
        if opening is None:  # some banks send the closing balance alone
            opening = closing - sum(line.amount for line in lines if not line.pending)
        return ParsedStatement(
            format=form,
            account=account,
            currency=currency or closed_in or opened_in,
            bank_ref=short_ref(self.need(element, "Id")),
            lines=lines,
            opening=opening,
            closing=closing,
            sequence=sequence_number(sequence),
            from_on=_day_or_none(self.text(element, "FrToDt/FrDtTm")) or opened_on,
            to_on=_day_or_none(self.text(element, "FrToDt/ToDtTm")) or closed_on,
        )

    def _balance(
        self, element: etree._Element, kinds: tuple[str, ...]
    ) -> tuple[int | None, date | None, str]:
        for balance in self.every(element, "Bal"):
            if self.text(balance, "Tp/CdOrPrtry/Cd") in kinds and not self.text(balance, "Tp/SubTp/Cd"):
                amount, currency = self._amount(balance)
                return amount, _day_or_none(self.text(balance, "Dt/Dt", "Dt/DtTm")), currency
        return None, None, ""

    def _amount(self, parent: etree._Element, *paths: str) -> tuple[int, str]:
        for path in paths or ("Amt",):
            for found in self.every(parent, path):
                currency = found.get("Ccy", "")
                size = to_minor(found.text or "", currency)
                if size < 0:
                    raise FileFault("An amount of this file is below zero; its direction is told apart.")
                return size * self._direction(parent), currency
        raise FileFault(f"A {etree.QName(parent).localname} of this file has no amount.")

    def _direction(self, parent: etree._Element) -> int:
        word = self.need(parent, "CdtDbtInd")
        if word not in (CREDIT, DEBIT):
            raise FileFault(f"{word[:10]!r} is neither credit nor debit.")
        return 1 if word == CREDIT else -1

    def _entry(self, entry: etree._Element) -> Iterator[ParsedLine]:
        """Yield one line for each transaction of an entry, for a bank may book many in one sum."""
        amount, currency = self._amount(entry)
        details = self.every(entry, "NtryDtls/TxDtls")
        parts = [self._part(detail, entry) for detail in details]
        split = [size for size, coin in parts if size is not None and coin == currency]
        if len(details) > 1:
            if len(split) != len(details) or sum(split) != amount:
                raise FileFault("An entry of this file is not the sum of its transactions.")
            for detail, size in zip(details, split, strict=True):
                yield self._line(entry, detail, size, currency)
        elif amount:
            line = self._line(entry, details[0] if details else None, amount, currency)
            charges = amount - split[0] if split else 0
            if charges < 0 and split[0] < 0 and -charges == self._charges(entry, *details):
                yield replace(line, amount=split[0])
                yield replace(line, amount=charges, vouchers=(), text="Charges", code=CHARGES)
            else:
                yield line

    def _charges(self, *parents: etree._Element) -> int:
        """Add up what the bank says it took for itself, at the first place where it says so."""
        for path in ("Chrgs/TtlChrgsAndTaxAmt", "Chrgs/Rcrd/Amt", "Chrgs/Amt"):
            for parent in parents:
                if found := self.every(parent, path):
                    return sum(to_minor(one.text or "", one.get("Ccy", "")) for one in found)
        return 0

    def _part(self, detail: etree._Element, entry: etree._Element) -> tuple[int | None, str]:
        for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"):
            for found in self.every(detail, path):
                owner = detail if self.text(detail, "CdtDbtInd") else entry
                currency = found.get("Ccy", "")
                return to_minor(found.text or "", currency) * self._direction(owner), currency
        return None, ""

    def _line(
        self, entry: etree._Element, detail: etree._Element | None, amount: int, currency: str
    ) -> ParsedLine:
        status = self.text(entry, "Sts/Cd", "Sts")
        if status != BOOKED and status not in ASIDE:
            raise FileFault(f"An entry of this file has the unknown status {status[:10]!r}.")
        within = entry if detail is None else detail
        end_to_end = self.text(within, "Refs/EndToEndId")
        remittance = [found.text or "" for found in self.every(within, "RmtInf/Ustrd")]
        structured = self.text(within, "RmtInf/Strd/CdtrRefInf/Ref")
        extra = self.text(within, "AddtlTxInf") or self.text(entry, "AddtlNtryInf")
        reference = self.text(within, "Refs/AcctSvcrRef") or self.text(entry, "AcctSvcrRef")
        return ParsedLine(
            booked_on=_day(self.text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")),
            value_on=_day_or_none(self.text(entry, "ValDt/Dt", "ValDt/DtTm")),
            amount=amount,
            currency=currency,
            vouchers=vouchers_in(end_to_end, structured, *remittance, extra),
            text=kept_text(short_ref(end_to_end), structured, *remittance, extra),
            servicer_ref=short_ref(reference),
            code=self._code(within) or self._code(entry),
            reversal=self.text(entry, "RvslInd").lower() in {"true", "1"},
            pending=status != BOOKED,
        )

    def _code(self, parent: etree._Element) -> str:
        domain = [self.text(parent, f"BkTxCd/Domn/{path}") for path in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")]
        return short_ref("/".join(part for part in domain if part) or self.text(parent, "BkTxCd/Prtry/Cd"))[
            :40
        ]


def _day(text: str) -> date:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError as error:
        raise FileFault(f"{text[:30]!r} is not a day.") from error


def _day_or_none(text: str) -> date | None:
    return _day(text) if text else None

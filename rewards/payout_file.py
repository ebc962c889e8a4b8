"""Write a payout batch as ISO 20022 pain.001.001.09 and read it back. PURE.

The only link between a payment and a reward is the voucher's random reference: no tip, case, name or place
ever stands in the file. Element order and lengths follow the ISO 20022 schema of 2019-02-14.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from stdnum import iban

from rewards.money import checked_minor, exponent, parse_minor, plain

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
ITEM_REF: Final = re.compile(r"P-[0-9A-HJKMNP-TV-Z]{8}\Z")
VOUCHER: Final = re.compile(r"V-[0-9A-HJKMNP-TV-Z]{8}\Z")
MESSAGE_ID: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,34}\Z")
NO_BIC: Final = "NOTPROVIDED"
# what every bank takes in names and identifiers (SWIFT character set x without the slash)
PLAIN_TEXT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ().,'+?:-]*\Z")


class PayoutFault(ValueError):
    """Say what makes a batch unfit to be sent."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One voucher to be paid; the amount in minor units."""

    ref: str
    voucher: str
    amount: int


@dataclass(frozen=True, slots=True)
class Payer:
    """The account that pays, and the pool that the bank pays vouchers from."""

    holder: str
    number: str
    bic: str
    pool_name: str
    pool_number: str


@dataclass(frozen=True, slots=True)
class Order:
    """Everything a payout file says."""

    message_id: str
    created_at: datetime
    pay_on: date
    currency: str
    payer: Payer
    payments: tuple[Payment, ...]

    @property
    def total(self) -> int:
        """Add the payments up."""
        return sum(payment.amount for payment in self.payments)


def require_payable(order: Order) -> None:
    """Refuse what a schema lets pass: sums, counts, decimals, amounts of zero, references used twice."""
    exponent(order.currency)
    if not order.payments:
        raise PayoutFault("There is nothing to pay in this batch.")
    if not MESSAGE_ID.match(order.message_id):
        raise PayoutFault("A message id has at most 35 capital letters, figures and dashes.")
    for payment in order.payments:
        checked_minor(payment.amount)
        if not ITEM_REF.match(payment.ref) or not VOUCHER.match(payment.voucher):
            raise PayoutFault("A payment carries nothing but its two random references.")
    for name in ("ref", "voucher"):
        if len({getattr(payment, name) for payment in order.payments}) < len(order.payments):
            raise PayoutFault("A reference stands twice in this batch.")
    for text in (order.payer.holder, order.payer.pool_name, order.payer.number, order.payer.pool_number):
        if not PLAIN_TEXT.match(text):
            raise PayoutFault("Names and numbers of accounts take plain Latin letters and figures only.")


def to_pain_001(order: Order) -> bytes:
    """Write the file; raise PayoutFault for an order no bank should see."""
    require_payable(order)
    count, total = str(len(order.payments)), plain(order.total, order.currency)
    root = ET.Element("Document", xmlns=NAMESPACE)
    initiation = ET.SubElement(root, "CstmrCdtTrfInitn")
    header = ET.SubElement(initiation, "GrpHdr")
    _text(header, "MsgId", order.message_id)
    _text(header, "CreDtTm", order.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _text(header, "NbOfTxs", count)
    _text(header, "CtrlSum", total)
    _text(header, "InitgPty/Nm", order.payer.holder)
    block = ET.SubElement(initiation, "PmtInf")
    _text(block, "PmtInfId", f"{order.message_id}-1"[:35])
    _text(block, "PmtMtd", "TRF")
    _text(block, "BtchBookg", "false")
    _text(block, "NbOfTxs", count)
    _text(block, "CtrlSum", total)
    _text(block, "ReqdExctnDt/Dt", order.pay_on.isoformat())
    _text(block, "Dbtr/Nm", order.payer.holder)
    account = ET.SubElement(block, "DbtrAcct")
    _account(account, order.payer.number)
    _text(account, "Ccy", order.currency)
    _text(block, "DbtrAgt/FinInstnId/BICFI", order.payer.bic) if order.payer.bic else _text(
        block, "DbtrAgt/FinInstnId/Othr/Id", NO_BIC
    )
    for payment in order.payments:
        _payment(block, payment, order)
    ET.indent(root)
    body: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()


def from_pain_001(data: bytes) -> Order:
    """Read one of our own files back, to prove that it says what the batch says."""
    root = ET.fromstring(data.decode("utf-8"))  # noqa: S314 (written by us a moment ago)
    block = _find(root, "CstmrCdtTrfInitn/PmtInf")
    currency = _read(block, "DbtrAcct/Ccy")
    read = Order(
        message_id=_read(root, "CstmrCdtTrfInitn/GrpHdr/MsgId"),
        created_at=datetime.fromisoformat(_read(root, "CstmrCdtTrfInitn/GrpHdr/CreDtTm")),
        pay_on=date.fromisoformat(_read(block, "ReqdExctnDt/Dt")),
        currency=currency,
        payer=Payer(
            holder=_read(block, "Dbtr/Nm"),
            number=_account_of(block, "DbtrAcct"),
            bic=_read(block, "DbtrAgt/FinInstnId/BICFI", ""),
            pool_name=_read(block, "CdtTrfTxInf/Cdtr/Nm"),
            pool_number=_account_of(block, "CdtTrfTxInf/CdtrAcct"),
        ),
        payments=tuple(_payments(block, currency)),
    )
    for group in (_find(root, "CstmrCdtTrfInitn/GrpHdr"), block):
        counted, summed = _read(group, "NbOfTxs"), _read(group, "CtrlSum")
        if (int(counted), parse_minor(summed, currency)) != (len(read.payments), read.total):
            raise PayoutFault("The file's count or control sum is not that of its payments.")
    return read


def _payment(block: ET.Element, payment: Payment, order: Order) -> None:
    one = ET.SubElement(block, "CdtTrfTxInf")
    ids = ET.SubElement(one, "PmtId")
    _text(ids, "InstrId", payment.ref)
    _text(ids, "EndToEndId", payment.voucher)
    amount = ET.SubElement(ET.SubElement(one, "Amt"), "InstdAmt", Ccy=order.currency)
    amount.text = plain(payment.amount, order.currency)
    _text(one, "Cdtr/Nm", order.payer.pool_name)
    _account(ET.SubElement(one, "CdtrAcct"), order.payer.pool_number)
    _text(one, "RmtInf/Ustrd", payment.voucher)


def _payments(block: ET.Element, currency: str) -> Iterator[Payment]:
    for one in block.iterfind(_path("CdtTrfTxInf")):
        amount = _find(one, "Amt/InstdAmt")
        if amount.get("Ccy") != currency or _read(one, "RmtInf/Ustrd") != _read(one, "PmtId/EndToEndId"):
            raise PayoutFault("A payment of the file differs from its own header.")
        minor = parse_minor(amount.text or "", currency)
        yield Payment(_read(one, "PmtId/InstrId"), _read(one, "PmtId/EndToEndId"), minor)


def _account(parent: ET.Element, number: str) -> None:
    if iban.is_valid(number):
        _text(parent, "Id/IBAN", iban.compact(number))
    else:
        _text(parent, "Id/Othr/Id", number)


def _account_of(block: ET.Element, path: str) -> str:
    return _read(block, f"{path}/Id/IBAN", "") or _read(block, f"{path}/Id/Othr/Id")


def _text(parent: ET.Element, path: str, text: str) -> None:
    for name in path.split("/"):
        parent = ET.SubElement(parent, name)
    parent.text = text


def _path(path: str) -> str:
    return "/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/"))


def _find(parent: ET.Element, path: str) -> ET.Element:
    found = parent.find(_path(path))
    if found is None:
        raise PayoutFault(f"The file has no {path}.")
    return found


def _read(parent: ET.Element, path: str, missing: str | None = None) -> str:
    found = parent.findtext(_path(path), missing)
    if found is None:
        raise PayoutFault(f"The file has no {path}.")
    return found

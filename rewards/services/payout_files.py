"""Write the file of a batch once, at its release, and hand it out as it was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.db import db
from core.errors import Conflict
from rewards import payout_csv, payout_queries
from rewards.batch_states import batch_name
from rewards.payout_csv import PayoutLayout, load_layout, to_csv
from rewards.payout_file import Order, Payer, Payment, PayoutFault, from_pain_001, to_pain_001
from rewards.payout_kinds import FileKind
from rewards.payout_models import BankAccount, FileProfile, PayoutBatch, PayoutItem
from rewards.payout_schema import require_valid


@dataclass(frozen=True, slots=True)
class PayoutFile:
    """A file as it was sent."""

    name: str
    kind: str
    data: bytes
    sha256: str


def payout_file(*, batch: str) -> PayoutFile:
    """Return the file of a released batch as it was sent; raise Conflict before its release."""
    row = payout_queries.batch_by_name(batch)
    if row.file is None or row.file_sha256 is None:
        raise Conflict(f"{batch} is not released yet, so there is no file.")
    if hashlib.sha256(row.file).hexdigest() != row.file_sha256:
        raise Conflict(f"The stored file of {batch} is not the one that was sent. Tell the auditor.")
    return PayoutFile(row.file_name, row.file_kind, row.file, row.file_sha256)


def layout_of(account: BankAccount) -> PayoutLayout:
    """Return the columns that an account's payer asks for."""
    if account.payout_profile_id is None:
        return payout_csv.DEFAULT_LAYOUT
    return load_layout(db.session.get_one(FileProfile, account.payout_profile_id).body)


def write_file(row: PayoutBatch, items: Sequence[PayoutItem], now: datetime) -> None:
    """Write the file of a batch into it; raise Conflict for one that no bank should see."""
    account = db.session.get_one(BankAccount, row.account_id)
    name = batch_name(row.id)
    order = Order(
        message_id=f"WR-{name}",
        created_at=now.replace(microsecond=0),
        pay_on=row.pay_on,
        currency=row.currency,
        payer=Payer(account.holder, account.number, account.bic, account.pool_name, account.pool_number),
        payments=tuple(Payment(item.ref, item.voucher, item.amount) for item in items),
    )
    try:
        row.file, ending = _file(row.file_kind, order, account)
    except PayoutFault as fault:
        raise Conflict(str(fault)) from fault
    row.file_name = f"{name}.{ending}"
    row.file_sha256 = hashlib.sha256(row.file).hexdigest()


def _file(kind: str, order: Order, account: BankAccount) -> tuple[bytes, str]:
    if kind == FileKind.CSV:
        return to_csv(order, layout_of(account)), "csv"
    data = to_pain_001(order)
    require_valid(data)
    if from_pain_001(data) != order:
        raise PayoutFault("The payout file does not say what the batch says.")
    return data, "xml"

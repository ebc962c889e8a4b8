"""Money on its way: accounts, claimed vouchers, batches, statement files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.services import StaffMember
from core.db import transaction
from rewards.payout_kinds import AccountKind
from rewards.services import accounts_and_layouts, bank_statements, batches
from rewards.services.accounts_and_layouts import AccountDetails
from tests.builders.reward_office import (
    NOW,
    Office,
    _member,
    approve,
    claim,
    new_key,
    only_share,
    open_office,
    propose,
)

TODAY = date(2026, 3, 2)
OPENING = 5_000_000


@dataclass(frozen=True)
class PayoutOffice:
    """The office with a second pair of hands: maker, approver and releaser of batches, and a reconciler."""

    office: Office
    maker: StaffMember
    approver: StaffMember
    releaser: StaffMember
    reconciler: StaffMember


def open_payouts(**account: Any) -> PayoutOffice:
    """Open the office with a confirmed account; rewards are approved by `office.finance` alone."""
    office = open_office()
    people = PayoutOffice(office, office.cashier, _member("finance"), office.director, _member("finance"))
    add_account(people, **account)
    return people


def add_account(people: PayoutOffice, **changes: Any) -> str:
    """Add an account and confirm it."""
    values: dict[str, Any] = {
        "code": "OPS",
        "name": "Operations",
        "kind": AccountKind.BANK,
        "fund": "GEN",
        "number": "001234567890",
        "holder": "Rewards Office",
        "bic": "AAAABBCCXXX",
        "pool_number": "VOUCHERPOOL01",
    }
    details = AccountDetails(**{**values, **changes})
    with transaction():
        accounts_and_layouts.add_account(details=details, actor=people.maker, now=NOW)
        accounts_and_layouts.confirm_account(code=details.code, actor=people.approver, now=NOW)
    return details.code


def claimed_vouchers(people: PayoutOffice, *case_ids: int) -> list[str]:
    """Close these cases with a reward of 1,065.00 each, approve and claim them; return the vouchers."""
    vouchers = []
    for case_id in case_ids:
        ref = propose(case_id).ref
        approve(ref, people.office.finance)
        claim(case_id)
        vouchers.append(only_share(ref).ref)
    return vouchers


def make(people: PayoutOffice, vouchers: list[str], **changes: Any) -> str:
    """Make a batch."""
    values = {"account": "OPS", "pay_on": TODAY, "today": TODAY, "actor": people.maker, **changes}
    with transaction():
        return batches.make_batch(vouchers=vouchers, key=new_key(), now=NOW, **values).batch


def snapshot(batch: str) -> str:
    """Return what approver and releaser sign."""
    return batches.payout_queries.batch_by_name(batch).snapshot_hash


def approved(people: PayoutOffice, batch: str, actor: StaffMember | None = None) -> None:
    """Approve a batch."""
    with transaction():
        batches.approve_batch(
            batch=batch, snapshot=snapshot(batch), actor=actor or people.approver, key=new_key(), now=NOW
        )


def release(people: PayoutOffice, batch: str, actor: StaffMember | None = None) -> None:
    """Release a batch."""
    with transaction():
        batches.release_batch(
            batch=batch, snapshot=snapshot(batch), actor=actor or people.releaser, key=new_key(), now=NOW
        )


def released(people: PayoutOffice, *case_ids: int, **changes: Any) -> tuple[str, list[str]]:
    """Take vouchers of these cases all the way to a sent file; return batch and vouchers."""
    vouchers = claimed_vouchers(people, *case_ids)
    batch = make(people, vouchers, **changes)
    approved(people, batch)
    release(people, batch)
    return batch, vouchers


def import_file(
    data: bytes | str, actor: StaffMember | None = None, **changes: Any
) -> bank_statements.Imported:
    """Import a file into the account."""
    values = {"account": "OPS", "file_name": "statement.xml", "now": NOW, **changes}
    content = data.encode() if isinstance(data, str) else data
    layout = values.pop("layout", "")
    with transaction():
        parsed = bank_statements.read_statements(account=values["account"], data=content, layout=layout)
        return bank_statements.import_statement(data=content, parsed=parsed, actor=actor, **values)


@dataclass(frozen=True)
class Entry:
    """One entry of a camt file; amounts in minor units of a currency with two decimals, credits positive."""

    amount: int
    reference: str = ""
    servicer_ref: str = ""
    status: str = "BOOK"
    code: str = "PMNT/ICDT/DMCT"
    currency: str = "USD"
    reversal: bool = False


def camt(
    *entries: Entry,
    opening: int = OPENING,
    closing: int | None = None,
    number: int = 43,
    version: str = "08",
    account: str = "001234567890",
    day: str = "2026-03-02",
    currency: str = "USD",
) -> str:
    """Write a camt.053 statement by hand, in the shape of the standard."""
    moved = sum(entry.amount for entry in entries if entry.status == "BOOK")
    closing = opening + moved if closing is None else closing
    body = "".join(_entry(entry, line, version, day) for line, entry in enumerate(entries, start=1))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">
 <BkToCstmrStmt>
  <GrpHdr><MsgId>STM-{number}</MsgId><CreDtTm>{day}T23:00:00Z</CreDtTm></GrpHdr>
  <Stmt>
   <Id>BNK-{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb><CreDtTm>{day}T23:00:00Z</CreDtTm>
   <Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>{currency}</Ccy></Acct>
   {_balance("OPBD", opening, day, currency)}{_balance("CLBD", closing, day, currency)}
   {body}
  </Stmt>
 </BkToCstmrStmt>
</Document>"""


def _balance(kind: str, amount: int, day: str, currency: str) -> str:
    sign = "CRDT" if amount >= 0 else "DBIT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{_major(amount)}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>'
    )


def _entry(entry: Entry, line: int, version: str, day: str) -> str:
    sign = "CRDT" if entry.amount > 0 else "DBIT"
    status = f"<Sts>{entry.status}</Sts>" if version == "02" else f"<Sts><Cd>{entry.status}</Cd></Sts>"
    domain, family, sub = entry.code.split("/")
    money = f'<Amt Ccy="{entry.currency}">{_major(entry.amount)}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'
    inner = (
        f'<AmtDtls><TxAmt><Amt Ccy="{entry.currency}">{_major(entry.amount)}</Amt></TxAmt></AmtDtls>'
        if version == "02"
        else money
    )
    refs = f"<Refs><EndToEndId>{entry.reference}</EndToEndId></Refs>" if entry.reference else ""
    told = f"<RmtInf><Ustrd>{entry.reference}</Ustrd></RmtInf>" if entry.reference else ""
    reversal = "<RvslInd>true</RvslInd>" if entry.reversal else ""
    return (
        f"<Ntry><NtryRef>{line}</NtryRef>{money}{reversal}{status}"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        f"<AcctSvcrRef>{entry.servicer_ref or f'{day}/{line}'}</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls>{refs}{inner}{told}</TxDtls></NtryDtls></Ntry>"
    )


def _major(amount: int) -> str:
    return f"{abs(amount) // 100}.{abs(amount) % 100:02d}"

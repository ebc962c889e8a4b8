"""Give a demonstration its payouts: an account, claimed vouchers, a batch at the bank and the statement that follows."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from xml.sax.saxutils import escape

import sqlalchemy as sa

from accounts.services import StaffMember
from core.db import db
from core.deployment import current_deployment
from core.vault import Vault
from rewards import books, money, payout_queries, queries
from rewards.models import Reward
from rewards.services import batches, deciding, paying
from rewards.services.accounts_and_layouts import AccountDetails, add_account, confirm_account
from rewards.states import RewardState

SENT: Final = 3
FEE: Final = 250
ACCOUNT: Final = AccountDetails(
    code="OPS",
    name="Operations account",
    kind="bank",
    fund="GEN",
    number="001234567890",
    holder="Rewards Office",
    bic="AAAABBCCXXX",
    pool_number="VOUCHERPOOL01",
    where_words="Any branch of the town's bank, on working days from 9 to 15.",
)


@dataclass(frozen=True, slots=True)
class Hands:
    """Who acts: the finance officer approves, the cashier makes the batch, the director releases it."""

    finance: StaffMember
    cashier: StaffMember
    director: StaffMember


def begin_payouts(*, hands: Hands, vault: Vault, now: datetime) -> str:
    """Approve and claim what is recommended, send the first vouchers to the bank; return its statement, to be imported."""
    add_account(details=ACCOUNT, actor=hands.cashier, now=now)
    confirm_account(code=ACCOUNT.code, actor=hands.director, now=now)
    for reward in db.session.scalars(sa.select(Reward).where(Reward.state == RewardState.PROPOSED)).all():
        deciding.approve(
            ref=reward.ref, snapshot=reward.snapshot_hash, actor=hands.finance, key=_key(), now=now
        )
        for share in queries.shares_of(reward.id):
            if share.amount:
                paying.claim(tip_id=share.tip_id, key=_key(), vault=vault, now=now)
    day = now.astimezone(current_deployment().zone).date()
    waiting = batches.batch_candidates(account=ACCOUNT.code, actor=hands.cashier)[:SENT]
    if waiting:
        _send([one.voucher for one in waiting], day, hands, now)
    account = payout_queries.account_by_code(ACCOUNT.code)
    opening = books.balance(account.fund_id, account.ledger_name)
    return _statement([(one.voucher, one.amount) for one in waiting], opening, account.currency, day)


def _send(vouchers: list[str], day: date, hands: Hands, now: datetime) -> None:
    made = batches.make_batch(
        account=ACCOUNT.code,
        vouchers=vouchers,
        pay_on=day,
        today=day,
        actor=hands.cashier,
        key=_key(),
        now=now,
    )
    seen = payout_queries.batch_by_name(made.batch).snapshot_hash
    batches.approve_batch(batch=made.batch, snapshot=seen, actor=hands.finance, key=_key(), now=now)
    batches.release_batch(batch=made.batch, snapshot=seen, actor=hands.director, key=_key(), now=now)


def _statement(paid: list[tuple[str, int]], opening: int, currency: str, day: date) -> str:
    """Write a camt.053 in which all but the last voucher are named, a fee is taken, and one sum nobody knows."""
    named = [(amount, voucher, "DMCT") for voucher, amount in paid[:-1]]
    lines = [*named, *((amount, "", "DMCT") for _, amount in paid[-1:]), (FEE, "", "CHRG")]
    entries = "".join(_entry(number, *line, currency, day) for number, line in enumerate(lines, start=1))
    closing = opening - sum(amount for amount, _, _ in lines)
    balances = _balance("OPBD", opening, currency, day) + _balance("CLBD", closing, currency, day)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>EXAMPLE-1</MsgId><CreDtTm>{day}T20:00:00Z</CreDtTm></GrpHdr>"
        f"<Stmt><Id>EXAMPLE-1</Id><ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>{day}T20:00:00Z</CreDtTm>"
        f"<Acct><Id><Othr><Id>{escape(ACCOUNT.number)}</Id></Othr></Id><Ccy>{currency}</Ccy></Acct>"
        f"{balances}{entries}</Stmt></BkToCstmrStmt></Document>\n"
    )


def _balance(kind: str, amount: int, currency: str, day: date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{_amount(amount, currency)}"
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _entry(number: int, amount: int, voucher: str, family: str, currency: str, day: date) -> str:
    told = f"<Refs><EndToEndId>{voucher}</EndToEndId></Refs>" if voucher else ""
    return (
        f"<Ntry><NtryRef>{number}</NtryRef>{_amount(amount, currency)}<CdtDbtInd>DBIT</CdtDbtInd>"
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        f"<AcctSvcrRef>EX{number:05d}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd>"
        f"<SubFmlyCd>{family}</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls>{told}</TxDtls></NtryDtls></Ntry>"
    )


def _amount(amount: int, currency: str) -> str:
    return f'<Amt Ccy="{currency}">{money.plain(amount, currency)}</Amt>'


def _key() -> str:
    return secrets.token_urlsafe(18)

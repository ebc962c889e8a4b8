"""Say by hand which payments a bank booked in one sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from accounts.services import StaffMember
from core.errors import Invalid
from rewards import payout_queries
from rewards.line_matching import WHY_WORDS, KnownItem, Movement, Verdict, judge
from rewards.money import shown
from rewards.payout_kinds import Why
from rewards.payout_models import BankAccount, StatementLine
from rewards.repeats import MoneyResult
from rewards.services.reconciling import Done, account_of, booked
from rewards.services.resolving import resolve

MOST_PARTS = 200


def match_several(
    *, line_id: int, vouchers: Sequence[str], actor: StaffMember, key: str, now: datetime
) -> MoneyResult:
    """Say which payments a line covers that the bank booked in one sum; each is settled or returned by itself.

    Raise Invalid where one of them does not fit or their sum is not the line's to the minor unit, NotAllowed for
    whoever released one of them.
    """
    chosen = sorted({voucher.strip().upper() for voucher in vouchers} - {""})
    if not 1 < len(chosen) <= MOST_PARTS:
        raise Invalid({"vouchers": [f"Choose 2 to {MOST_PARTS} vouchers."]})

    def act(line: StatementLine) -> list[Done]:
        known = payout_queries.known_items(chosen)
        account = account_of(line)
        missing = [f"No batch has sent {voucher}." for voucher in chosen if voucher not in known]
        verdicts = {voucher: _judged(line, voucher, known, account) for voucher in chosen if voucher in known}
        faults = missing + [
            f"{voucher}: {WHY_WORDS[verdict.why or Why.NO_VOUCHER]}"
            for voucher, verdict in verdicts.items()
            if verdict.kind is None
        ]
        if faults:
            raise Invalid({"vouchers": faults})
        total = sum(known[voucher].amount for voucher in chosen)
        if total != abs(line.amount):
            together, wanted = (shown(amount, line.currency) for amount in (total, abs(line.amount)))
            words = f"Together they are {together}, but the line is {wanted} {line.currency}."
            raise Invalid({"vouchers": [words]})
        return [booked(line, verdict, actor, now) for verdict in verdicts.values()]

    return resolve(line_id, "match_several", {"vouchers": ",".join(chosen)}, actor, key, now, act)


def _judged(
    line: StatementLine, voucher: str, known: Mapping[str, KnownItem], account: BankAccount
) -> Verdict:
    """Judge one payment as if the bank had booked it on a line of its own."""
    amount = known[voucher].amount if line.amount > 0 else -known[voucher].amount
    movement = Movement(amount, line.currency, (voucher,))
    return judge(movement, known, account_id=account.id, currency=account.currency, reconciler=None)

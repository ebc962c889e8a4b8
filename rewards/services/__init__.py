"""What other packages may ask of the reward office."""

from __future__ import annotations

from rewards.repeats import MoneyResult
from rewards.services.answers import answer_collection, close_query, take_query
from rewards.services.asking import (
    Announcement,
    CaseReward,
    TipReward,
    TipRewardState,
    has_paid,
    mark_announced,
    reward_of_case,
    summary_for_tip,
    unannounced,
)
from rewards.services.closing import (
    Examination,
    PeriodLine,
    examine,
    lines_waiting,
    list_periods,
    reopen,
    soft_close,
)
from rewards.services.closing import close as close_period
from rewards.services.deciding import approve, cancel, decline
from rewards.services.funds import (
    FundSummary,
    PolicyInForce,
    ensure_fund,
    list_funds,
    policy_in_force,
    set_rate,
)
from rewards.services.paying import (
    Claimed,
    Compared,
    NothingToCollect,
    Word,
    WrongWord,
    claim,
    compare_word,
    count_wrong_word,
    expire_due,
    make_word,
    pay,
    shown_word,
)
from rewards.services.proposing import Proposal, preview, propose, propose_advance, reserve, withdraw
from rewards.services.reconciling import match_new
from rewards.services.reversing import can_reverse, reverse
from rewards.services.second_person import ask, confirm, receive_back, refuse
from rewards.services.taking_back import take_back_decline, take_back_rejection
from rewards.services.treasury import defund, deposit, fee, remit
from rewards.services.waiting_lines import oldest_unmatched

__all__ = [
    "Announcement",
    "CaseReward",
    "Claimed",
    "Compared",
    "Examination",
    "FundSummary",
    "MoneyResult",
    "NothingToCollect",
    "PeriodLine",
    "PolicyInForce",
    "Proposal",
    "TipReward",
    "TipRewardState",
    "Word",
    "WrongWord",
    "answer_collection",
    "approve",
    "ask",
    "can_reverse",
    "cancel",
    "claim",
    "close_period",
    "close_query",
    "compare_word",
    "confirm",
    "count_wrong_word",
    "decline",
    "defund",
    "deposit",
    "ensure_fund",
    "examine",
    "expire_due",
    "fee",
    "has_paid",
    "lines_waiting",
    "list_funds",
    "list_periods",
    "make_word",
    "mark_announced",
    "match_new",
    "oldest_unmatched",
    "pay",
    "policy_in_force",
    "preview",
    "propose",
    "propose_advance",
    "receive_back",
    "refuse",
    "remit",
    "reopen",
    "reserve",
    "reverse",
    "reward_of_case",
    "set_rate",
    "shown_word",
    "soft_close",
    "summary_for_tip",
    "take_back_decline",
    "take_back_rejection",
    "take_query",
    "unannounced",
    "withdraw",
]

"""What other packages may ask of the reward office."""

from __future__ import annotations

from rewards.repeats import MoneyResult
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
from rewards.services.deciding import approve, cancel, decline
from rewards.services.funds import (
    FundSummary,
    PolicyInForce,
    deposit,
    ensure_fund,
    list_funds,
    policy_in_force,
    set_rate,
)
from rewards.services.paying import (
    Claimed,
    NothingToCollect,
    WrongWord,
    claim,
    count_wrong_word,
    expire_due,
    pay,
    shown_word,
)
from rewards.services.proposing import Proposal, preview, propose, reserve, withdraw

__all__ = [
    "Announcement",
    "CaseReward",
    "Claimed",
    "FundSummary",
    "MoneyResult",
    "NothingToCollect",
    "PolicyInForce",
    "Proposal",
    "TipReward",
    "TipRewardState",
    "WrongWord",
    "approve",
    "cancel",
    "claim",
    "count_wrong_word",
    "decline",
    "deposit",
    "ensure_fund",
    "expire_due",
    "has_paid",
    "list_funds",
    "mark_announced",
    "pay",
    "policy_in_force",
    "preview",
    "propose",
    "reserve",
    "reward_of_case",
    "set_rate",
    "shown_word",
    "summary_for_tip",
    "unannounced",
    "withdraw",
]

"""Gather the reports of the reward office: what waits, ages, lapsed money, duties, patterns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from accounts.services import staff_by_ids
from core.db import db
from rewards import ledger, money, patterns, tables, violations
from rewards.models import (
    LedgerAccount,
    LedgerEntry,
    LedgerLeg,
    PolicyVersion,
    Reward,
    RewardApproval,
    RewardInvolvement,
    RewardShare,
)
from rewards.patterns import PaidTip, PastReward
from rewards.policy import Policy, load_policy
from rewards.states import RewardState, ShareState, still_needed
from rewards.tables import Cell, Link, Money, Report
from rewards.words import CHANNELS, STATES

WAITING = (ShareState.APPROVED, ShareState.CLAIMED, ShareState.INSTRUCTED)
MOST_REWARDS = 2_000
PATTERN_WORDS = {
    "pair": "Same officer and alias",
    "just_before": "Just before the first act",
    "near_limit": "Just below a limit",
}


def approval_queue(*, now: datetime) -> Report:
    """List the rewards that wait for a signature, oldest first, with who is still needed."""
    rewards = db.session.scalars(
        sa.select(Reward).where(Reward.state == RewardState.PROPOSED).order_by(Reward.proposed_at, Reward.id)
    ).all()
    signed = _roles_of([reward.id for reward in rewards])
    policies, totals = _policies(), _case_totals()
    counted: Counter[str] = Counter()
    rows: list[tuple[Cell, ...]] = []
    for reward in rewards:
        days = (now - reward.proposed_at).days
        counted[tables.age_of(days, tables.WAITS, tables.LONGEST_WAIT)] += 1
        needed = policies[reward.policy_version_id].signatures_on(totals[reward.case_id])
        left = still_needed(signed[reward.id], needed)
        rows.append(
            (
                Link(reward.ref, f"/rewards/{reward.ref}"),
                reward.case_number,
                str(reward.facts["district"]) or "Not known",
                f"{len(signed[reward.id])} of {len(needed)}",
                ", ".join(" or ".join(sorted(place)) for place in left),
                reward.proposed_at,
                days,
                Money(reward.pool, reward.currency),
            )
        )
    brackets = tables.brackets(tables.WAITS, tables.LONGEST_WAIT)
    return Report(
        "approval-queue",
        "Approval queue",
        "Rewards that wait for a signature, the oldest first.",
        ("Reward", "Case", "District", "Signatures", "Still needed", "Proposed", "Days", "Amount"),
        tuple(rows),
        ("Nothing waits for a signature", "Rewards appear here when a case is closed with tips that helped."),
        bars=tables.bars([(name, counted[name], str(counted[name])) for name in brackets]),
    )


def ageing(*, now: datetime) -> Report:
    """List every voucher that is approved and not paid, by how long ago it was approved."""
    rows = db.session.execute(
        sa.select(RewardShare, Reward)
        .join(Reward, Reward.id == RewardShare.reward_id)
        .where(RewardShare.state.in_(WAITING))
        .order_by(Reward.decided_at, RewardShare.id)
    ).all()
    sums: defaultdict[str, int] = defaultdict(int)
    of_state: defaultdict[str, int] = defaultdict(int)
    cells: list[tuple[Cell, ...]] = []
    for share, reward in rows:
        days = (now - (reward.decided_at or now)).days
        bracket = tables.age_of(days)
        sums[bracket] += share.amount
        of_state[share.state] += share.amount
        cells.append(
            (
                Link(share.ref, f"/rewards/{reward.ref}#{share.ref}"),
                STATES[share.state][0],
                CHANNELS.get(share.channel, share.channel),
                reward.decided_at,
                share.claimed_at,
                share.expires_at if share.state == ShareState.APPROVED else None,
                days,
                bracket,
                Money(share.amount, reward.currency),
            )
        )
    currency = rows[0].Reward.currency if rows else "USD"
    return Report(
        "ageing",
        "Ageing of what is owed",
        "Every voucher that is approved and not paid: not collected yet, waiting to be paid, or on its way.",
        ("Voucher", "State", "Channel", "Approved", "Claimed", "Collect until", "Days", "Age", "Amount"),
        tuple(cells),
        ("Nothing is owed", "Approved vouchers are listed here until they are paid, lapse or are cancelled."),
        figures=tuple((STATES[state][0], Money(of_state[state], currency)) for state in WAITING),
        bars=tables.bars(
            [(name, sums[name], _shown(sums[name], currency)) for name in tables.brackets()] if rows else []
        ),
    )


def forfeitures() -> Report:
    """List what lapsed because nobody collected it, with the entry that freed the money."""
    rows = db.session.execute(
        sa.select(LedgerEntry, LedgerLeg.amount, LedgerLeg.currency, RewardShare, Reward.ref)
        .join(LedgerLeg, LedgerLeg.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .join(RewardShare, RewardShare.id == LedgerLeg.share_id)
        .join(Reward, Reward.id == RewardShare.reward_id)
        .where(LedgerEntry.kind == "forfeit", LedgerAccount.name == ledger.FORFEITED)
        .order_by(LedgerEntry.id.desc())
    ).all()
    reversed_ids = set(
        db.session.scalars(sa.select(LedgerEntry.reverses_id).where(LedgerEntry.reverses_id.is_not(None)))
    )
    months: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        if row.LedgerEntry.id not in reversed_ids:
            months[f"{row.LedgerEntry.effective_on:%b %Y}"] += -row.amount
    currency = rows[0].currency if rows else "USD"
    return Report(
        "forfeitures",
        "Lapsed rewards",
        "Approved, announced, and not collected in time. The money is free again in the same fund.",
        ("Voucher", "Entry", "Lapsed", "Channel", "Reversed", "Amount"),
        tuple(
            (
                Link(row.RewardShare.ref, f"/rewards/{row.ref}#{row.RewardShare.ref}"),
                Link(
                    ledger.entry_name(row.LedgerEntry.id),
                    f"/rewards/ledger/{ledger.entry_name(row.LedgerEntry.id)}",
                ),
                row.LedgerEntry.recorded_at,
                CHANNELS.get(row.RewardShare.channel, row.RewardShare.channel),
                "yes" if row.LedgerEntry.id in reversed_ids else "",
                Money(-row.amount, row.currency),
            )
            for row in rows
        ),
        ("Nothing has lapsed", "A reward lapses when nobody collects it in time."),
        figures=(("lapsed in all", Money(sum(months.values()), currency)),) if rows else (),
        bars=tables.bars(
            [(month, total, _shown(total, currency)) for month, total in list(months.items())[:12]]
        ),
    )


def duty_violations() -> Report:
    """List steps taken by people who were not free to take them; the table has to be empty."""
    rows = tuple(violations.separation_of_duties())
    return Report(
        "separation-of-duties",
        "Separation of duties",
        "Approvals, payments, cancellations, batches, matches and second signatures, each compared with the people "
        "who worked on the case, approved or paid. The database itself answers; this table has to be empty.",
        ("Rule", "Where", "What is wrong"),
        rows,
        ("No violation", "Nobody took a step they were not free to take."),
    )


def unusual() -> Report:
    """List patterns an auditor may want to look at, each with its reason."""
    found = patterns.findings(_past_rewards())
    people = {person for row in found if (person := row.person_id) is not None}
    names = {member.person_id: member.name for member in staff_by_ids(people).values()}
    return Report(
        "patterns",
        "Worth a look",
        "Patterns over past rewards: the same officer and the same alias again and again, tips that came just before "
        "the first act, amounts just below a limit. This is advice. Most of it has an innocent reason.",
        ("Pattern", "Person", "Alias", "Rewards", "Why it is listed"),
        tuple(
            (
                PATTERN_WORDS[row.kind],
                names.get(row.person_id, f"person {row.person_id}") if row.person_id is not None else "",
                row.alias,
                ", ".join(row.rewards[:8]),
                row.words,
            )
            for row in found
        ),
        ("Nothing stands out", "Patterns over past rewards appear here with their reasons."),
        note="An alias is a random name for one sender. Nothing else about a resident is kept or shown here.",
    )


def _past_rewards() -> list[PastReward]:
    rewards = db.session.scalars(
        sa.select(Reward)
        .where(Reward.state.not_in((RewardState.DECLINED, RewardState.WITHDRAWN)))
        .order_by(Reward.id.desc())
        .limit(MOST_REWARDS)
    ).all()
    ids = [reward.id for reward in rewards]
    people: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for row in db.session.scalars(sa.select(RewardInvolvement).where(RewardInvolvement.reward_id.in_(ids))):
        people[row.reward_id].append((row.person_id, row.part))
    amounts = {
        (row.reward_id, row.tip_id): row.amount
        for row in db.session.execute(
            sa.select(RewardShare.reward_id, RewardShare.tip_id, RewardShare.amount).where(
                RewardShare.reward_id.in_(ids)
            )
        )
    }
    policies = _policies()
    return [_past_reward(reward, people[reward.id], amounts, policies) for reward in rewards]


def _past_reward(
    reward: Reward,
    people: list[tuple[int, str]],
    amounts: Mapping[tuple[int, int], int],
    policies: Mapping[int, Policy],
) -> PastReward:
    acted = reward.facts["action_at"]
    return PastReward(
        reward.ref,
        reward.pool,
        reward.proposed_at,
        datetime.fromisoformat(acted) if acted else None,
        tuple(people),
        tuple(
            PaidTip(
                row["sender"],
                datetime.fromisoformat(row["received_at"]),
                amounts.get((reward.id, row["tip"]), 0),
            )
            for row in reward.facts["tips"]
        ),
        tuple(limit.upto for limit in policies[reward.policy_version_id].limits),
    )


def _policies() -> dict[int, Policy]:
    return {row.id: load_policy(row.body) for row in db.session.scalars(sa.select(PolicyVersion))}


def _roles_of(reward_ids: list[int]) -> defaultdict[int, list[str]]:
    roles: defaultdict[int, list[str]] = defaultdict(list)
    for row in db.session.scalars(
        sa.select(RewardApproval).where(RewardApproval.reward_id.in_(reward_ids)).order_by(RewardApproval.id)
    ):
        roles[row.reward_id].append(row.role)
    return roles


def _case_totals() -> dict[int, int]:
    rows = db.session.execute(
        sa.select(Reward.case_id, sa.func.sum(Reward.pool))
        .where(Reward.state.not_in((RewardState.DECLINED, RewardState.WITHDRAWN)))
        .group_by(Reward.case_id)
    )
    return {case_id: int(total) for case_id, total in rows}


def _shown(amount: int, currency: str) -> str:
    return f"{money.shown(amount, currency)} {currency}"

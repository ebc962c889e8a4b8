"""Every step has its guards, and a refusal says what would be possible."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from rewards.states import (
    REWARD_MOVES,
    SHARE_MOVES,
    Facts,
    Refused,
    RewardState,
    ShareState,
    Why,
    allowed_actions,
    fully_signed,
    move,
    signatures_fit,
    still_needed,
)
from tests.builders.rewards import START

ONE = (frozenset({"finance", "director"}),)
TWO = (*ONE, frozenset({"director"}))
SIGNER = Facts(
    person_id=1,
    role="finance",
    involved={900: "closing_officer"},
    needed=ONE,
    snapshot_seen="a",
    snapshot_now="a",
    now=START,
    expires_at=START + timedelta(days=1),
)


def reasons(machine, state, action, facts):
    with pytest.raises(Refused) as refused:
        move(machine, state, action, facts)
    return {refusal.why for refusal in refused.value.reasons}


def test_an_unknown_step_lists_the_possible_ones():
    with pytest.raises(Refused) as refused:
        move(SHARE_MOVES, "approved", "pay", SIGNER)
    assert refused.value.allowed == ("claim", "cancel", "expire")
    assert "It is approved, so it cannot be paid. Possible now: claim, cancel, expire." in str(refused.value)


@pytest.mark.parametrize("state", ["paid", "declined", "withdrawn", "cancelled", "expired", "nothing"])
def test_final_states_allow_nothing(state):
    assert allowed_actions(SHARE_MOVES, state) == ()
    with pytest.raises(Refused, match="Nothing more can be done"):
        move(SHARE_MOVES, state, "claim", SIGNER)


def test_every_state_of_the_tables_exists_and_every_move_leads_to_one():
    for machine, states in ((REWARD_MOVES, RewardState), (SHARE_MOVES, ShareState)):
        for (start, _), step in machine.items():
            assert {start, step.to} <= set(states)


def test_finance_approves_a_small_reward():
    assert move(REWARD_MOVES, "proposed", "approve", SIGNER) == "approved"


def test_who_worked_on_the_case_does_not_decide():
    for action in ("approve", "sign", "decline"):
        assert reasons(REWARD_MOVES, "proposed", action, replace(SIGNER, person_id=900)) == {Why.PERSON}


def test_nobody_signs_twice():
    signed = replace(SIGNER, needed=TWO, signatures=((1, "director"),))
    assert Why.PERSON in reasons(REWARD_MOVES, "proposed", "approve", signed)


def test_finance_alone_cannot_sign_for_a_large_reward():
    second = replace(SIGNER, person_id=2, needed=TWO, signatures=((1, "finance"),))
    assert reasons(REWARD_MOVES, "proposed", "approve", second) == {Why.ROLE}
    assert move(REWARD_MOVES, "proposed", "approve", replace(second, role="director")) == "approved"


def test_an_officer_signs_for_nothing():
    with pytest.raises(Refused, match="director or finance"):
        move(REWARD_MOVES, "proposed", "approve", replace(SIGNER, role="officer"))


def test_a_stale_snapshot_is_refused():
    assert reasons(REWARD_MOVES, "proposed", "approve", replace(SIGNER, snapshot_seen="b")) == {Why.STALE}
    assert reasons(REWARD_MOVES, "proposed", "decline", replace(SIGNER, snapshot_seen=None)) == {Why.STALE}


def test_all_reasons_are_told_at_once():
    worst = replace(SIGNER, person_id=900, role="officer", snapshot_seen="b")
    assert reasons(REWARD_MOVES, "proposed", "approve", worst) == {Why.PERSON, Why.ROLE, Why.STALE}


@pytest.mark.parametrize(("microseconds", "expired"), [(-1, False), (0, True), (1, True)])
def test_the_claim_window_is_open_at_its_end(microseconds, expired):
    facts = replace(SIGNER, now=SIGNER.expires_at + timedelta(microseconds=microseconds))
    if expired:
        assert reasons(SHARE_MOVES, "approved", "claim", facts) == {Why.EXPIRED}
        assert move(SHARE_MOVES, "approved", "expire", facts) == "expired"
    else:
        assert move(SHARE_MOVES, "approved", "claim", facts) == "claimed"
        assert reasons(SHARE_MOVES, "approved", "expire", facts) == {Why.EXPIRED}


def test_an_approver_neither_pays_nor_cancels():
    facts = replace(SIGNER, signatures=((1, "finance"),), proof=True)
    assert reasons(SHARE_MOVES, "claimed", "pay", facts) == {Why.PERSON}
    assert reasons(SHARE_MOVES, "approved", "cancel", facts) == {Why.PERSON}
    assert move(SHARE_MOVES, "claimed", "pay", replace(facts, person_id=2)) == "paid"


def test_nothing_is_paid_without_proof():
    assert reasons(SHARE_MOVES, "claimed", "pay", SIGNER) == {Why.PROOF}


def test_signatures_fit_in_any_order_and_none_counts_twice():
    for order in permutations(["finance", "director"]):
        assert fully_signed(list(order), TWO)
    assert fully_signed(["director", "director"], TWO)
    assert not signatures_fit(["finance", "finance"], TWO)
    assert not fully_signed(["director"], TWO)
    assert still_needed(["director"], TWO) == ONE
    assert still_needed(["finance"], TWO) == (frozenset({"director"}),)
    assert still_needed([], TWO) == TWO

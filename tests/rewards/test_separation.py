"""F16: every way of giving five people six steps, with a second account of one of them; exactly the allowed ones pass."""

from __future__ import annotations

import functools
from itertools import permutations, product

import pytest

from core.db import transaction
from core.errors import NotAllowed
from rewards import checks, services
from rewards.batch_states import BATCH_MOVES, BatchState
from rewards.policy import DEFAULT_POLICY, PolicyError, load_policy
from rewards.states import REWARD_MOVES, SHARE_MOVES, Facts, Refused, RewardState, ShareState, move
from rewards.violations import separation_of_duties
from tests.builders.reward_office import (
    NOW,
    _member,
    approve,
    claim,
    only_share,
    open_office,
    pay,
    propose,
    reward,
)
from tests.builders.rewards import outcome, tip

NEEDED = load_policy(DEFAULT_POLICY).signatures_for(750_000)
ROLES = ("officer", "supervisor", "finance", "finance", "director")
# the sixth account belongs to the third person, who has become a director since
MERGED = 3
MONEY = {"finance", "director"}


def passes(machine, state, action, facts):
    try:
        move(machine, state, action, facts)
    except Refused:
        return False
    return True


@functools.cache
def step_allowed(step, person, role, closer, signers, maker, approver):
    """Ask the machines of the product whether one step is allowed."""
    common = {
        "person_id": person,
        "role": role,
        "involved": {closer: "closing_officer"},
        "signatures": signers,
    }
    if step == "sign":
        return passes(REWARD_MOVES, RewardState.PROPOSED, "sign", Facts(**common, needed=NEEDED))
    if step == "pay":
        return passes(SHARE_MOVES, ShareState.CLAIMED, "pay", Facts(**common, proof=True))
    state = {"make": "new", "approve": BatchState.MADE, "release": BatchState.APPROVED}[step]
    return passes(BATCH_MOVES, state, step, Facts(**common, maker=maker, approver=approver))


def product_allows(accounts, chosen):
    closer, first, second, maker, approver, releaser = (accounts[i] for i in chosen)
    signed = ((first[0], first[1]),)
    both = (*signed, (second[0], second[1]))
    return (
        step_allowed("sign", *first, closer[0], (), None, None)
        and step_allowed("sign", *second, closer[0], signed, None, None)
        and step_allowed("make", *maker, closer[0], both, None, None)
        and step_allowed("approve", *approver, closer[0], both, maker[0], None)
        and step_allowed("release", *releaser, closer[0], both, maker[0], approver[0])
    )


def rules_allow(accounts, chosen):
    """Say the same from the rules as an auditor reads them."""
    closer, first, second, maker, approver, releaser = (accounts[i] for i in chosen)
    deciders = (first, second, maker, approver, releaser)
    signers = {first[0], second[0]}
    return (
        all(role in MONEY for _, role in deciders)
        and closer[0] not in {person for person, _ in deciders}
        and len(signers) == 2
        and "director" in (first[1], second[1])
        and len({maker[0], approver[0], releaser[0]}) == 3
        and not signers & {maker[0], releaser[0]}
    )


def accounts_of(roles):
    people = list(enumerate(roles, 1))
    return [*people, (MERGED, "director")]


def test_f16_every_assignment_of_six_accounts_to_six_steps_is_judged_as_the_rules_say():
    allowed = 0
    for roles in (ROLES, ("officer", "finance", "finance", "director", "director"), ("director",) * 5):
        accounts = accounts_of(roles)
        for chosen in product(range(6), repeat=6):
            expected = rules_allow(accounts, chosen)
            assert product_allows(accounts, chosen) == expected, (roles, chosen)
            allowed += expected
    assert allowed > 0


def test_f16_every_order_of_the_roles_gives_the_same_number_of_ways():
    counts = set()
    for roles in set(permutations(("officer", "finance", "finance", "finance", "director"))):
        accounts = list(enumerate(roles, 1))
        ways = [chosen for chosen in permutations(range(5), 4) if _signed_and_paid(accounts, chosen)]
        for chosen in ways:
            assert len({accounts[i][0] for i in chosen}) == 4
        counts.add(len(ways))
    assert len(counts) == 1
    assert counts.pop() > 0


def _signed_and_paid(accounts, chosen):
    closer, first, second, payer = (accounts[i] for i in chosen)
    signed = ((first[0], first[1]),)
    return (
        step_allowed("sign", *first, closer[0], (), None, None)
        and step_allowed("sign", *second, closer[0], signed, None, None)
        and step_allowed("pay", *payer, closer[0], (*signed, (second[0], second[1])), None, None)
    )


@pytest.mark.parametrize(
    ("total", "needed"), [(1, 1), (249_999, 1), (250_000, 1), (250_001, 2), (749_999, 2), (750_000, 2)]
)
def test_f16_the_limit_turns_at_one_minor_unit(total, needed):
    assert len(load_policy(DEFAULT_POLICY).signatures_for(total)) == needed


def test_f16_above_the_cap_nobody_can_sign():
    with pytest.raises(PolicyError):
        load_policy(DEFAULT_POLICY).signatures_for(750_001)


@pytest.fixture
def office(app):
    yield open_office()
    assert checks.check().violations == ()
    assert list(separation_of_duties()) == []


def test_f16_a_new_role_does_not_let_the_closer_approve(office):
    ref = propose(involved={office.officer.person_id: "closing_officer"}).ref
    promoted = type(office.officer)(
        office.officer.id,
        office.officer.person_id,
        office.officer.email,
        office.officer.name,
        office.director.role,
    )
    with pytest.raises(NotAllowed):
        approve(ref, promoted)
    assert reward(ref).state == "proposed"


def test_f16_two_awards_of_one_case_need_the_signatures_of_their_sum(office):
    with transaction():
        first = services.propose_advance(
            case_id=1,
            case_number="C-2026-000001",
            outcome=outcome(tip(1, 80), value=20_000_000),
            actor_id=None,
            now=NOW,
        )
    assert first.pool <= 250_000
    assert approve(first.ref, office.finance).entry
    second = propose(facts=outcome(tip(1, 80), value=8_000_000))
    assert 0 < second.pool <= 250_000
    assert approve(second.ref, office.finance).entry == ""
    assert approve(second.ref, office.director).entry


@pytest.mark.parametrize("pool", [250_000, 250_001])
def test_f16_at_the_limit_one_signs_and_a_cent_above_two(office, pool):
    points = {250_000: 4_000_000, 250_001: 4_000_020}[pool]
    ref = propose(facts=outcome(tip(1, 80), value=points)).ref
    assert reward(ref).pool == pool
    assert bool(approve(ref, office.finance).entry) == (pool == 250_000)


def test_f16_the_one_who_asked_for_a_new_word_may_pay_but_no_approver(office):
    ref = propose().ref
    approve(ref, office.finance)
    claim(1)
    with pytest.raises(NotAllowed):
        pay(only_share(ref).ref, office.finance, receipt="slip")
    assert pay(only_share(ref).ref, _member("finance"), receipt="slip").state == "paid"

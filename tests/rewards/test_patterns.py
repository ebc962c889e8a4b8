"""Patterns are advice with a reason, and only where something repeats."""

from __future__ import annotations

from datetime import timedelta

from rewards.patterns import PaidTip, PastReward, findings
from tests.builders.rewards import ACTION, START

LIMITS = (250_000, 750_000)


def past(
    number=1,
    *,
    pool=100_000,
    person=7,
    part="case_officer",
    alias="heron",
    ahead=timedelta(hours=40),
    amount=1,
):
    tips = (PaidTip(alias, ACTION - ahead, amount),)
    return PastReward(f"R-{number}", pool, START, ACTION, ((person, part),), tips, LIMITS)


def test_two_meetings_of_officer_and_alias_are_chance_and_three_are_listed():
    assert findings([past(1), past(2)]) == ()
    (found,) = findings([past(1), past(2), past(3)])
    assert (found.kind, found.person_id, found.alias, found.rewards) == (
        "pair",
        7,
        "heron",
        ("R-1", "R-2", "R-3"),
    )
    assert "3 of the 3 rewards of this alias" in found.words


def test_other_officers_other_aliases_and_unpaid_tips_are_no_pair():
    assert findings([past(1), past(2), past(3, person=8)]) == ()
    assert findings([past(1), past(2), past(3, alias="crane")]) == ()
    assert findings([past(1), past(2), past(3, amount=0)]) == ()
    assert findings([past(n, alias="") for n in range(5)]) == ()


def test_a_paid_tip_within_two_hours_before_the_act_is_listed_and_one_after_it_never():
    two_hours = timedelta(hours=2)
    (found,) = findings([past(ahead=two_hours)])
    assert (found.kind, "120 min before" in found.words) == ("just_before", True)
    assert findings([past(ahead=two_hours + timedelta(seconds=1))]) == ()
    assert findings([past(ahead=timedelta(0))]) == ()
    assert findings([past(ahead=two_hours, amount=0)]) == ()


def test_amounts_within_five_percent_below_a_limit_are_listed_from_the_second_on():
    def near(number, pool):
        return past(number, pool=pool, part="closing_officer", alias=f"alias {number}")

    assert findings([near(1, 250_000), near(2, 237_499)]) == ()
    assert findings([near(1, 250_001), near(2, 250_000)]) == ()
    (found,) = findings([near(1, 250_000), near(2, 237_500)])
    assert (found.kind, found.person_id, found.rewards) == ("near_limit", 7, ("R-1", "R-2"))
    assert findings([near(1, 750_000), near(2, 749_000)]) == ()

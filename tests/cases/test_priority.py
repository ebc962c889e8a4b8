from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cases.facts import CATEGORIES
from cases.priority import PRIORITIES, SEVERITY, Evidence, assess

NOW = datetime(2026, 3, 1, 8, 15, tzinfo=UTC)
ONE_TIP = Evidence("timber", 0.9, senders=1, confirmed=False, event_at=NOW, reported_at=NOW)


def test_every_category_has_a_severity():
    assert set(SEVERITY) == set(CATEGORIES)


def test_weapons_seen_now_by_two_independent_senders_are_p1():
    assert assess(replace(ONE_TIP, category="weapons", senders=2)).level == "P1"


def test_one_unconfirmed_voice_on_weapons_is_p2():
    assert assess(replace(ONE_TIP, category="weapons")).level == "P2"


def test_lives_at_risk_today_are_never_less_than_p2_and_the_reason_says_so():
    result = assess(replace(ONE_TIP, category="drugs", category_probability=0.4))
    assert result.level == "P2"
    assert result.reasons[-1] == "Lives are at risk today: at least P2."


def test_old_news_of_small_harm_is_p4():
    assert assess(replace(ONE_TIP, event_at=NOW - timedelta(days=5))).level == "P4"


def test_reasons_are_sentences_with_their_factor():
    assert assess(replace(ONE_TIP, senders=2, confirmed=True)).reasons == (
        "Timber: harm to revenue or trade (2 of 4).",
        "Reported within two hours (4 of 4).",
        "2 independent senders, confirmed by an officer (3 of 4).",
    )


def test_a_guessed_category_lowers_confidence_and_says_so():
    guess = assess(replace(ONE_TIP, category_probability=0.3, senders=3))
    assert guess.points < assess(replace(ONE_TIP, senders=3)).points
    assert "the goods are a guess" in guess.reasons[2]


def test_an_unknown_category_is_no_guess():
    assert (
        "guess" not in assess(replace(ONE_TIP, category=None, category_probability=0.0, senders=2)).reasons[2]
    )


def test_what_is_still_to_come_is_as_urgent_as_now():
    to_come = assess(replace(ONE_TIP, event_at=NOW + timedelta(hours=9)))
    assert to_come.points == assess(ONE_TIP).points
    assert to_come.reasons[1].startswith("It is still to come")


evidence = st.builds(
    Evidence,
    category=st.sampled_from([None, *CATEGORIES]),
    category_probability=st.floats(0, 1),
    senders=st.integers(1, 12),
    confirmed=st.booleans(),
    event_at=st.none() | st.timedeltas(timedelta(0), timedelta(days=60)).map(lambda age: NOW - age),
    reported_at=st.just(NOW),
)


@given(evidence)
def test_another_independent_sender_or_a_confirmation_never_lowers_the_priority(one):
    points = assess(one).points
    assert assess(replace(one, senders=one.senders + 1)).points >= points
    assert assess(replace(one, confirmed=True)).points >= points


@given(evidence, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_older_news_never_raises_the_priority(one, delay):
    if one.event_at is not None:
        assert assess(replace(one, event_at=one.event_at - delay)).points <= assess(one).points


@given(evidence)
def test_points_stay_within_bounds_and_levels_follow_them(one):
    result = assess(one)
    assert 1 <= result.points <= 64
    assert result.level in PRIORITIES
    assert len(result.reasons) == (4 if "at least" in result.reasons[-1] else 3)

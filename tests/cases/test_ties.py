"""A vehicle seen again elsewhere links two cases; it never makes one of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from cases import services
from cases.models import CaseTie
from cases.services import tied
from core.db import db, transaction
from core.errors import Conflict, Invalid, NotFound
from signals.observable import Observable
from signals.services import record_mentions
from tests.builders.cases import NOW, file_into, file_new, make_actor, make_tip_facts, move_to

PLATE = Observable("plate", "กข1234", 0, 6, "format")
LATER = NOW + timedelta(days=12)


def mention(tip_id: int, *found: Observable) -> None:
    with transaction():
        record_mentions(subject=("tip", tip_id), observables=found, at=NOW)


def tie(tip_id: int, case_id: int, **words) -> int:
    with transaction():
        return len(services.tie_tip(tip_id=tip_id, case_id=case_id, now=NOW, **words))


def only_tip(case_id: int) -> int:
    return services.links_of_case(case_id)[0].tip_id


def two_linked(found: Observable = PLATE, **words):
    here = file_new(place="Rim Moei", lat=16.70, lon=98.50)
    there = file_new(place="Mae Pa", lat=16.73, lon=98.52, received_at=LATER)
    mention(only_tip(here.case_id), found)
    mention(only_tip(there.case_id), found)
    tie(only_tip(there.case_id), there.case_id, **words)
    return here, there


def ties(case_id: int) -> tuple[services.TieView, ...]:
    db.session.rollback()
    return services.ties_of_case(case_id)


def test_the_same_plate_links_two_cases_and_both_say_why(app):
    here, there = two_linked(written={("plate", "กข1234"): "กข 1234"})
    (from_there,) = ties(there.case_id)
    assert from_there.number == here.number
    assert from_there.sentence == "Same plate กข 1234 on 2 March near Rim Moei; 4.0 km away, 12 days apart."
    (from_here,) = ties(here.case_id)
    assert from_here.number == there.number
    assert from_here.sentence == "Same plate กข 1234 on 14 March near Mae Pa; 4.0 km away, 12 days apart."


def test_the_same_pair_is_linked_once(app):
    here, there = two_linked()
    assert tie(only_tip(there.case_id), there.case_id) == 0
    assert tie(only_tip(here.case_id), here.case_id) == 0
    assert len(ties(here.case_id)) == 1


def test_two_tips_of_one_case_are_no_link(app):
    filed = file_new()
    facts = file_into(filed.case_id)
    for tip_id in (only_tip(filed.case_id), facts.tip_id):
        mention(tip_id, PLATE)
    assert tie(facts.tip_id, filed.case_id) == 0


@pytest.mark.parametrize(
    "found",
    [
        Observable("gtin", "8850123456789", 0, 13, "checksum"),
        Observable("url", "https://example.org/x", 0, 21, "format"),
        Observable("serial", "0000000", 0, 7, "format"),
    ],
)
def test_products_pages_and_fillers_link_nothing(app, found):
    here, _ = two_linked(found)
    assert ties(here.case_id) == ()


def test_without_anything_telling_no_row_is_read(app):
    filed = file_new()
    assert tie(only_tip(filed.case_id), filed.case_id, written={("url", "x"): "x"}) == 0
    assert tie(only_tip(filed.case_id), filed.case_id) == 0


def test_a_common_plate_makes_a_bounded_number_of_links(app):
    for _ in range(services.ties.MOST_TIES + 3):
        mention(only_tip(file_new().case_id), PLATE)
    filed = file_new()
    mention(only_tip(filed.case_id), PLATE)
    assert tie(only_tip(filed.case_id), filed.case_id) == services.ties.MOST_TIES


def test_a_dismissed_link_never_returns(app):
    officer = make_actor()
    here, there = two_linked()
    (view,) = ties(here.case_id)
    with pytest.raises(Invalid), transaction():
        services.dismiss_tie(tie_id=view.tie_id, why=" ", actor=officer, now=NOW)
    with transaction():
        services.dismiss_tie(tie_id=view.tie_id, why="A bus line", actor=officer, now=NOW)
    assert ties(here.case_id)[0].dismissed_why == "A bus line"
    assert tie(only_tip(there.case_id), there.case_id) == 0
    with pytest.raises(Conflict), transaction():
        services.dismiss_tie(tie_id=view.tie_id, why="again", actor=officer, now=NOW)
    with pytest.raises(Conflict), transaction():
        services.confirm_tie(tie_id=view.tie_id, actor=officer, now=NOW)
    with transaction():
        services.undo_tie(tie_id=view.tie_id, what="dismissed", actor=officer, now=NOW)
    assert ties(here.case_id)[0].dismissed_why is None


def test_a_link_is_confirmed_and_that_is_taken_back(app):
    officer = make_actor(name="Malee Officer")
    here, _ = two_linked()
    (view,) = ties(here.case_id)
    with transaction():
        done = services.confirm_tie(tie_id=view.tie_id, actor=officer, now=NOW)
    assert ties(here.case_id)[0].who == "Malee Officer"
    with transaction():
        services.undo_tie(tie_id=view.tie_id, what=done.undo, actor=officer, now=NOW)
    assert not ties(here.case_id)[0].confirmed
    with pytest.raises(Conflict), transaction():
        services.undo_tie(tie_id=view.tie_id, what="confirmed", actor=officer, now=NOW)
    with pytest.raises(NotFound), transaction():
        services.confirm_tie(tie_id=999, actor=officer, now=NOW)


def test_an_officer_links_two_cases_and_takes_it_back(app):
    officer = make_actor()
    here, there = file_new(), file_new()
    details = {"case_id": here.case_id, "other_id": there.case_id, "actor": officer, "now": NOW}
    with transaction():
        done = services.tie_by_hand(reason="Same driver", **details)
    assert [view.sentence for view in ties(there.case_id)] == ["Same driver"]
    with pytest.raises(Conflict, match="linked already"), transaction():
        services.tie_by_hand(reason="once more", **details)
    with transaction():
        services.undo_tie(tie_id=done.tie_id, what="tied", actor=officer, now=NOW)
    assert ties(there.case_id) == ()
    with pytest.raises(Invalid), transaction():
        services.tie_by_hand(reason=" ", **details)
    with pytest.raises(Invalid), transaction():
        services.tie_by_hand(reason="x", **(details | {"other_id": here.case_id}))


def test_a_link_by_hand_that_was_dismissed_may_be_made_anew(app):
    officer = make_actor()
    here, there = file_new(), file_new()
    details = {"case_id": here.case_id, "other_id": there.case_id, "actor": officer, "now": NOW}
    with transaction():
        done = services.tie_by_hand(reason="Same driver", **details)
        services.dismiss_tie(tie_id=done.tie_id, why="No", actor=officer, now=NOW)
    with transaction():
        services.tie_by_hand(reason="Seen together", **details)
    assert [(view.sentence, view.dismissed_why) for view in ties(here.case_id)] == [("Seen together", None)]


def test_a_link_follows_its_tip_and_a_merge(app):
    officer = make_actor()
    here, there = two_linked()
    third = file_new()
    move_to(there.case_id, "merged", actor=officer, survivor_id=third.case_id)
    assert [view.number for view in ties(here.case_id)] == [third.number]
    assert [view.number for view in ties(third.case_id)] == [here.number]
    move_to(there.case_id, "open", actor=officer)
    assert [view.number for view in ties(here.case_id)] == [there.number]
    assert ties(third.case_id) == ()


def test_a_tip_that_an_officer_moves_links_its_new_case(app):
    officer = make_actor()
    here, there = file_new(), file_new()
    facts = file_into(there.case_id)
    mention(only_tip(here.case_id), PLATE)
    mention(facts.tip_id, PLATE)
    with transaction():
        services.move_tip(tip_id=facts.tip_id, to_case_id=None, actor=officer, now=NOW)
    home = services.case_of_tips([facts.tip_id])[facts.tip_id]
    assert [view.number for view in ties(here.case_id)] == [home.number]
    with transaction():
        services.move_tip(tip_id=facts.tip_id, to_case_id=here.case_id, actor=officer, now=NOW)
    assert ties(here.case_id) == ()


def test_a_link_over_a_tip_in_no_case_is_not_shown(app):
    officer = make_actor()
    here, there = two_linked()
    with transaction():
        services.detach_tip(tip_id=only_tip(there.case_id), reason="not a tip", actor=officer, now=NOW)
    assert ties(here.case_id) == ()
    facts = make_tip_facts()
    mention(facts.tip_id, PLATE)
    assert tie(only_tip(here.case_id), here.case_id) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CaseTie)) == 1
    assert tied.MOST_SHOWN > services.ties.MOST_TIES


def test_a_dismissed_link_does_not_return_by_way_of_a_merge(app):
    officer = make_actor()
    here, there = two_linked()
    with transaction():
        services.dismiss_tie(tie_id=ties(here.case_id)[0].tie_id, why="A bus line", actor=officer, now=NOW)
    third = file_new()
    move_to(there.case_id, "merged", actor=officer, survivor_id=third.case_id)
    facts = file_into(third.case_id)
    mention(facts.tip_id, PLATE)
    tie(facts.tip_id, third.case_id)
    assert [(view.number, view.dismissed_why) for view in ties(here.case_id)] == [
        (third.number, "A bus line")
    ]
    assert [(view.number, view.dismissed_why) for view in ties(third.case_id)] == [
        (here.number, "A bus line")
    ]


def test_a_link_by_hand_follows_one_merge_after_another(app):
    officer = make_actor()
    here, there, second, third = (file_new() for _ in range(4))
    with transaction():
        services.tie_by_hand(
            case_id=here.case_id, other_id=there.case_id, reason="Same crew", actor=officer, now=NOW
        )
    move_to(there.case_id, "merged", actor=officer, survivor_id=second.case_id)
    move_to(second.case_id, "merged", actor=officer, survivor_id=third.case_id)
    assert [view.number for view in ties(here.case_id)] == [third.number]
    assert [view.number for view in ties(third.case_id)] == [here.number]


def test_a_case_is_not_linked_with_what_merged_into_it(app):
    officer = make_actor()
    here, there = file_new(), file_new()
    move_to(there.case_id, "merged", actor=officer, survivor_id=here.case_id)
    with pytest.raises(Invalid, match="entered"), transaction():
        services.tie_by_hand(
            case_id=here.case_id, other_id=there.case_id, reason="Same crew", actor=officer, now=NOW
        )

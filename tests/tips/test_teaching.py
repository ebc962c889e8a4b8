"""What an officer teaches is known at once and everywhere, and is taken back without residue."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

import cases.services as case_services
from cases.facts import Actor
from core.audit import AuditEvent
from core.clock import utcnow
from core.db import db, transaction
from core.errors import Conflict, Invalid, NotFound
from tests.builders.accounts import make_staff
from tests.builders.tips import load_town, make_tip
from tips import trying_again
from tips.knowledge import current_town
from tips.known_places import places_like
from tips.matching.decision import Decision
from tips.matching.footprint import Footprint
from tips.matching.keys import storage_keys
from tips.models import OldFootprint, PlaceRow, TaughtName, Tip, TipPlacement
from tips.services import KEY_PURPOSE
from tips.teaching import forget, set_position, teach_alias, teach_place, undo_position

KILN = "men load teak logs behind the Xqzv workshop every night"
AGAIN = "three trucks with logs again, behind the xqzv workshop"
POINT = (16.7301, 98.5412)


@pytest.fixture
def officer(app):
    load_town()
    member = make_staff("officer")
    return Actor(member.id, member.role.value, member.person_id)


@pytest.fixture
def vault(app):
    return app.extensions["vault"]


def recent(text: str, number: int):
    return make_tip(text, sender=f"+6680000{number:04d}", at=utcnow())


def row(received) -> Tip:
    db.session.rollback()
    return db.session.get(Tip, received.tip_id)


def place_named(name: str) -> int:
    return db.session.scalar(sa.select(PlaceRow.id).where(PlaceRow.name == name))


def teach_kiln(tip, officer, vault):
    with transaction():
        return teach_place(
            db.session.get(Tip, tip.tip_id), "Xqzv workshop",
            lat=POINT[0], lon=POINT[1], actor=officer, vault=vault, now=utcnow(),
        )  # fmt: skip


def teach_market(tip, words, officer, vault):
    with transaction():
        return teach_alias(
            db.session.get(Tip, tip.tip_id), words,
            place_id=place_named("Rim Moei Market"), actor=officer, vault=vault, now=utcnow(),
        )  # fmt: skip


def index_rows() -> set[tuple]:
    db.session.rollback()
    return set(db.session.execute(sa.text("SELECT key, t, tip_id FROM case_keys")).tuples())


def test_a_new_place_places_its_tip_and_the_tips_that_name_it(officer, vault):
    first, second, other = recent(KILN, 1), recent(AGAIN, 2), recent("boxes of eggs by boat at night", 3)
    assert row(first).lat is None
    taught = teach_kiln(first, officer, vault)
    assert (row(first).lat, row(first).place_name) == (POINT[0], "Xqzv workshop")
    assert trying_again.try_again() == 1
    assert (row(second).lat, row(second).located_by) == (POINT[0], "place")
    assert row(other).lat is None
    assert db.session.get(TaughtName, taught.taught_id).state == "done"
    assert trying_again.try_again() == 0


def test_another_name_of_a_known_place_leads_to_it(officer, vault):
    tip = recent("cigarettes by the carton behind Bo Brel Phlat", 1)
    teach_market(tip, "Bo Brel Phlat", officer, vault)
    assert row(tip).place_name == "Rim Moei Market"
    later = recent("more cartons at bo brel phlat today", 2)
    assert row(later).place_name == "Rim Moei Market"


def test_a_placed_tip_is_told_to_its_case_its_footprint_and_the_index(officer, vault):
    tip = recent(KILN, 1)
    before = index_rows()
    teach_kiln(tip, officer, vault)
    (link,) = case_services.links_of_case(tip.filed.case_id)
    assert (link.lat, link.place) == (POINT[0], "Xqzv workshop")
    footprint = Footprint.from_json(row(tip).footprint)
    assert (footprint.lat, footprint.place) == (POINT[0], "Xqzv workshop")
    there = storage_keys(footprint, secret=vault.derive(KEY_PURPOSE))
    assert index_rows() == {(key, footprint.received_at, tip.tip_id) for key in there}
    assert len(index_rows() - before) >= 2  # a cell of its landmark, and the wider one
    kept = db.session.scalar(sa.select(OldFootprint.footprint).where(OldFootprint.tip_id == tip.tip_id))
    assert Footprint.from_json(kept).lat is None


def test_a_tip_in_a_case_is_not_moved_but_gets_suggestions(officer, vault, monkeypatch):
    near = make_tip("boxes of live birds", device=POINT, at=utcnow() - timedelta(days=20))
    tip = recent(KILN, 2)
    assert tip.filed.case_id != near.filed.case_id
    sure = Decision("attach", near.filed.case_id, 0.99, ("at the same spot",), (), "test-1", "corroborates")
    monkeypatch.setattr("tips.placing.match", lambda *_, **__: sure)
    teach_kiln(tip, officer, vault)
    assert case_services.case_ids_of_tips([tip.tip_id]) == {tip.tip_id: tip.filed.case_id}
    (offered,) = case_services.suggestions_of_tips([tip.tip_id])[tip.tip_id]
    assert (offered.case_id, offered.probability) == (near.filed.case_id, 0.99)
    with transaction():
        case_services.reject_suggestion(
            tip_id=tip.tip_id, case_id=near.filed.case_id, actor=officer, now=utcnow()
        )
    with transaction():
        set_position(row(tip), lat=16.7, lon=98.5, radius_m=50.0, actor=officer, vault=vault, now=utcnow())
    (offered,) = case_services.suggestions_of_tips([tip.tip_id])[tip.tip_id]
    assert offered.ruling == "rejected"


def test_a_forgotten_name_leaves_nothing_behind(officer, vault):
    first, second = recent(KILN, 1), recent(AGAIN, 2)
    before = index_rows()
    taught = teach_kiln(first, officer, vault)
    trying_again.try_again()
    with transaction():
        forget(taught.taught_id, actor=officer, vault=vault, now=utcnow())
    assert row(first).lat is None  # its own tip at once
    assert trying_again.try_again() == 1
    assert row(second).lat is None
    assert index_rows() == before
    assert row(recent(AGAIN, 3)).lat is None
    assert places_like("xqzv", near=None) == []
    with pytest.raises(Conflict, match="removed already"), transaction():
        forget(taught.taught_id, actor=officer, vault=vault, now=utcnow())


def test_what_an_officer_placed_since_stays_when_the_name_goes(officer, vault):
    tip = recent(KILN, 1)
    taught = teach_kiln(tip, officer, vault)
    with transaction():
        set_position(row(tip), lat=16.7, lon=98.5, radius_m=100.0, actor=officer, vault=vault, now=utcnow())
    with transaction():
        forget(taught.taught_id, actor=officer, vault=vault, now=utcnow())
    trying_again.try_again()
    assert (row(tip).lat, row(tip).located_by) == (16.7, "officer")


def test_with_a_place_its_other_names_go_too(officer, vault):
    first, second = recent(KILN, 1), recent("logs hidden at Brunt Hollow", 2)
    taught = teach_kiln(first, officer, vault)
    with transaction():
        teach_alias(
            row(second), "Brunt Hollow",
            place_id=place_named("Xqzv workshop"), actor=officer, vault=vault, now=utcnow(),
        )  # fmt: skip
    assert row(second).lat == POINT[0]
    with transaction():
        forget(taught.taught_id, actor=officer, vault=vault, now=utcnow())
    trying_again.try_again()
    assert row(second).lat is None


def test_loading_the_places_again_keeps_what_was_taught(officer, vault):
    tip = recent("cigarettes by the carton behind Bo Brel Phlat", 1)
    teach_market(tip, "Bo Brel Phlat", officer, vault)
    teach_kiln(recent(KILN, 2), officer, vault)
    load_town()
    assert row(recent("more cartons of cigarettes at bo brel phlat", 3)).place_name == "Rim Moei Market"
    assert row(recent(AGAIN, 4)).place_name == "Xqzv workshop"


@pytest.mark.parametrize(
    ("text", "words", "says"),
    [
        (KILN, "night", "too ordinary"),
        (KILN, "x", "too short"),
        (KILN, " ", "Choose the words"),
        (KILN, "Brunt Hollow", "does not stand in tip"),
        ("call +66812345678 at the kiln", "+66812345678", "no name of a place|too ordinary"),
    ],
)
def test_words_that_can_be_no_name_are_refused(officer, vault, text, words, says):
    tip = recent(text, 1)
    with pytest.raises(Invalid) as refused:
        teach_market(tip, words, officer, vault)
    assert re.search(says, " ".join(refused.value.errors["words"]))


def test_a_name_is_taught_once_and_a_known_one_not_at_all(officer, vault):
    tip = recent(f"{KILN}, not at Rim Moei Market", 1)
    teach_kiln(tip, officer, vault)
    with pytest.raises(Conflict, match="taught already"):
        teach_market(tip, "Xqzv Workshop", officer, vault)
    with pytest.raises(Conflict, match="is a name of"):
        teach_market(tip, "Rim Moei Market", officer, vault)
    with pytest.raises(NotFound), transaction():
        teach_alias(row(tip), "logs", place_id=99_999, actor=officer, vault=vault, now=utcnow())


def test_a_better_position_than_a_name_is_kept(officer, vault):
    tip = make_tip(KILN, device=(16.70, 98.52), at=utcnow())
    teach_kiln(tip, officer, vault)
    assert (row(tip).lat, row(tip).located_by) == (16.70, "device")


def test_an_officer_places_a_tip_and_takes_it_back(officer, vault):
    tip = recent(KILN, 1)
    before = index_rows()
    with transaction():
        placement = set_position(
            row(tip), lat=16.71, lon=98.57, radius_m=100.0, actor=officer, vault=vault, now=utcnow()
        )
    assert row(tip).located_by == "officer"
    assert index_rows() != before
    with transaction():
        undo_position(row(tip), placement, actor=officer, vault=vault, now=utcnow())
    assert row(tip).lat is None
    assert index_rows() == before
    with pytest.raises(Conflict), transaction():
        undo_position(row(tip), placement, actor=officer, vault=vault, now=utcnow())


def test_every_process_learns_of_a_name_by_the_revision(officer, vault):
    town = current_town()
    teach_kiln(recent(KILN, 1), officer, vault)
    db.session.rollback()
    assert current_town() is not town


def test_who_taught_what_stands_in_the_audit_trail_without_the_words(officer, vault):
    teach_kiln(recent(KILN, 1), officer, vault)
    event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "place.name_taught")).one()
    assert event.actor_id == officer.id
    assert "Xqzv" not in str(event.detail)


def test_the_search_offers_the_nearest_places_that_hold_the_words(officer):
    offers = places_like("moei", near=(16.69, 98.51))
    assert offers
    distances = [offer.away_m for offer in offers]
    assert distances == sorted(distances) or len(distances) > 1
    assert all(offer.away_m is not None for offer in places_like("", near=(16.69, 98.51)))


def test_two_workers_place_each_tip_once(officer, vault):
    first, second = recent(KILN, 1), recent(AGAIN, 2)
    teach_kiln(first, officer, vault)
    name = trying_again._next_name()
    assert trying_again._try(name) == 1
    assert trying_again._try(name) == 0
    db.session.rollback()
    statement = sa.select(sa.func.count()).where(TipPlacement.tip_id == second.tip_id)
    assert db.session.scalar(statement) == 1


@pytest.mark.parametrize(
    ("text", "words", "again"),
    [
        ("ขายบุหรี่เถื่อนหลังโรงเลื่อยลุงคำทุกคืน", "โรงเลื่อยลุงคำ", "มีรถขนไม้ที่โรงเลื่อยลุงคำเมื่อคืน"),
        ("老王磨坊后面有人卖象牙", "老王磨坊", "昨晚老王磨坊又来了一辆卡车运木头"),
        ("venden cigarros atrás de la bodega del Chuy", "bodega del Chuy", "otra vez cajas de cigarros en la bodega del chuy"),
        ("يبيعون السجائر خلف ورشة زقزوق", "ورشة زقزوق", "شاحنة محملة بالسجائر قرب ورشة زقزوق"),
    ],
)  # fmt: skip
def test_a_name_of_any_script_is_learnt(officer, vault, text, words, again):
    tip, later = recent(text, 1), recent(again, 2)
    teach_market(tip, words, officer, vault)
    trying_again.try_again()
    assert row(tip).text[row(tip).place_start : row(tip).place_end] == words
    assert row(later).is_noise or row(later).place_name == "Rim Moei Market"


def test_a_teaching_that_fails_leaves_no_name_in_any_cache(officer, vault, monkeypatch):
    first, second = recent(KILN, 1), recent("logs hidden at Brunt Hollow", 2)

    def fail(*_, **__):
        raise Conflict("somebody was quicker")

    with monkeypatch.context() as broken:
        broken.setattr("tips.teaching.place_tip", fail)
        with pytest.raises(Conflict):
            teach_kiln(first, officer, vault)
    teach_market(second, "Brunt Hollow", officer, vault)
    assert row(recent(AGAIN, 3)).lat is None
    assert row(recent("more logs at Brunt Hollow", 4)).place_name == "Rim Moei Market"


def test_of_two_who_teach_the_same_words_at_once_one_is_told(app, officer, vault):
    tips = [recent(KILN, 1).tip_id, recent(AGAIN, 2).tip_id]
    db.session.rollback()
    together = Barrier(2)

    def teach(tip_id: int) -> str:
        with app.app_context():
            together.wait()
            try:
                with transaction():
                    tip = db.session.get(Tip, tip_id)
                    teach_place(
                        tip, "Xqzv workshop", lat=16.73, lon=98.54, actor=officer, vault=vault, now=utcnow()
                    )
            except Conflict:
                return "told"
            return "taught"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(teach, tips)) == ["taught", "told"]
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(TaughtName)) == 1


def test_of_two_names_from_one_tip_neither_leaves_its_place_when_both_go(officer, vault):
    tip = recent(f"{KILN}, near Brunt Hollow", 1)
    kiln = teach_kiln(tip, officer, vault)
    market = teach_market(tip, "Brunt Hollow", officer, vault)
    assert row(tip).place_name == "Rim Moei Market"
    for taught in (kiln, market):
        with transaction():
            forget(taught.taught_id, actor=officer, vault=vault, now=utcnow())
        trying_again.try_again()
    assert row(tip).lat is None


def test_taking_back_an_officers_position_does_not_lead_to_a_name_that_is_gone(officer, vault):
    tip = recent(KILN, 1)
    taught = teach_kiln(tip, officer, vault)
    with transaction():
        moved = set_position(
            row(tip), lat=16.7, lon=98.5, radius_m=100.0, actor=officer, vault=vault, now=utcnow()
        )
    with transaction():
        forget(taught.taught_id, actor=officer, vault=vault, now=utcnow())
    trying_again.try_again()
    with transaction():
        undo_position(row(tip), moved, actor=officer, vault=vault, now=utcnow())
    assert row(tip).lat is None


def test_tips_that_came_while_a_name_was_known_are_placed_without_it_when_it_goes(officer, vault):
    first = recent(KILN, 1)
    taught = teach_kiln(first, officer, vault)
    trying_again.try_again()
    later = recent(AGAIN, 2)
    market = recent("boxes of cigarettes at Rim Moei Market tonight", 3)
    assert row(later).place_name == "Xqzv workshop"
    before = (row(market).lat, row(market).radius_m)
    with transaction():
        forget(taught.taught_id, actor=officer, vault=vault, now=utcnow())
    assert trying_again.try_again() == 1
    assert (row(later).lat, row(later).place_name) == (None, None)
    assert (row(market).lat, row(market).radius_m) == before
    assert db.session.get(TaughtName, taught.taught_id).state == "gone"

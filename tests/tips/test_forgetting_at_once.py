"""A name is forgotten at the very moment its tips are placed, or by two at once: nobody waits in a ring, nothing stays."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
import sqlalchemy as sa

from cases.facts import Actor
from core.clock import utcnow
from core.db import db, transaction
from core.errors import Conflict, NotFound
from tests.builders.accounts import make_staff
from tests.builders.tips import load_town, make_tip
from tips import teaching, trying_again
from tips.knowledge import current_town
from tips.matching.footprint import Footprint
from tips.models import CaseKey, PlaceRow, TaughtName, Tip
from tips.teaching import forget, teach_alias, teach_place

PLACE = "Xqzv workshop"
OTHER_NAME = "Brunt Hollow"
AT_ONCE = 0.3  # seconds in which the other side gets as far as it can


@pytest.fixture
def officer(app):
    load_town()
    member = make_staff("officer")
    return Actor(member.id, member.role.value, member.person_id)


def tips_naming(*names: str, count: int = 4) -> list[int]:
    words = " near ".join(names)
    return [
        make_tip(
            f"{number} trucks with logs behind {words}", sender=f"+6680000{number:04d}", at=utcnow()
        ).tip_id
        for number in range(2, count + 2)
    ]


def teach(app, officer, tip_id: int) -> int:
    with transaction():
        return teach_place(
            db.session.get(Tip, tip_id), PLACE, lat=16.73, lon=98.54,
            actor=officer, vault=app.extensions["vault"], now=utcnow(),
        ).taught_id  # fmt: skip


def name_also(app, officer, tip_id: int, name: str) -> int:
    with transaction():
        place_id = db.session.scalar(sa.select(PlaceRow.id).where(PlaceRow.name == PLACE))
        return teach_alias(
            db.session.get(Tip, tip_id), name, place_id=place_id,
            actor=officer, vault=app.extensions["vault"], now=utcnow(),
        ).taught_id  # fmt: skip


def lose(app, officer, taught_id: int) -> str:
    try:
        with transaction():
            forget(taught_id, actor=officer, vault=app.extensions["vault"], now=utcnow())
    except Conflict:
        return "was gone"
    return "forgot"


def at_once(app, *acts: Callable[[], object]) -> list[object]:
    db.session.rollback()

    def run(act: Callable[[], object]) -> object:
        with app.app_context():
            try:
                return act()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, act) for act in acts]]


def picture() -> tuple[object, ...]:
    """Return where the tips lie and what the index says of them."""
    db.session.rollback()
    tips = db.session.execute(sa.select(Tip.id, Tip.lat, Tip.footprint).order_by(Tip.id)).all()
    index = db.session.execute(
        sa.select(CaseKey.key, CaseKey.case_id, CaseKey.t, CaseKey.tip_id).order_by(
            CaseKey.key, CaseKey.case_id
        )
    ).all()
    remembered = [Footprint.from_json(tip.footprint, tip_id=tip.id) for tip in tips]
    return [tip.lat for tip in tips], remembered, [tuple(row) for row in index]


def states() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(sa.select(TaughtName.state)))


def pausing(monkeypatch, module: object, name: str) -> Event:
    """Let a function wait before it goes on, and say so."""
    there, real = Event(), getattr(module, name)

    def wait(*args, **kwargs):
        there.set()
        time.sleep(AT_ONCE)
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, wait)
    return there


def test_a_name_that_is_forgotten_while_its_tips_are_placed_leaves_none_there(app, officer, monkeypatch):
    tips = tips_naming(PLACE)
    before = picture()
    taught = teach(app, officer, tips[0])
    placing = pausing(monkeypatch, trying_again, "place_tip")

    def lose_meanwhile() -> str:
        assert placing.wait(20)
        return lose(app, officer, taught)

    _, answer = at_once(app, trying_again.try_again, lose_meanwhile)
    assert answer == "forgot"
    monkeypatch.undo()
    trying_again.try_again()
    assert states() == {"gone"}
    assert picture() == before


def test_a_tip_that_two_names_were_learnt_from_is_placed_while_one_is_forgotten(app, officer, monkeypatch):
    """The tip loses its first place and waits for the second name, whose source it is."""
    tips = tips_naming(PLACE, OTHER_NAME, count=1)
    before = picture()
    first = teach(app, officer, tips[0])
    second = name_also(app, officer, tips[0], OTHER_NAME)
    with transaction():  # as after a place that was taken back: without one, and both names still known
        for column in ("lat", "lon", "place_name", "located_by"):
            setattr(db.session.get(Tip, tips[0]), column, None)
    states_read = pausing(monkeypatch, trying_again, "_state_of")
    placing = pausing(monkeypatch, trying_again, "_lock")

    def lose_meanwhile() -> str:
        assert states_read.wait(20) or placing.wait(20)
        time.sleep(AT_ONCE / 2)
        return lose(app, officer, second)

    at_once(app, trying_again.try_again, lose_meanwhile)
    monkeypatch.undo()
    assert lose(app, officer, first) == "forgot"
    trying_again.try_again()
    assert states() == {"gone"}
    assert picture() == before


def test_a_place_and_another_name_of_it_are_forgotten_by_two_at_once(app, officer, monkeypatch):
    tips = [*tips_naming(PLACE, count=1), *tips_naming(OTHER_NAME, count=1)]
    before = picture()
    place, other = teach(app, officer, tips[0]), name_also(app, officer, tips[1], OTHER_NAME)
    trying_again.try_again()
    answers = at_once(app, lambda: lose(app, officer, place), lambda: lose(app, officer, other))
    assert answers[0] == "forgot"
    assert answers[1] in ("forgot", "was gone")
    trying_again.try_again()
    assert states() == {"gone"}
    assert picture() == before


def test_no_name_is_learnt_for_a_place_that_is_forgotten_at_the_moment(app, officer, monkeypatch):
    tips = [*tips_naming(PLACE, count=1), *tips_naming(OTHER_NAME, count=1)]
    before = picture()
    place = teach(app, officer, tips[0])

    def learn() -> str:
        try:
            name_also(app, officer, tips[1], OTHER_NAME)
        except (Conflict, NotFound):
            return "refused"
        return "learnt"

    learning = pausing(monkeypatch, teaching, "_keep")

    def lose_meanwhile() -> str:
        assert learning.wait(20)
        return lose(app, officer, place)

    _, answer = at_once(app, learn, lose_meanwhile)
    assert answer == "forgot"
    monkeypatch.undo()
    trying_again.try_again()
    assert states() == {"gone"}
    assert picture() == before


def test_a_tip_on_its_way_in_while_its_name_is_forgotten_does_not_stay_there(app, officer, monkeypatch):
    (source,) = tips_naming(PLACE, count=1)
    taught = teach(app, officer, source)
    town = current_town()  # as the tip's request read it, before the name went
    assert lose(app, officer, taught) == "forgot"
    trying_again.try_again()
    assert states() == {"gone"}
    with monkeypatch.context() as read_before:
        read_before.setattr("tips.services.current_town", lambda: town)
        (late,) = tips_naming(PLACE, count=1)
    assert db.session.get(Tip, late).place_name == PLACE
    assert trying_again.try_again() == 1
    assert db.session.get(Tip, late, populate_existing=True).lat is None
    assert trying_again.try_again() == 0

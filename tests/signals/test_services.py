from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError

from core.db import db, transaction
from signals.models import KnownObservable, Mention
from signals.observable import KINDS, Observable
from signals.services import (
    mentions_of,
    mentions_of_many,
    newest_naming,
    others_sharing,
    others_sharing_any,
    record_mentions,
    withdraw_mentions,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLATE = Observable("plate", "KBX123A", 6, 14, "registry")
PHONE = Observable("phone", "+254722480913", 20, 32, "registry")


def record(tip_id: int, *observables: Observable, hours: int = 0) -> None:
    with transaction():
        record_mentions(subject=("tip", tip_id), observables=observables, at=NOON + timedelta(hours=hours))


def count(table: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table))


def statements_of(act) -> list[str]:
    seen: list[str] = []

    def listen(_connection, _cursor, statement, *_):
        seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", listen)
    try:
        act()
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", listen)
    return [statement for statement in seen if not statement.startswith(("BEGIN", "PRAGMA"))]


def test_a_tip_keeps_what_it_mentions_in_text_order(app):
    record(1, PHONE, PLATE)
    first, second = mentions_of(("tip", 1))
    assert (first.kind, first.value, first.assurance) == ("plate", "KBX123A", "registry")
    assert (first.start, first.end, first.at) == (6, 14, NOON)
    assert second.value == "+254722480913"
    assert mentions_of(("case", 1)) == ()


def test_recording_again_adds_nothing(app):
    record(1, PLATE, PHONE)
    record(1, PLATE, PHONE, hours=3)
    assert (count(KnownObservable), count(Mention)) == (2, 2)


def test_an_identifier_twice_in_one_text_is_two_mentions_of_one_row(app):
    record(1, PLATE, Observable("plate", "KBX123A", 40, 47, "registry"))
    assert (count(KnownObservable), count(Mention)) == (1, 2)


def test_a_text_without_identifiers_asks_the_database_nothing(app):
    assert statements_of(lambda: record_mentions(subject=("tip", 1), observables=(), at=NOON)) == []


def test_many_identifiers_take_three_statements(app):
    many = [Observable("serial", f"SN{n:05}", n, n + 1, "format") for n in range(60)]
    with transaction():
        ran = statements_of(lambda: record_mentions(subject=("tip", 1), observables=many, at=NOON))
    assert len(ran) == 3
    assert count(Mention) == 60


def test_mentions_of_many_subjects_leave_out_those_without_any(app):
    record(1, PLATE)
    record(2, PHONE)
    seen = mentions_of_many("tip", [1, 2, *range(3, 1_200)])
    assert {tip_id: [item.value for item in items] for tip_id, items in seen.items()} == {
        1: ["KBX123A"],
        2: ["+254722480913"],
    }


def test_others_that_mention_the_same_come_newest_first(app):
    record(1, PLATE, PHONE)
    record(2, PLATE, hours=1)
    record(3, PHONE, hours=2)
    record(4, Observable("plate", "UBA456B", 0, 7, "registry"), hours=3)
    shared = others_sharing(("tip", 1), limit=10)
    assert [(item.subject_kind, item.subject_id, item.value) for item in shared] == [
        ("tip", 3, "+254722480913"),
        ("tip", 2, "KBX123A"),
    ]
    assert [item.subject_id for item in others_sharing(("tip", 1), limit=1)] == [3]


def test_a_subject_that_names_an_identifier_twice_is_listed_once_for_it(app):
    record(1, PLATE)
    record(2, PLATE, Observable("plate", "KBX123A", 40, 47, "registry"))
    assert len(others_sharing(("tip", 1), limit=10)) == 1


def test_subjects_of_another_kind_with_the_same_id_are_others(app):
    record(1, PLATE)
    with transaction():
        record_mentions(subject=("case", 1), observables=[PLATE], at=NOON)
    assert [item.subject_kind for item in others_sharing(("tip", 1), limit=10)] == ["case"]


def test_the_tips_of_one_case_are_not_others_to_each_other(app):
    record(1, PLATE)
    record(2, PLATE)
    record(3, PLATE)
    assert [item.subject_id for item in others_sharing_any("tip", [1, 2], limit=10)] == [3]


def test_letters_that_look_like_digits_link_but_stay_as_written(app):
    record(1, Observable("plate", "B0I482", 0, 6, "format"))
    record(2, Observable("plate", "BO1482", 0, 6, "format"))
    (shared,) = others_sharing(("tip", 1), limit=10)
    assert (shared.subject_id, shared.value) == (2, "BO1482")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("account", "1234567890"),
        ("imo", "1234567"),
        ("phone", "+66800000000"),
        ("serial", "000000"),
        ("imei", "1" * 15),
    ],
)
def test_a_filler_is_kept_but_links_nothing(app, kind, value):
    filler = Observable(kind, value, 0, 5, "format")
    record(1, filler)
    record(2, filler)
    assert mentions_of(("tip", 1))[0].value == value
    assert others_sharing(("tip", 1), limit=10) == ()


def test_withdrawing_forgets_what_nobody_else_mentions(app):
    record(1, PLATE, PHONE)
    record(2, PLATE)
    with transaction():
        assert withdraw_mentions(("tip", 1)) == 2
    assert mentions_of(("tip", 1)) == ()
    assert list(db.session.scalars(sa.select(KnownObservable.value))) == ["KBX123A"]
    with transaction():
        assert withdraw_mentions(("tip", 1)) == 0


def test_a_withdrawn_identifier_can_come_back(app):
    record(1, PLATE)
    with transaction():
        withdraw_mentions(("tip", 1))
    record(2, PLATE)
    assert mentions_of(("tip", 2))[0].value == "KBX123A"


def test_many_who_record_the_same_at_once_share_one_row(app):
    number = 6
    target, barrier = current_app._get_current_object(), Barrier(number)

    def act(tip_id: int) -> None:
        with target.app_context():
            barrier.wait()
            try:
                for turn in range(5):
                    # each names the same identifiers in an order of its own
                    named = [Observable("plate", f"KBX{turn}{n}0A", n, n + 1, "registry") for n in range(4)]
                    with transaction():
                        record_mentions(
                            subject=("tip", tip_id), observables=named[:: (-1) ** tip_id], at=NOON
                        )
                        if tip_id % 3 == 0:
                            withdraw_mentions(("tip", tip_id))
            finally:
                db.session.remove()

    db.session.remove()
    with ThreadPoolExecutor(number) as pool:
        list(pool.map(act, range(1, number + 1)))
    assert count(KnownObservable) == 20
    assert count(Mention) == 4 * 20


def test_the_longest_address_fits(app):
    record(1, Observable("url", "https://" + "ก" * 504, 0, 512, "format"))
    assert len(mentions_of(("tip", 1))[0].value) == 512


def test_every_kind_is_taken_and_no_other(app):
    record(1, *(Observable(kind, f"X1{kind}", n, n + 1, "format") for n, kind in enumerate(KINDS)))
    assert count(Mention) == len(KINDS)
    with pytest.raises(IntegrityError), transaction():
        record_mentions(subject=("tip", 2), observables=[Observable("face", "A", 0, 1, "format")], at=NOON)


@pytest.mark.parametrize("span", [(3, 3), (-1, 2), (5, 2)])
def test_a_span_without_length_is_refused(app, span):
    with pytest.raises(IntegrityError), transaction():
        record_mentions(
            subject=("tip", 1), observables=[Observable("plate", "KBX123A", *span, "format")], at=NOON
        )


def test_the_newest_who_name_a_key_come_first_however_they_spelled_it(app):
    spelled = Observable("plate", "K8XI23A", 0, 7, "format")
    record(1, spelled, hours=1)
    record(2, Observable("plate", "K8X123A", 0, 7, "format"), hours=2)
    record(3, spelled, hours=3)
    found = newest_naming("plate", "K8X123A", subject_kind="tip", besides=2, limit=5)
    assert found == [(3, "K8XI23A"), (1, "K8XI23A")]
    assert newest_naming("plate", "K8X123A", subject_kind="tip", besides=2, limit=1) == [(3, "K8XI23A")]
    assert newest_naming("plate", "K8X123A", subject_kind="case", besides=2, limit=5) == []


def test_following_a_key_takes_as_many_statements_for_a_hundred_mentions_as_for_one(app):
    record(1, PLATE)
    one = statements_of(lambda: newest_naming("plate", "KBX123A", subject_kind="tip", besides=9, limit=5))
    for tip_id in range(2, 30):
        record(tip_id, PLATE)
    many = statements_of(lambda: newest_naming("plate", "KBX123A", subject_kind="tip", besides=9, limit=5))
    assert len(one) == len(many) == 2

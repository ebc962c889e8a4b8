from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from core.errors import TooMany
from core.throttle import Throttle, count_failure, forget, purge, refuse_if_throttled
from tests.builders.tips import MORNING

KEY, OTHER = b"k" * 32, b"o" * 32
WINDOW = timedelta(minutes=15)


def fail(times: int, *, at=MORNING, keys=(KEY,)) -> None:
    for _ in range(times):
        with transaction():
            count_failure(list(keys), window=WINDOW, now=at)


def check(*, at=MORNING, key=KEY) -> None:
    refuse_if_throttled([key], limit=5, window=WINDOW, now=at)


def test_the_fifth_failure_closes_the_door_until_the_window_ends(app):
    fail(4)
    check()
    fail(1)
    with pytest.raises(TooMany) as caught:
        check(at=MORNING + timedelta(minutes=5))
    assert caught.value.retry_after == 600
    check(at=MORNING + WINDOW)


def test_a_new_window_counts_from_one(app):
    fail(5)
    later = MORNING + WINDOW + timedelta(seconds=1)
    fail(4, at=later)
    check(at=later)


def test_one_key_does_not_close_the_door_of_another(app):
    fail(5)
    check(key=OTHER)


def test_a_key_that_proved_itself_starts_anew(app):
    fail(5)
    with transaction():
        forget([KEY])
    check()


def test_old_windows_are_dropped_and_fresh_ones_kept(app):
    fail(1)
    fail(1, at=MORNING + timedelta(hours=2), keys=(OTHER,))
    with transaction():
        purge(older_than=MORNING + timedelta(hours=1))
    assert list(db.session.scalars(sa.select(Throttle.key))) == [OTHER]

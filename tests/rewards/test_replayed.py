"""F5: every request about money sent again gives the first answer, and its key is good for nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.db import db, transaction
from core.errors import AppError, Conflict
from rewards import checks, services
from tests.builders.reward_office import NOW
from tests.rewards.test_killed import EVENTS, KEY, World, state

KEYED = sorted(set(EVENTS) - {"reserve"})


def ask(event, world):
    with transaction():
        return EVENTS[event](world)


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_f5_three_times_the_same_request_is_one_entry_and_one_answer(app, event):
    world = World()
    first = ask(event, world)
    after = state()
    answers = [ask(event, world) for _ in range(2)]
    assert state() == after
    if event != "reserve":  # a case that is closed again shows the same reward without the arithmetic
        assert answers == [first] * 2
    assert checks.check().violations == ()


@pytest.mark.parametrize("event", KEYED)
def test_f5_a_key_is_refused_for_another_path_and_another_amount(app, event):
    world = World()
    ask(event, world)
    after = state()
    for service, more in (
        (services.remit, {}),
        (services.fee, {"amount_minor": 8}),
        (services.defund, {"source": "Donor"}),
    ):
        with pytest.raises(Conflict, match="used for something else"), transaction():
            service(**{**world.treasury(), **more})
    assert state() == after


@pytest.mark.parametrize("event", ["approve", "release", "cancel", "pay", "reverse", "soft_close"])
def test_f5_a_key_is_refused_for_another_person(app, event):
    world = World()
    ask(event, world)
    after = state()
    other = replace(world.office.finance, id=world.office.officer.id)
    world.office = replace(world.office, finance=other, cashier=other, director=other)
    with pytest.raises(AppError), transaction():
        EVENTS[event](world)
    assert state() == after


def test_f5_requests_in_another_order_each_keep_their_own_answer(app):
    world = World()
    keys = [f"{KEY} {number}" for number in range(4)]

    def deposit(number):
        with transaction():
            return services.deposit(
                fund="GEN", amount_minor=100 + number, source="Treasury", reference="S", actor_id=None,
                key=keys[number], now=NOW,
            )  # fmt: skip

    answers = {number: deposit(number) for number in (2, 0, 3, 1)}
    assert [deposit(number) for number in range(4)] == [answers[number] for number in range(4)]
    assert len({answer.entry for answer in answers.values()}) == 4
    assert world.fee
    db.session.rollback()

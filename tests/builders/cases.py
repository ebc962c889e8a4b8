"""Tips filed into cases, and the people who work them."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from accounts.services import StaffMember
from cases import services
from cases.closing import SHORTEST_SUMMARY
from cases.facts import Actor, FiledTip, Filing, Suggestion, TipFacts
from cases.services import SeizureEntry
from cases.states import Ask
from core.db import db, transaction
from tests.builders.accounts import make_staff
from tips.matching.footprint import Footprint
from tips.models import Tip

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SUMMARY = "x" * SHORTEST_SUMMARY
NEW = Filing("new", None, "first", None, (), (), "test-1")
TEAK = SeizureEntry("timber", "Teak planks", 12_500, "MTQ", 1_840_000, "USD")
BLANK = Footprint(
    tip_id=0, case_id=None, received_at=0, event_at=None, sender=None, lat=None, lon=None, radius_m=0.0,
    located_by=None, place=None, language="en", categories={}, concepts=frozenset(), observables=frozenset(),
    numbers=frozenset(), grams=frozenset(), exact=0,
)  # fmt: skip
_numbers = itertools.count(1)


def make_tip_facts(**overrides: Any) -> TipFacts:
    """Store a bare tip and return what a case needs to know of it."""
    number = next(_numbers)
    facts = TipFacts(
        tip_id=0,
        code=f"{number:06d}",
        received_at=NOW,
        category="timber",
        category_probability=0.9,
        lat=16.7,
        lon=98.5,
        radius_m=200.0,
        place="Rim Moei market",
        language="th",
        sender_alias=f"s{number}",
        independent=True,
    )
    facts = replace(facts, **overrides)
    with transaction():
        values = {
            "code": facts.code,
            "source_key": f"test:{number}",
            "channel": facts.channel,
            "text": "Two trucks at the pier",
            "received_at": facts.received_at,
            "language": "en",
            "language_probability": 1.0,
            "is_noise": False,
            "place_outside": False,
            "footprint": BLANK.to_json(),
            "model_version": "test-1",
        }
        result = db.session.execute(sa.insert(Tip.__table__), values)
        return replace(facts, tip_id=result.inserted_primary_key[0])


def file_new(filing: Filing = NEW, **overrides: Any) -> FiledTip:
    """File a fresh tip, into a case of its own unless another decision is given."""
    facts = make_tip_facts(**overrides)
    with transaction():
        return services.file_tip(facts=facts, filing=filing, now=facts.received_at)


def file_into(case_id: int, *, relation: str = "corroborates", **overrides: Any) -> TipFacts:
    """File a fresh tip into a case as the machine does, and return its facts."""
    facts = make_tip_facts(**overrides)
    filing = Filing("attach", case_id, relation, 0.97, ("Same truck, 300 m apart.",), (), "test-1")
    with transaction():
        services.file_tip(facts=facts, filing=filing, now=facts.received_at)
    return facts


def suggesting(*case_ids: int) -> Filing:
    """Decide on a new case, with other cases held possible."""
    suggestions = tuple(Suggestion(case_id, 0.6, ("Same goods, 2 km apart.",)) for case_id in case_ids)
    return Filing("suggest", None, "first", None, (), suggestions, "test-1")


def make_actor(role: str = "officer", **details: Any) -> Actor:
    """Create an account and act as it."""
    return actor_of(make_staff(role, **details))


def actor_of(member: StaffMember) -> Actor:
    """Act as a member of staff."""
    return Actor(member.id, member.role.value, member.person_id)


def move_to(case_id: int, *states: str, actor: Actor, **words: Any) -> None:
    """Take a case through states, one transaction each."""
    for state in states:
        with transaction():
            services.transition(case_id=case_id, to=state, actor=actor, ask=Ask(**words), now=NOW)


def work_until_review(
    case_id: int, tip_ids: list[int], officer: Actor, *, disposition: str = "seizure"
) -> None:
    """Claim, confirm, work, grade and finish a case up to the supervisor's review."""
    with transaction():
        services.claim(case_id=case_id, actor=officer, now=NOW)
    with transaction():
        services.confirm_case(case_id=case_id, actor=officer, now=NOW)
        services.add_note(case_id=case_id, body="The yard was seen twice.", actor=officer, now=NOW)
    move_to(case_id, "assessing", "active", actor=officer)
    with transaction():
        for tip_id in tip_ids:
            services.grade_tip(tip_id=tip_id, grade="decisive", actor=officer, now=NOW)
        services.record_seizure(case_id=case_id, entry=TEAK, actor=officer, now=NOW)
        services.set_outcome(
            case_id=case_id,
            disposition=disposition,
            summary=SUMMARY,
            nil_seizures=False,
            action_at=None,
            actor=officer,
            now=NOW,
        )
    move_to(case_id, "pending_review", actor=officer)

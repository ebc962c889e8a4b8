"""Tables of case files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cases.closing import DISPOSITIONS, GRADES
from cases.facts import CATEGORIES, RELATIONS
from cases.measures import UNITS
from cases.priority import PRIORITIES
from cases.states import STATES
from core.db import Model, UtcDateTime
from signals.observable import KINDS

MADE_BY = ("machine", "user")
RULINGS = ("accepted", "rejected")
RULED = ("confirmed", "elsewhere", "moved_in", "moved_out", "rejected", "merged")
BY_HAND = "hand"
POSITIONS = ("first", "new_facts", "confirms", "duplicate")


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Write the CHECK of a column that takes a few words; NULL passes where the column allows it."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


WAITING = "detached_at IS NULL AND confirmed_at IS NULL"


class Unit(Model):
    """A team that works cases; exactly one is the triage unit."""

    __tablename__ = "case_units"
    __table_args__ = (
        sa.Index(
            "uq_case_units_triage",
            "is_triage",
            unique=True,
            sqlite_where=sa.text("is_triage"),
            postgresql_where=sa.text("is_triage"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    is_triage: Mapped[bool]


class Area(Model):
    """A named part of the map as a GeoJSON Polygon or MultiPolygon."""

    __tablename__ = "case_areas"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    shape: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    special: Mapped[bool]


class RoutingRule(Model):
    """Which unit takes the cases of an area, of a category, or of both; NULL stands for any."""

    __tablename__ = "case_routing_rules"
    __table_args__ = (sa.CheckConstraint(one_of("category", CATEGORIES), name="known_category"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("case_units.id"))
    area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case_areas.id"))
    category: Mapped[str | None] = mapped_column(sa.String(20))


class CaseCounter(Model):
    """The last number given out in a year."""

    __tablename__ = "case_counters"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Case(Model):
    """A case file.

    What its tips say together (category, place, span, voices, title, priority) is derived and rebuilt from
    the live links; what an officer decided stands in columns of its own that end in `_set` or name a person.
    """

    __tablename__ = "cases"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", STATES), name="known_state"),
        sa.CheckConstraint(one_of("category", CATEGORIES), name="known_category"),
        sa.CheckConstraint(one_of("category_set", CATEGORIES), name="known_category_set"),
        sa.CheckConstraint(one_of("priority", PRIORITIES), name="known_priority"),
        sa.CheckConstraint(one_of("priority_set", PRIORITIES), name="known_priority_set"),
        sa.CheckConstraint(one_of("disposition", tuple(DISPOSITIONS)), name="known_disposition"),
        sa.CheckConstraint("(state = 'merged') = (survivor_id IS NOT NULL)", name="merged_has_survivor"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        sa.Index("ix_cases_state_last", "state", "last_tip_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(16), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)

    state: Mapped[str] = mapped_column(sa.String(20))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    came_from: Mapped[str | None] = mapped_column(sa.String(20))
    review_on: Mapped[date | None]
    survivor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    title: Mapped[str] = mapped_column(sa.String(120))
    category: Mapped[str | None] = mapped_column(sa.String(20))
    category_probability: Mapped[float]
    category_set: Mapped[str | None] = mapped_column(sa.String(20))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    radius_m: Mapped[float | None]
    place: Mapped[str | None] = mapped_column(sa.String(200))
    first_tip_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_tip_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    event_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tips: Mapped[int]
    senders: Mapped[int]

    priority: Mapped[str] = mapped_column(sa.String(2))
    priority_points: Mapped[int]
    priority_reasons: Mapped[list[str]] = mapped_column(sa.JSON)
    priority_set: Mapped[str | None] = mapped_column(sa.String(2))
    priority_set_reason: Mapped[str | None] = mapped_column(sa.String(500))
    priority_set_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))

    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("case_units.id"), index=True)
    unit_reason: Mapped[str] = mapped_column(sa.String(300))
    area: Mapped[str | None] = mapped_column(sa.String(120))
    unit_set_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    assigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))

    disposition: Mapped[str | None] = mapped_column(sa.String(20))
    disposition_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    closing_summary: Mapped[str] = mapped_column(sa.Text, default="")
    nil_seizures: Mapped[bool] = mapped_column(default=False)
    action_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CaseLink(Model):
    """One tip in one case, with what the case needs to know of it and why it was put there.

    A tip has at most one live link. Links are ended, never deleted; moving a tip ends one and makes another.
    """

    __tablename__ = "case_tips"
    __table_args__ = (
        sa.CheckConstraint(one_of("relation", RELATIONS), name="known_relation"),
        sa.CheckConstraint(one_of("made_by", MADE_BY), name="known_maker"),
        sa.CheckConstraint("probability IS NULL OR probability BETWEEN 0 AND 1", name="probability_range"),
        sa.Index(
            "uq_case_tips_live_tip",
            "tip_id",
            unique=True,
            sqlite_where=sa.text("detached_at IS NULL"),
            postgresql_where=sa.text("detached_at IS NULL"),
        ),
        sa.Index("ix_case_tips_case_id_sender_alias", "case_id", "sender_alias"),
        sa.Index(
            "ix_case_tips_waiting",
            "received_at",
            "tip_id",
            sqlite_where=sa.text(WAITING),
            postgresql_where=sa.text(WAITING),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tip_id: Mapped[int] = mapped_column(sa.ForeignKey("tips.id"), index=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    relation: Mapped[str] = mapped_column(sa.String(20))
    probability: Mapped[float | None]
    reasons: Mapped[list[str]] = mapped_column(sa.JSON)
    model_version: Mapped[str] = mapped_column(sa.String(60))
    made_by: Mapped[str] = mapped_column(sa.String(10))
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    detached_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    detached_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    detached_reason: Mapped[str | None] = mapped_column(sa.String(300))

    code: Mapped[str] = mapped_column(sa.String(20))
    channel: Mapped[str] = mapped_column(sa.String(20))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    event_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    category: Mapped[str | None] = mapped_column(sa.String(20))
    category_probability: Mapped[float]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    radius_m: Mapped[float | None]
    place: Mapped[str | None] = mapped_column(sa.String(200))
    language: Mapped[str | None] = mapped_column(sa.String(20))
    sender_alias: Mapped[str | None] = mapped_column(sa.String(80))
    independent: Mapped[bool]


class TipSuggestion(Model):
    """A case that the matcher held possible for a tip, and what an officer ruled on it."""

    __tablename__ = "tip_suggestions"
    __table_args__ = (
        sa.CheckConstraint(one_of("ruling", RULINGS), name="known_ruling"),
        sa.CheckConstraint("probability BETWEEN 0 AND 1", name="probability_range"),
        sa.UniqueConstraint("tip_id", "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tip_id: Mapped[int] = mapped_column(sa.ForeignKey("tips.id"))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    rank: Mapped[int]
    probability: Mapped[float]
    reasons: Mapped[list[str]] = mapped_column(sa.JSON)
    model_version: Mapped[str] = mapped_column(sa.String(60))
    ruling: Mapped[str | None] = mapped_column(sa.String(10))
    ruled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ruled_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class CaseTransition(Model):
    """One change of state, append-only; `detail` keeps what was typed and what the guards saw."""

    __tablename__ = "case_transitions"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    from_state: Mapped[str | None] = mapped_column(sa.String(20))
    to_state: Mapped[str] = mapped_column(sa.String(20))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(500))
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    version: Mapped[int]


class CaseNote(Model):
    """The present text of a note; `version` guards against two people saving over each other."""

    __tablename__ = "case_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    body: Mapped[str] = mapped_column(sa.Text)
    version: Mapped[int]
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CaseNoteRevision(Model):
    """An earlier text of a note, kept for good."""

    __tablename__ = "case_note_revisions"
    __table_args__ = (sa.UniqueConstraint("note_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(sa.ForeignKey("case_notes.id"))
    version: Mapped[int]
    body: Mapped[str] = mapped_column(sa.Text)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Seizure(Model):
    """A lot of goods taken: quantity in thousandths of its unit, value in minor units of its currency."""

    __tablename__ = "case_seizures"
    __table_args__ = (
        sa.CheckConstraint(one_of("category", CATEGORIES), name="known_category"),
        sa.CheckConstraint(one_of("unit", tuple(UNITS)), name="known_unit"),
        sa.CheckConstraint("quantity_thousandths > 0", name="some_quantity"),
        sa.CheckConstraint("value_minor >= 0", name="no_negative_value"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    category: Mapped[str] = mapped_column(sa.String(20))
    description: Mapped[str] = mapped_column(sa.String(200))
    quantity_thousandths: Mapped[int | None] = mapped_column(sa.BigInteger)
    unit: Mapped[str | None] = mapped_column(sa.String(4))
    value_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    currency: Mapped[str | None] = mapped_column(sa.String(3))
    recorded_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Contribution(Model):
    """What a tip was worth to its case: a grade, its position among the tips, and an optional score card."""

    __tablename__ = "case_contributions"
    __table_args__ = (
        sa.CheckConstraint(one_of("grade", GRADES), name="known_grade"),
        sa.CheckConstraint(one_of("position", POSITIONS), name="known_position"),
        sa.UniqueConstraint("case_id", "tip_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    tip_id: Mapped[int] = mapped_column(sa.ForeignKey("tips.id"))
    grade: Mapped[str] = mapped_column(sa.String(12))
    position: Mapped[str] = mapped_column(sa.String(12))
    card: Mapped[dict[str, int] | None] = mapped_column(sa.JSON)
    gates: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    graded_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    graded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseAction(Model):
    """An act of filing that can be taken back; `image` names the rows it touched and how they were before."""

    __tablename__ = "case_actions"
    __table_args__ = (sa.Index("ix_case_actions_actor_id_at", "actor_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    tip_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tips.id"), index=True)
    image: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class CaseTie(Model):
    """Two cases that name the same thing, or that an officer linked by hand; a link, never a merge.

    `low_id` and `high_id` are the cases as they were then; where the tips lie now says which cases it links.
    A dismissed link stays, so that the same one never returns.
    """

    __tablename__ = "case_links"
    __table_args__ = (
        sa.UniqueConstraint("low_id", "high_id", "kind", "value", name="uq_case_links_pair"),
        sa.CheckConstraint("low_id < high_id", name="in_order"),
        sa.CheckConstraint(one_of("kind", (*KINDS, BY_HAND)), name="known_kind"),
        sa.CheckConstraint(one_of("made_by", MADE_BY), name="known_maker"),
        sa.CheckConstraint("(kind = 'hand') = (low_tip_id IS NULL)", name="tips_share"),
        sa.CheckConstraint("(low_tip_id IS NULL) = (high_tip_id IS NULL)", name="both_tips"),
        sa.CheckConstraint("(dismissed_at IS NULL) = (dismissed_why IS NULL)", name="dismissed_why"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    low_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    high_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    value: Mapped[str] = mapped_column(sa.String(512))
    written: Mapped[str] = mapped_column(sa.String(512))
    low_tip_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tips.id"), index=True)
    high_tip_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tips.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    made_by: Mapped[str] = mapped_column(sa.String(10))
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dismissed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    dismissed_why: Mapped[str | None] = mapped_column(sa.String(300))


class TipRuling(Model):
    """What an officer ruled on a tip and a case, beside what the matcher had said; the matcher is fitted to these.

    `members` are the tips that lay in the case at that time, newest first.
    """

    __tablename__ = "tip_rulings"
    __table_args__ = (
        sa.CheckConstraint(one_of("how", RULED), name="known_how"),
        sa.CheckConstraint("probability IS NULL OR probability BETWEEN 0 AND 1", name="probability_range"),
        sa.Index("ix_tip_rulings_ruled_at", "ruled_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tip_id: Mapped[int] = mapped_column(sa.ForeignKey("tips.id"), index=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    same: Mapped[bool]
    how: Mapped[str] = mapped_column(sa.String(12))
    probability: Mapped[float | None]
    model_version: Mapped[str | None] = mapped_column(sa.String(60))
    members: Mapped[list[int]] = mapped_column(sa.JSON)
    ruled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ruled_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    action_id: Mapped[int] = mapped_column(sa.ForeignKey("case_actions.id"), index=True)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


# intake writes these without models, which would cost more than the database does
COUNTERS = cast(sa.Table, CaseCounter.__table__)
CASES = cast(sa.Table, Case.__table__)
LINKS = cast(sa.Table, CaseLink.__table__)
SUGGESTIONS = cast(sa.Table, TipSuggestion.__table__)
TRANSITIONS = cast(sa.Table, CaseTransition.__table__)
ACTIONS = cast(sa.Table, CaseAction.__table__)
TIES = cast(sa.Table, CaseTie.__table__)

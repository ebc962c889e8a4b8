"""Tables of the door: tips, contacts in their vault, messages, block keys, places."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model, UtcDateTime

CHANNELS = ("sms", "whatsapp", "web")
DIRECTIONS = ("in", "out")
# in the order in which a message may move; `answered` went out inside the answer to a webhook
MESSAGE_STATES = (
    "received", "answered", "queued", "sending", "unknown", "sent", "delivered", "undelivered", "failed", "cancelled",
)  # fmt: skip
UNPLACED = "lat IS NULL AND NOT is_noise"
# how far the trying of other tips with a new name has come, and the taking back after it was removed
TAUGHT_STATES = ("trying", "done", "leaving", "gone")
PLACED_BY = ("officer", "taught", "geocoder")


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Write the SQL of a closed list."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Contact(Model):
    """A resident's number: sealed, with a keyed index, and the alias that officers see instead."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    vault_id: Mapped[str] = mapped_column(sa.String(32), unique=True)
    number_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    number_index: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    alias: Mapped[str] = mapped_column(sa.String(12), unique=True)
    language: Mapped[str | None] = mapped_column(sa.String(8))
    opted_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Tip(Model):
    """What one resident said once, as received, and what the product made of it."""

    __tablename__ = "tips"
    __table_args__ = (
        sa.CheckConstraint(one_of("channel", CHANNELS), name="known_channel"),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="point_on_earth"),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="whole_point"),
        sa.Index("ix_tips_received_at", "received_at", "id"),
        sa.Index("ix_tips_noise", "is_noise", "received_at"),
        sa.Index(
            "ix_tips_unplaced", "id", sqlite_where=sa.text(UNPLACED), postgresql_where=sa.text(UNPLACED)
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(12), unique=True)
    secret_hash: Mapped[str | None] = mapped_column(sa.String(200))
    source_key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    external_id: Mapped[str | None] = mapped_column(sa.String(80), unique=True)
    channel: Mapped[str] = mapped_column(sa.String(10))
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contacts.id"), index=True)
    text: Mapped[str] = mapped_column(sa.Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    event_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    event_words: Mapped[str | None] = mapped_column(sa.String(120))
    language: Mapped[str] = mapped_column(sa.String(8))
    language_probability: Mapped[float]
    category: Mapped[str | None] = mapped_column(sa.String(20))
    category_probability: Mapped[float | None]
    category_set_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    is_noise: Mapped[bool]
    noise_reason: Mapped[str | None] = mapped_column(sa.String(40))
    noise_set_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    radius_m: Mapped[float | None]
    located_by: Mapped[str | None] = mapped_column(sa.String(20))
    place_name: Mapped[str | None] = mapped_column(sa.String(200))
    place_words: Mapped[str | None] = mapped_column(sa.String(400))
    place_start: Mapped[int | None]
    place_end: Mapped[int | None]
    place_outside: Mapped[bool] = mapped_column(default=False)
    place_conflict: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    footprint: Mapped[str] = mapped_column(sa.Text)
    model_version: Mapped[str] = mapped_column(sa.String(40))


class Message(Model):
    """One text in or out; an outgoing one is a row first and sent afterwards, its state only moves forward."""

    __tablename__ = "messages"
    __table_args__ = (
        sa.CheckConstraint(one_of("direction", DIRECTIONS), name="known_direction"),
        sa.CheckConstraint(one_of("state", MESSAGE_STATES), name="known_state"),
        sa.CheckConstraint(one_of("channel", CHANNELS), name="known_channel"),
        sa.Index("ix_messages_due", "state", "due_at"),
        sa.Index("ix_messages_contact", "contact_id", "direction", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(sa.String(3))
    kind: Mapped[str] = mapped_column(sa.String(30))
    state: Mapped[str] = mapped_column(sa.String(12))
    channel: Mapped[str] = mapped_column(sa.String(10))
    tip_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tips.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contacts.id"))
    source_key: Mapped[str | None] = mapped_column(sa.String(80), unique=True)
    answers_id: Mapped[int | None] = mapped_column(sa.ForeignKey("messages.id"), unique=True)
    body: Mapped[str | None] = mapped_column(sa.Text)
    provider_id: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str | None] = mapped_column(sa.String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseKey(Model):
    """Where the matcher looks: keyed hashes of place, facts and words, with the newest and the first tip of each case."""

    __tablename__ = "case_keys"
    __table_args__ = (
        sa.Index("ix_case_keys_newest", "key", "t", "tip_id", "first_id", "case_id"),
        {"sqlite_with_rowid": False},
    )

    key: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    t: Mapped[int] = mapped_column(sa.BigInteger)
    tip_id: Mapped[int] = mapped_column(sa.BigInteger)
    first_id: Mapped[int] = mapped_column(sa.BigInteger)


class PlaceRow(Model):
    """A landmark of the deployment, from the operator's file or, where `taught_at` is set, from an officer."""

    __tablename__ = "places"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200), unique=True)
    aliases: Mapped[list[str]] = mapped_column(sa.JSON)
    lat: Mapped[float]
    lon: Mapped[float]
    kind: Mapped[str] = mapped_column(sa.String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taught_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TaughtName(Model):
    """What people call a place, learnt by an officer from a tip; `is_place` where the place was new with it.

    `key` is the name as it is compared. `next_tip_id` is where the trying of other tips goes on.
    """

    __tablename__ = "taught_names"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", TAUGHT_STATES), name="known_state"),
        sa.CheckConstraint("(removed_at IS NULL) = (state IN ('trying', 'done'))", name="removed_leaves"),
        sa.Index(
            "uq_taught_names_live",
            "key",
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    key: Mapped[str] = mapped_column(sa.String(400))
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("places.id"), index=True)
    is_place: Mapped[bool]
    tip_id: Mapped[int] = mapped_column(sa.ForeignKey("tips.id"), index=True)
    taught_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    taught_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(sa.String(10))
    next_tip_id: Mapped[int | None]
    tried: Mapped[int] = mapped_column(default=0)


class TipPlacement(Model):
    """A tip that got its place after it came; `before` holds the columns of its place as they were."""

    __tablename__ = "tip_placements"
    __table_args__ = (
        sa.CheckConstraint(one_of("cause", PLACED_BY), name="known_cause"),
        sa.CheckConstraint("(cause = 'taught') = (taught_id IS NOT NULL)", name="taught_by_a_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tip_id: Mapped[int] = mapped_column(sa.ForeignKey("tips.id"), index=True)
    cause: Mapped[str] = mapped_column(sa.String(10))
    taught_id: Mapped[int | None] = mapped_column(sa.ForeignKey("taught_names.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    before: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class OldFootprint(Model):
    """What the matcher remembered of a tip until its place was learnt, for whoever fits it to rulings from before."""

    __tablename__ = "old_footprints"
    __table_args__ = (sa.Index("ix_old_footprints_tip_id_until", "tip_id", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tip_id: Mapped[int] = mapped_column(sa.ForeignKey("tips.id"))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    footprint: Mapped[str] = mapped_column(sa.Text)


class GeocodeRequest(Model):
    """A tip whose place waits for the online geocoder; only written where the operator configured one."""

    __tablename__ = "geocode_requests"

    tip_id: Mapped[int] = mapped_column(sa.ForeignKey("tips.id"), primary_key=True)
    words: Mapped[str] = mapped_column(sa.String(400))
    state: Mapped[str] = mapped_column(sa.String(12))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

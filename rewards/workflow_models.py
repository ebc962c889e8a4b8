"""Tables of the way a reward takes: steps that need a second person, and answers of residents."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model, UtcDateTime
from rewards.models import among, unique_where
from rewards.workflow_kinds import AskedFor, QueryState, RequestState, Said

OPEN = "state = 'open'"


class SecondPersonRequest(Model):
    """A step about one voucher that one person asked for and another one confirms or refuses."""

    __tablename__ = "second_person_requests"
    __table_args__ = (
        sa.CheckConstraint(among("kind", AskedFor), name="known_kind"),
        sa.CheckConstraint(among("state", RequestState), name="known_state"),
        sa.CheckConstraint("state <> 'confirmed' OR decided_person <> asked_person", name="two_people"),
        sa.CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="decided_by_somebody"),
        unique_where("uq_second_person_requests_one_open", "share_id", "kind", where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    share_id: Mapped[int] = mapped_column(sa.ForeignKey("reward_shares.id"))
    reason: Mapped[str] = mapped_column(sa.String(300))
    state: Mapped[str] = mapped_column(sa.String(10))
    asked_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    asked_person: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    decided_person: Mapped[int | None]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CollectionAnswer(Model):
    """What a resident said after collecting: GOT is closed at once, NOT waits for somebody to look into it."""

    __tablename__ = "collection_answers"
    __table_args__ = (
        sa.CheckConstraint(among("said", Said), name="known_words"),
        sa.CheckConstraint(among("state", QueryState), name="known_state"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_a_time"),
        unique_where("uq_collection_answers_one_open", "share_id", where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    share_id: Mapped[int] = mapped_column(sa.ForeignKey("reward_shares.id"))
    said: Mapped[str] = mapped_column(sa.String(3))
    channel: Mapped[str] = mapped_column(sa.String(20))
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(sa.String(6))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    note: Mapped[str] = mapped_column(sa.String(300))
    closed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

"""Tables of signals: identifiers, and where each was mentioned."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model, UtcDateTime
from signals.observable import ASSURANCES, KINDS, LONGEST_VALUE


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class KnownObservable(Model):
    """An identifier in its normal form; two spellings meet in `link_key`, NULL where it links nothing."""

    __tablename__ = "observables"
    __table_args__ = (
        sa.UniqueConstraint("kind", "value"),
        sa.CheckConstraint(_among("kind", KINDS), name="kind"),
        sa.CheckConstraint(_among("assurance", ASSURANCES), name="assurance"),
        sa.Index("ix_observables_kind_link_key", "kind", "link_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    value: Mapped[str] = mapped_column(sa.String(LONGEST_VALUE))
    link_key: Mapped[str | None] = mapped_column(sa.String(LONGEST_VALUE))
    assurance: Mapped[str] = mapped_column(sa.String(10))


class Mention(Model):
    """One place where an identifier stands: a subject by kind and id, and offsets in its text.

    A subject is named, not referenced: what deletes one calls `services.withdraw_mentions`.
    """

    __tablename__ = "mentions"
    __table_args__ = (
        sa.UniqueConstraint(
            "subject_kind", "subject_id", "observable_id", "span_start", name="uq_mentions_subject"
        ),
        sa.CheckConstraint("span_start >= 0 AND span_end > span_start", name="span"),
        sa.Index("ix_mentions_observable_id_at", "observable_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    observable_id: Mapped[int] = mapped_column(sa.ForeignKey("observables.id"))
    subject_kind: Mapped[str] = mapped_column(sa.String(20))
    subject_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    span_start: Mapped[int]
    span_end: Mapped[int]

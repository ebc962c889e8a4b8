"""Read the link graph: what a subject mentions, and which others mention the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from core.db import db, execute
from signals.models import KnownObservable, Mention
from signals.placeholders import link_key

Subject = tuple[str, int]

_CHUNK = 500
#: A subject with more shared identifiers than this is shown by its first ones.
_MOST_FOLLOWED = 12


@dataclass(frozen=True, slots=True)
class Mentioned:
    """An identifier that a subject mentions, with its offsets in the subject's text."""

    observable_id: int
    kind: str
    value: str
    assurance: str
    start: int
    end: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Shared:
    """Another subject that mentions an identifier too; `value` is as that other one wrote it."""

    subject_kind: str
    subject_id: int
    kind: str
    value: str
    at: datetime


_SPELLINGS = sa.text(
    f"SELECT id, value FROM {KnownObservable.__tablename__} WHERE kind = :kind AND link_key = :key "
    f"ORDER BY id LIMIT {_MOST_FOLLOWED}"
)
_NEWEST_NAMING = sa.text(
    f"SELECT subject_id FROM {Mention.__tablename__} WHERE observable_id = :observable_id "
    "AND subject_kind = :subject_kind AND subject_id <> :besides ORDER BY at DESC LIMIT :most"
)


def newest_naming(
    kind: str, key: str, *, subject_kind: str, besides: int, limit: int
) -> list[tuple[int, str]]:
    """Give the newest subjects of a kind that name an identifier by its link key, each with the value it wrote.

    For the path of every tip: short statements whose cost does not grow with how often an identifier was seen.
    """
    found: list[tuple[int, str]] = []
    for observable_id, value in execute(_SPELLINGS, {"kind": kind, "key": key}).all():
        parameters = {
            "observable_id": observable_id, "subject_kind": subject_kind, "besides": besides, "most": limit,
        }  # fmt: skip
        found += [(subject_id, value) for subject_id in execute(_NEWEST_NAMING, parameters).scalars()]
    return found


def mentions_of_many(subject_kind: str, subject_ids: Sequence[int]) -> dict[int, tuple[Mentioned, ...]]:
    """Give the identifiers of many subjects of one kind, in text order; subjects without any are left out."""
    found: dict[int, list[Mentioned]] = defaultdict(list)
    for first in range(0, len(subject_ids), _CHUNK):
        statement = (
            sa.select(
                Mention.subject_id,
                KnownObservable.id,
                KnownObservable.kind,
                KnownObservable.value,
                KnownObservable.assurance,
                Mention.span_start,
                Mention.span_end,
                Mention.at,
            )
            .join(KnownObservable, KnownObservable.id == Mention.observable_id)
            .where(
                Mention.subject_kind == subject_kind,
                Mention.subject_id.in_(subject_ids[first : first + _CHUNK]),
            )
            .order_by(Mention.subject_id, Mention.span_start)
        )
        for subject_id, *rest in db.session.execute(statement):
            found[subject_id].append(Mentioned(*rest))
    return {subject_id: tuple(mentions) for subject_id, mentions in found.items()}


def others_sharing_any(subject_kind: str, subject_ids: Sequence[int], *, limit: int) -> tuple[Shared, ...]:
    """Give other subjects that mention an identifier of these, newest first, each identifier once a subject.

    Fillers such as 0000000 share nothing. The cost does not grow with how often an identifier was seen.
    """
    return _newest_sharing(
        _linked_observables(subject_kind, subject_ids), subject_kind, set(subject_ids), limit=limit
    )


def subjects_with(
    identifiers: Sequence[tuple[str, str]], *, subject_kind: str, limit: int
) -> tuple[Shared, ...]:
    """Give the subjects that mention one of these (kind, value), newest first, however they spelled it."""
    if not identifiers:
        return ()
    keys = [(kind, key) for kind, value in identifiers if (key := link_key(kind, value)) is not None]
    statement = (
        sa.select(KnownObservable.id)
        .where(
            sa.or_(
                sa.tuple_(KnownObservable.kind, KnownObservable.value).in_(identifiers),
                sa.tuple_(KnownObservable.kind, KnownObservable.link_key).in_(keys),
            )
        )
        .order_by(KnownObservable.id)
        .limit(_MOST_FOLLOWED)
    )
    found = _newest_sharing(list(db.session.scalars(statement)), subject_kind, set(), limit=limit)
    return tuple(one for one in found if one.subject_kind == subject_kind)


def _newest_sharing(
    observable_ids: Sequence[int], subject_kind: str, own: set[int], *, limit: int
) -> tuple[Shared, ...]:
    """Read who else mentions some identifiers, newest first, each identifier once a subject."""
    if not observable_ids:
        return ()
    newest = [_newest_of(observable_id, subject_kind, own, limit) for observable_id in observable_ids]
    rows = sa.union_all(*(sa.select(one) for one in newest)).subquery()
    statement = (
        sa.select(
            rows.c.subject_kind,
            rows.c.subject_id,
            KnownObservable.kind,
            KnownObservable.value,
            sa.func.max(rows.c.at),
        )
        .join(KnownObservable, KnownObservable.id == rows.c.observable_id)
        .group_by(rows.c.subject_kind, rows.c.subject_id, KnownObservable.kind, KnownObservable.value)
        .order_by(sa.func.max(rows.c.at).desc(), rows.c.subject_id.desc(), KnownObservable.value)
        .limit(limit)
    )
    return tuple(Shared(*row) for row in db.session.execute(statement))


def _linked_observables(subject_kind: str, subject_ids: Sequence[int]) -> list[int]:
    """List the identifiers that these subjects mention, and those that only look different."""
    spelled = aliased(KnownObservable)
    statement = (
        sa.select(spelled.id)
        .join(
            KnownObservable,
            sa.and_(KnownObservable.kind == spelled.kind, KnownObservable.link_key == spelled.link_key),
        )
        .join(Mention, Mention.observable_id == KnownObservable.id)
        .where(Mention.subject_kind == subject_kind, Mention.subject_id.in_(subject_ids[:_CHUNK]))
        .distinct()
        .order_by(spelled.id)
        .limit(_MOST_FOLLOWED)
    )
    return list(db.session.scalars(statement))


def _newest_of(observable_id: int, subject_kind: str, own: set[int], limit: int) -> sa.Subquery:
    """Select the newest mentions of one identifier by others, walking its index backwards."""
    return (
        sa.select(Mention.observable_id, Mention.subject_kind, Mention.subject_id, Mention.at)
        .where(
            Mention.observable_id == observable_id,
            sa.or_(Mention.subject_kind != subject_kind, Mention.subject_id.not_in(own)),
        )
        .order_by(Mention.at.desc())
        .limit(limit)
        .subquery()
    )

"""Keep where identifiers were mentioned, and take it back."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.db import Model, db, execute, table_of
from signals.models import KnownObservable, Mention
from signals.observable import Observable
from signals.placeholders import link_key
from signals.queries import (
    Mentioned,
    Shared,
    Subject,
    mentions_of_many,
    newest_naming,
    others_sharing_any,
    subjects_with,
)

__all__ = [
    "Mentioned",
    "Shared",
    "Subject",
    "mentions_of",
    "mentions_of_many",
    "newest_naming",
    "others_sharing",
    "others_sharing_any",
    "record_mentions",
    "subjects_with",
    "withdraw_mentions",
]

_TRIES = 3


def record_mentions(*, subject: Subject, observables: Sequence[Observable], at: datetime) -> None:
    """Keep the identifiers found in a subject's text; doing it again adds nothing.

    Takes three statements however many there are. Two who record the same new identifier at once both
    end with the one row.
    """
    if not observables:
        return
    kind, subject_id = subject
    ids = _ids_of(observables)
    rows = [
        {
            "observable_id": ids[found.kind, found.value],
            "subject_kind": kind,
            "subject_id": subject_id,
            "at": at,
            "span_start": found.start,
            "span_end": found.end,
        }
        for found in observables
    ]
    _insert_new(Mention, rows)


def _ids_of(observables: Sequence[Observable]) -> dict[tuple[str, str], int]:
    """Find or make the row of each identifier, and hold it until the end of the transaction."""
    known = {(found.kind, found.value): found for found in observables}
    ordered = sorted(known)  # one order for everybody, so that two writers never wait for each other
    new = [
        {
            "kind": kind,
            "value": value,
            "link_key": link_key(kind, value),
            "assurance": known[kind, value].assurance,
        }
        for kind, value in ordered
    ]
    wanted = (
        sa.select(KnownObservable.kind, KnownObservable.value, KnownObservable.id)
        .where(sa.tuple_(KnownObservable.kind, KnownObservable.value).in_(ordered))
        .with_for_update(read=True, key_share=True)
    )
    for _ in range(_TRIES):
        _insert_new(KnownObservable, new)
        ids = {(kind, value): found for kind, value, found in db.session.execute(wanted)}
        if len(ids) == len(known):  # fewer only where a withdrawal took one away in between
            return ids
    raise RuntimeError("identifiers vanish as fast as they are recorded")


def _insert_new(table: type[Model], rows: list[dict[str, Any]]) -> None:
    execute(_insert_into(table_of(table), tuple(rows[0])), rows)


@functools.cache
def _insert_into(table: sa.Table, columns: tuple[str, ...]) -> sa.TextClause:
    # written out, because the dialects' own insert with ON CONFLICT is compiled anew at each execution
    marks = ", ".join(f":{name}" for name in columns)
    text = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT DO NOTHING"
    return sa.text(text).bindparams(*(sa.bindparam(name, type_=table.c[name].type) for name in columns))


def mentions_of(subject: Subject) -> tuple[Mentioned, ...]:
    """Give the identifiers of one subject, in text order."""
    kind, subject_id = subject
    return mentions_of_many(kind, [subject_id]).get(subject_id, ())


def others_sharing(subject: Subject, *, limit: int) -> tuple[Shared, ...]:
    """Give the other subjects that mention an identifier of this one, newest first."""
    kind, subject_id = subject
    return others_sharing_any(kind, [subject_id], limit=limit)


def withdraw_mentions(subject: Subject) -> int:
    """Forget what a subject mentioned and identifiers nobody else does; return the mentions removed.

    Whatever deletes or anonymises a subject calls this: no reference in the database would.
    """
    kind, subject_id = subject
    mine = sa.and_(Mention.subject_kind == kind, Mention.subject_id == subject_id)
    removed = list(db.session.scalars(sa.delete(Mention).where(mine).returning(Mention.observable_id)))
    if removed:
        _drop_unmentioned(set(removed))
    return len(removed)


def _drop_unmentioned(observable_ids: set[int]) -> None:
    """Delete identifiers without a mention; one that somebody is just recording is left alone."""
    held = db.session.scalars(
        sa.select(KnownObservable.id)
        .where(KnownObservable.id.in_(observable_ids))
        .order_by(KnownObservable.id)
        .with_for_update(skip_locked=True)
    ).all()
    mentioned = sa.exists().where(Mention.observable_id == KnownObservable.id)
    db.session.execute(
        sa.delete(KnownObservable)
        .where(KnownObservable.id.in_(held), ~mentioned)
        .execution_options(synchronize_session=False)
    )

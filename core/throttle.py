"""Throttling by keyed hash: how often something was tried lately, without remembering by whom."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model, UtcDateTime, db
from core.errors import TooMany


class Throttle(Model):
    """Failures of one key since the start of its window."""

    __tablename__ = "throttles"

    key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    window_start: Mapped[datetime] = mapped_column(UtcDateTime)


def refuse_if_throttled(keys: list[bytes], *, limit: int, window: timedelta, now: datetime) -> None:
    """Raise TooMany where one of the keys failed `limit` times within the window."""
    starts = db.session.scalars(
        sa.select(Throttle.window_start).where(
            Throttle.key.in_(keys), Throttle.failures >= limit, Throttle.window_start > now - window
        )
    ).all()
    if starts:
        wait = max(start + window - now for start in starts)
        raise TooMany(retry_after=max(1, int(wait.total_seconds())))


def count_failure(keys: list[bytes], *, window: timedelta, now: datetime) -> None:
    """Count one failure against each key; an old window starts anew."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    for key in sorted(keys):
        statement = insert(Throttle).values(key=key, failures=1, window_start=now)
        expired = Throttle.window_start <= now - window
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "failures": sa.case((expired, 1), else_=Throttle.failures + 1),
                    "window_start": sa.case((expired, now), else_=Throttle.window_start),
                },
            )
        )


def forget(keys: list[bytes]) -> None:
    """Forget the failures of keys that proved themselves."""
    db.session.execute(sa.delete(Throttle).where(Throttle.key.in_(keys)))


def purge(*, older_than: datetime) -> None:
    """Drop windows that have long ended."""
    db.session.execute(sa.delete(Throttle).where(Throttle.window_start < older_than))

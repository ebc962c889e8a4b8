"""The town that this installation serves."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import g, has_app_context
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model, UtcDateTime, db, execute, table_of

ONLY = 1


@dataclass(frozen=True)
class Deployment:
    """What an operator sets up; `revision` grows with every change, so that caches know when to reload."""

    name: str
    country_codes: tuple[str, ...]
    languages: tuple[str, ...]
    centre: tuple[float, float]
    radius_km: float
    timezone: str
    revision: int = 0

    @property
    def zone(self) -> tzinfo:
        """Return the time zone that screens use."""
        return _zone(self.timezone)


NOWHERE = Deployment(
    name="Waypost", country_codes=(), languages=("en",), centre=(0.0, 0.0), radius_km=0.0, timezone="UTC"
)


class DeploymentRow(Model):
    """The single row that holds the deployment."""

    __tablename__ = "deployment"
    __table_args__ = (sa.CheckConstraint(f"id = {ONLY}", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    country_codes: Mapped[list[str]] = mapped_column(sa.JSON)
    languages: Mapped[list[str]] = mapped_column(sa.JSON)
    lat: Mapped[float]
    lon: Mapped[float]
    radius_km: Mapped[float]
    timezone: Mapped[str] = mapped_column(sa.String(60))
    revision: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


_READ = sa.select(table_of(DeploymentRow)).where(DeploymentRow.id == ONLY)


def current_deployment() -> Deployment:
    """Return the deployment, read once a request; NOWHERE before one was loaded."""
    if has_app_context() and "deployment" in g:
        found: Deployment = g.deployment
        return found
    row = execute(_READ).first()
    deployment = NOWHERE
    if row is not None:
        deployment = Deployment(
            name=row.name,
            country_codes=tuple(row.country_codes),
            languages=tuple(row.languages),
            centre=(row.lat, row.lon),
            radius_km=row.radius_km,
            timezone=row.timezone,
            revision=row.revision,
        )
    if has_app_context():
        g.deployment = deployment
    return deployment


def look_again() -> None:
    """Let the deployment be read anew, in a job that may outlive what it read."""
    g.pop("deployment", None)


def save_deployment(deployment: Deployment, *, now: datetime) -> Deployment:
    """Store the deployment under a new revision."""
    row = db.session.get(DeploymentRow, ONLY)
    if row is None:
        row = DeploymentRow(id=ONLY, revision=0)
        db.session.add(row)
    row.name = deployment.name
    row.country_codes, row.languages = list(deployment.country_codes), list(deployment.languages)
    (row.lat, row.lon), row.radius_km = deployment.centre, deployment.radius_km
    row.timezone, row.revision, row.updated_at = deployment.timezone, (row.revision or 0) + 1, now
    db.session.flush()
    g.pop("deployment", None)
    return current_deployment()


def bump_revision(*, now: datetime) -> None:
    """Tell every process that what hangs on the deployment (its places, say) has changed."""
    db.session.execute(
        sa.update(DeploymentRow).values(revision=DeploymentRow.revision + 1, updated_at=now.astimezone(UTC))
    )
    g.pop("deployment", None)


@functools.cache
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)

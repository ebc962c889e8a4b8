"""What the desk lists: views, rows, paging, points for the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

import cases.services as case_services
from accounts.services import StaffMember
from cases.services import Cursor, TipCase, Wanted
from core.codes import show_tip_code
from core.db import db
from core.deployment import current_deployment
from tips import queries
from tips.desk_tip import short_place
from tips.models import Tip

ROWS = 50
PREVIEW = 140
VIEWS = {
    "waiting": "To decide",
    "urgent": "Urgent",
    "mine": "My cases",
    "noise": "Set aside",
    "all": "All",
}


@dataclass(frozen=True, slots=True)
class View:
    """One list of the desk for one officer."""

    name: str
    category: str | None
    member: StaffMember

    @property
    def wanted(self) -> Wanted:
        """Translate the view for the package that owns cases."""
        return Wanted(
            unconfirmed=self.name in {"waiting", "urgent"},
            urgent=self.name == "urgent",
            assignee_id=self.member.id if self.name == "mine" else None,
            category=self.category,
        )

    def href(self, name: str | None = None, **more: object) -> str:
        """Write the address of a view."""
        parts = {"view": name or self.name, "category": self.category, **more}
        query = "&".join(f"{key}={value}" for key, value in parts.items() if value)
        return f"/desk?{query}"

    def tip_href(self, code: str) -> str:
        """Write the address of a tip opened from this view."""
        return f"/desk/{show_tip_code(code)}" + self.href().removeprefix("/desk")


def view_tip_ids(
    view: View, *, limit: int, older_than: Cursor | None = None, newer_than: Cursor | None = None
) -> list[int]:
    """Return the tips of a view, newest first."""
    if view.name in {"noise", "all"}:
        return _tips_of_table(view, limit=limit, older_than=older_than, newer_than=newer_than)
    return case_services.tips_in_view(view.wanted, limit=limit, older_than=older_than, newer_than=newer_than)


def count_view(view: View, *, after_tip_id: int = 0) -> int:
    """Count the tips of a view, or those that came after one."""
    if view.name in {"noise", "all"}:
        counted = sa.select(sa.func.count()).select_from(Tip).where(Tip.id > after_tip_id, *_conditions(view))
        return db.session.scalar(counted) or 0
    return case_services.count_in_view(view.wanted, after_tip_id=after_tip_id).count


def list_context(
    view: View, *, older_than: Cursor | None, newer_than: Cursor | None, now: datetime
) -> dict[str, Any]:
    """Build everything around a tip: tabs, rows, paging, progress."""
    ids = view_tip_ids(view, limit=ROWS + 1, older_than=older_than, newer_than=newer_than)
    more_before = bool(older_than) or (newer_than is not None and len(ids) > ROWS)
    more_after = len(ids) > ROWS if newer_than is None else True
    ids = ids[:ROWS] if newer_than is None else ids[-ROWS:]
    rows = rows_of(ids, view)
    waiting = case_services.count_in_view(Wanted(category=view.category))
    return {
        "views": [
            (view.href(name), words, count_view(View(name, view.category, view.member)))
            for name, words in VIEWS.items()
        ],
        "view": view.name,
        "view_href": view.href(),
        "category": view.category,
        "map_href": "/desk/map.json" + view.href().removeprefix("/desk"),
        "rows": rows,
        "newest": newest_tip_id(),
        "next_href": view.href(before=_cursor_text(rows[-1])) if rows and more_after else None,
        "previous_href": view.href(after=_cursor_text(rows[0])) if rows and more_before else None,
        "left": waiting.count,
        "oldest": waiting.oldest,
        "done": case_services.decisions_since(actor_id=view.member.id, since=_local_midnight(now)),
    }


def rows_of(ids: Sequence[int], view: View) -> list[dict[str, Any]]:
    """Build the rows of some tips in their order."""
    found = queries.tips_by_ids(ids)
    homes = case_services.case_of_tips(ids)
    offered = case_services.suggestions_of_tips(ids)
    return [_row(found[tip_id].tip, homes.get(tip_id), len(offered.get(tip_id, ())), view) for tip_id in ids]


def map_features(view: View) -> dict[str, Any]:
    """Build the points of a view for the map."""
    ids = view_tip_ids(view, limit=500)
    found = queries.tips_by_ids(ids)
    homes = case_services.case_of_tips(ids)
    features = []
    for tip_id in ids:
        tip, home = found[tip_id].tip, homes.get(tip_id)
        if tip.lat is None or tip.lon is None:
            continue
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [round(tip.lon, 5), round(tip.lat, 5)]},
                "properties": {
                    "id": show_tip_code(tip.code),
                    "kind": "tip",
                    "label": show_tip_code(tip.code),
                    "priority": int(home.priority[1:]) if home else None,
                    "radius_m": tip.radius_m,
                    "category": tip.category,
                    "href": view.tip_href(tip.code),
                    "note": tip.place_name,
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}


def next_tip_id(view: View, after: Tip) -> int | None:
    """Return the tip that an officer sees after deciding one: the next older, else the newest that is left."""
    cursor = Cursor(after.received_at, after.id)
    ids = view_tip_ids(view, limit=1, older_than=cursor) or view_tip_ids(view, limit=1)
    return next((tip_id for tip_id in ids if tip_id != after.id), None)


def newest_tip_id() -> int:
    """Return the highest tip id there is, as a bookmark for what comes later."""
    return db.session.scalar(sa.select(sa.func.max(Tip.id))) or 0


def read_cursor(text: str) -> Cursor | None:
    """Read the place that a paging link names; None for anything odd."""
    moment, _, tip_id = text.rpartition("_")
    if not (tip_id.isascii() and tip_id.isdigit() and len(tip_id) < 19):
        return None
    try:
        at = datetime.fromisoformat(moment)
        return Cursor(at.astimezone(UTC), int(tip_id)) if at.tzinfo else None
    except (ValueError, OverflowError):  # the year 1 in the east lies before all time
        return None


def _tips_of_table(
    view: View, *, limit: int, older_than: Cursor | None, newer_than: Cursor | None
) -> list[int]:
    statement = sa.select(Tip.id).where(*_conditions(view))
    place = sa.tuple_(Tip.received_at, Tip.id)
    if newer_than is not None:
        rows = db.session.scalars(
            statement.where(place > _literal(newer_than)).order_by(Tip.received_at, Tip.id).limit(limit)
        ).all()
        return list(reversed(rows))
    if older_than is not None:
        statement = statement.where(place < _literal(older_than))
    return list(db.session.scalars(statement.order_by(Tip.received_at.desc(), Tip.id.desc()).limit(limit)))


def _literal(cursor: Cursor) -> Any:
    return sa.tuple_(sa.literal(cursor.received_at, Tip.received_at.type), sa.literal(cursor.tip_id))


def _conditions(view: View) -> list[Any]:
    conditions: list[Any] = [Tip.is_noise] if view.name == "noise" else []
    if view.category:
        conditions.append(Tip.category == view.category)
    return conditions


def _row(tip: Tip, home: TipCase | None, suggestions: int, view: View) -> dict[str, Any]:
    code = show_tip_code(tip.code)
    return {
        "code": code,
        "id": tip.id,
        "href": view.tip_href(tip.code),
        "priority": home.priority if home else None,
        "category": tip.category,
        "place": short_place(tip),
        "received_at": tip.received_at,
        "language": tip.language,
        "text": tip.text[:PREVIEW],
        "channel": tip.channel,
        "suggestions": suggestions if home is not None and not home.confirmed else 0,
        "case_tips": home.tips if home else 0,
        "unread": home is not None and not home.confirmed,
        "decided": None,
    }


def _local_midnight(now: datetime) -> datetime:
    return now.astimezone(current_deployment().zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _cursor_text(row: dict[str, Any]) -> str:
    return f"{row['received_at'].isoformat().replace('+', '%2B')}_{row['id']}"

"""Load the routing of a deployment and choose units by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from marshmallow import ValidationError
from sqlalchemy.pool import Pool

from cases.models import Area, RoutingRule, Unit
from cases.routing import Area as Shape
from cases.routing import Plan, Rule, polygons_of, route
from cases.schemas import ROUTING, flat_messages
from core import audit
from core.db import db
from core.deployment import bump_revision, current_deployment
from core.errors import Invalid


@dataclass(frozen=True, slots=True)
class ChosenUnit:
    """The unit for a case, the area's name that decided it, and why."""

    unit_id: int
    area: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Routing:
    """The plan with the rows behind its keys."""

    plan: Plan
    unit_ids: Mapping[str, int]
    area_names: Mapping[str, str]

    def choose(self, *, category: str | None, lat: float | None, lon: float | None) -> ChosenUnit:
        """Choose the unit for goods at a place."""
        found = route(self.plan, category=category, lat=lat, lon=lon)
        area = self.area_names[found.area] if found.area else None
        return ChosenUnit(self.unit_ids[found.unit], area, found.reason)


@dataclass(frozen=True, slots=True)
class LoadedRouting:
    """How much was loaded."""

    units: int
    areas: int
    rules: int


# Intake asks for the plan with every tip; the deployment's revision tells when it has changed. The pool
# stands for the database: it is renewed when the database behind the engine is exchanged.
_plans: WeakKeyDictionary[Pool, tuple[int, Routing]] = WeakKeyDictionary()


def routing() -> Routing:
    """Return the present routing, read anew only after the deployment changed."""
    revision = current_deployment().revision
    kept = _plans.get(db.engine.pool)
    if kept is not None and revision and kept[0] == revision:
        return kept[1]
    fresh = _read()
    _plans[db.engine.pool] = (revision, fresh)
    return fresh


def load_routing(data: Mapping[str, Any], *, now: datetime, actor_id: int | None = None) -> LoadedRouting:
    """Replace areas and rules, and update units, by an operator's file; raise Invalid where it does not fit.

    Units are never deleted, because cases belong to them; loading the same again changes nothing.
    """
    try:
        wanted = ROUTING.load(data)
    except ValidationError as error:
        raise Invalid(flat_messages(error), "The routing cannot be used.") from error
    units = {unit["key"]: _save_unit(unit["key"], unit["name"]) for unit in wanted["units"]}
    _choose_triage(wanted["triage"], units)
    db.session.execute(sa.delete(RoutingRule))
    db.session.execute(sa.delete(Area))
    areas = {area["key"]: Area(**area) for area in wanted["areas"]}
    db.session.add_all(areas.values())
    db.session.flush()
    for rule in wanted["rules"]:
        area_id = areas[rule["area"]].id if rule["area"] else None
        db.session.add(
            RoutingRule(unit_id=units[rule["unit"]].id, area_id=area_id, category=rule["category"])
        )
    db.session.flush()
    loaded = LoadedRouting(len(units), len(areas), len(wanted["rules"]))
    audit.record(
        action="routing.loaded",
        subject=("routing", "plan"),
        actor_id=actor_id,
        detail={"units": sorted(units)},
        at=now,
    )
    bump_revision(now=now)
    _plans.pop(db.engine.pool, None)
    return loaded


def _save_unit(key: str, name: str) -> Unit:
    unit = db.session.scalar(sa.select(Unit).where(Unit.key == key))
    if unit is None:
        unit = Unit(key=key, name=name, is_triage=False)
        db.session.add(unit)
    unit.name = name
    return unit


def _choose_triage(key: str | None, units: Mapping[str, Unit]) -> None:
    if key is None:
        return
    db.session.execute(sa.update(Unit).values(is_triage=False))
    db.session.flush()
    units[key].is_triage = True
    db.session.flush()


def _read() -> Routing:
    units = db.session.execute(sa.select(Unit.id, Unit.key, Unit.is_triage)).all()
    areas = db.session.execute(sa.select(Area.id, Area.key, Area.name, Area.shape, Area.special)).all()
    rules = db.session.execute(
        sa.select(RoutingRule.unit_id, RoutingRule.area_id, RoutingRule.category).order_by(RoutingRule.id)
    ).all()
    unit_keys, area_keys = {unit.id: unit.key for unit in units}, {area.id: area.key for area in areas}
    plan = Plan.build(
        areas=[
            Shape.build(key=area.key, name=area.name, polygons=polygons_of(area.shape), special=area.special)
            for area in areas
        ],
        rules=[Rule(unit_keys[rule.unit_id], area_keys.get(rule.area_id), rule.category) for rule in rules],
        triage=next(unit.key for unit in units if unit.is_triage),
    )
    return Routing(plan, {unit.key: unit.id for unit in units}, {area.key: area.name for area in areas})

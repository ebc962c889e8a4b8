"""Load a deployment's folder: what an operator sets up."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from marshmallow import ValidationError

import cases.services as case_services
from core.db import db
from core.deployment import Deployment, save_deployment
from core.errors import Invalid
from tips.inbound import clean_text
from tips.models import PlaceRow
from tips.schemas import DEPLOYMENT, PLACE

LONGEST_ALIAS = 120
# a place of the file is the operator's, also where an officer taught or removed one of this name before
FROM_FILE: dict[str, None] = {"taught_at": None, "removed_at": None}


class BadFolder(Exception):
    """A file that cannot be used; the message names it and its line."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a folder brought."""

    name: str
    new: int
    updated: int
    units: int


def load_folder(folder: Path, *, now: datetime) -> Loaded:
    """Read the deployment and its places into the database; the same folder again changes no place.

    Names that officers taught stand apart and stay.
    """
    deployment = _deployment(folder / "deployment.json")
    places = _places(folder / "places.csv")
    known = {row.name: row for row in db.session.scalars(sa.select(PlaceRow))}
    new = updated = 0
    for place in places:
        row = known.get(place["name"])
        if row is None:
            db.session.add(PlaceRow(**place, created_at=now))
            new += 1
        elif any(getattr(row, name) != value for name, value in (place | FROM_FILE).items()):
            for name, value in (place | FROM_FILE).items():
                setattr(row, name, value)
            updated += 1
    saved = save_deployment(deployment, now=now)
    units = _routing(folder / "routing.json", now=now)
    return Loaded(saved.name, new, updated, units)


def _deployment(path: Path) -> Deployment:
    try:
        data = DEPLOYMENT.load(_json(path))
        ZoneInfo(data["timezone"])
    except ValidationError as error:
        raise BadFolder(f"{path.name}: {error.normalized_messages()}") from error
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadFolder(f"{path.name}: the time zone is not known") from error
    return Deployment(
        name=data["name"],
        country_codes=tuple(data["country_codes"]),
        languages=tuple(data["languages"]),
        centre=tuple(data["centre"]),
        radius_km=data["radius_km"],
        timezone=data["timezone"],
    )


def _places(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFolder(f"{path.name} cannot be read as UTF-8") from error
    places: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        cells = {name: clean_text(value) for name, value in row.items() if name and isinstance(value, str)}
        try:
            place = PLACE.load(cells)
        except ValidationError as error:
            raise BadFolder(f"{path.name}, line {number}: {error.normalized_messages()}") from error
        aliases = (clean_text(alias)[:LONGEST_ALIAS] for alias in place["aliases"].split(";"))
        places[place["name"]] = place | {"aliases": [alias for alias in dict.fromkeys(aliases) if alias]}
    return list(places.values())


def _routing(path: Path, *, now: datetime) -> int:
    if not path.exists():
        return 0
    try:
        return case_services.load_routing(_json(path), now=now).units
    except Invalid as error:
        raise BadFolder(f"{path.name}: {error.errors}") from error


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadFolder(f"{path.name} cannot be read") from error
    except ValueError as error:
        raise BadFolder(f"{path.name} is not JSON in UTF-8") from error

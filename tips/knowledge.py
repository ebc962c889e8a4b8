"""What the readers of a tip must know of the deployment, built once per revision and process."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from sqlalchemy.pool import Pool

from core.db import db
from core.deployment import Deployment, current_deployment
from tips.known_places import live_places
from tips.places.gazetteer import Gazetteer
from tips.places.types import Place
from tips.understanding import Town

# The pool stands for the database: it is renewed when the database behind the engine is exchanged.
_built: WeakKeyDictionary[Pool, tuple[Deployment, Town]] = WeakKeyDictionary()
_lock = threading.Lock()


def current_town() -> Town:
    """Return what is known of the deployment at its present revision."""
    deployment = current_deployment()
    found = _built.get(db.engine.pool)
    if found is not None and found[0] == deployment:
        return found[1]
    places = [Place(row.name, row.aliases, row.lat, row.lon, row.kind) for row in live_places()]
    with _lock:
        found = _built.get(db.engine.pool)
        if found is None or found[0] != deployment:
            found = _built[db.engine.pool] = (deployment, _town(deployment, places))
        return found[1]


def _town(deployment: Deployment, places: Sequence[Place]) -> Town:
    gazetteer = Gazetteer(
        places,
        centre=deployment.centre,
        radius_km=deployment.radius_km,
        country_codes=deployment.country_codes,
        languages=deployment.languages,
    )
    return Town(deployment.country_codes, deployment.languages, deployment.timezone, gazetteer)

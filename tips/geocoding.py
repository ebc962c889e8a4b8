"""The optional online geocoder: a background job, never in a request, and only where the operator configured one."""

from __future__ import annotations

from typing import Protocol

import sqlalchemy as sa
from flask import current_app
from geopy.exc import GeocoderServiceError
from geopy.geocoders import Nominatim
from geopy.location import Location as Answer

from core.clock import utcnow
from core.config import Settings
from core.db import BESIDE_REFERENCES, db, transaction
from core.deployment import Deployment, current_deployment
from core.vault import Vault
from core.web import settings
from tips.knowledge import current_town
from tips.models import GeocodeRequest, Tip
from tips.places.geodesy import distance_m
from tips.places.types import Location
from tips.placing import place_tip

BATCH = 10
MOST_ATTEMPTS = 3
TIMEOUT_SECONDS = 10
TOWN_RADIUS_M = 2_500.0
AGENT = "waypost"


class Geocoder(Protocol):
    """Whatever turns words into a point."""

    def find(self, words: str, *, deployment: Deployment) -> tuple[float, float] | None:
        """Return a point within the deployment's radius, or None."""


class NominatimGeocoder:
    """Asks the operator's Nominatim server through geopy."""

    def __init__(self, url: str) -> None:
        scheme, _, domain = url.rpartition("://")
        self._client = Nominatim(
            user_agent=AGENT, domain=domain, scheme=scheme or "https", timeout=TIMEOUT_SECONDS
        )

    def find(self, words: str, *, deployment: Deployment) -> tuple[float, float] | None:
        """Ask for words near the deployment; an answer outside its radius is no answer."""
        codes = [code.lower() for code in deployment.country_codes]
        answer: Answer | None = self._client.geocode(words, country_codes=codes or None, exactly_one=True)
        if answer is None:
            return None
        away = distance_m(answer.latitude, answer.longitude, *deployment.centre)
        return (answer.latitude, answer.longitude) if away <= deployment.radius_km * 1000 else None


def make_geocoder(settings: Settings) -> Geocoder | None:
    """Build the geocoder of the settings; None keeps every word on this machine."""
    if settings.geocoder != "nominatim" or not settings.nominatim_url:
        return None
    return NominatimGeocoder(settings.nominatim_url)


def locate_waiting() -> int:
    """Ask the geocoder about the tips that wait; no transaction is open while it thinks."""
    geocoder: Geocoder | None = current_app.extensions.get("geocoder") or make_geocoder(settings())
    if geocoder is None:
        return 0
    deployment = current_deployment()
    waiting = db.session.execute(
        sa.select(GeocodeRequest.tip_id, GeocodeRequest.words)
        .where(GeocodeRequest.state == "waiting")
        .limit(BATCH)
    ).all()
    db.session.rollback()
    placed = 0
    for request in waiting:
        try:
            point = geocoder.find(request.words, deployment=deployment)
        except GeocoderServiceError:
            _count_attempt(request.tip_id)
            continue
        placed += _note(request.tip_id, request.words, point)
    return placed


def _note(tip_id: int, words: str, point: tuple[float, float] | None) -> bool:
    with transaction():
        state = "found" if point else "unknown"
        db.session.execute(
            sa.update(GeocodeRequest).where(GeocodeRequest.tip_id == tip_id).values(state=state)
        )
        if point is None:
            return False
        tip = db.session.get_one(Tip, tip_id, with_for_update=BESIDE_REFERENCES, populate_existing=True)
        if tip.lat is not None:
            return False
        place_tip(tip, _location(point, words), cause="geocoder", vault=_vault(), now=utcnow())
        return True


def _location(point: tuple[float, float], words: str) -> Location:
    return Location(  # without a name: that of the nearest place would say more than is known

        lat=point[0], lon=point[1], radius_m=TOWN_RADIUS_M, source="place", words=words[:400], start=None, end=None,
        place=None, outside=current_town().gazetteer.is_outside(*point), conflict=None,
    )  # fmt: skip


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault


def _count_attempt(tip_id: int) -> None:
    with transaction():
        tried = GeocodeRequest.attempts + 1
        db.session.execute(
            sa.update(GeocodeRequest)
            .where(GeocodeRequest.tip_id == tip_id)
            .values(attempts=tried, state=sa.case((tried >= MOST_ATTEMPTS, "unknown"), else_="waiting"))
        )

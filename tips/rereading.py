"""Read a stored tip once more: noise that an officer rules to be a tip, a tip whose place became known."""

from __future__ import annotations

from core.db import db
from tips.inbound import DeviceFix, InboundTip
from tips.knowledge import current_town
from tips.matching.footprint import Footprint, build_footprint
from tips.models import Tip
from tips.places.types import Location
from tips.services import location_values
from tips.understanding import Understanding, understand


def reread(tip: Tip, *, alias: str | None) -> Footprint:
    """Place a tip anew, fill in its category, and keep and return its new footprint."""
    device = None
    if tip.located_by == "device" and tip.lat is not None and tip.lon is not None:
        device = DeviceFix(tip.lat, tip.lon, tip.radius_m)
    understood = _understood(tip, device)
    for name, value in location_values(understood.location).items():
        setattr(tip, name, value)
    if tip.category is None:
        tip.category = understood.reading.category
        tip.category_probability = understood.reading.category_probability
    footprint = _footprint(tip, understood, understood.location, alias)
    tip.footprint = footprint.to_json()
    db.session.flush()
    return footprint


def footprint_at(tip: Tip, location: Location | None, *, alias: str | None) -> Footprint:
    """Build the footprint of a stored tip as if it happened at another place, or at none."""
    return _footprint(tip, _understood(tip, None), location, alias)


def _understood(tip: Tip, device: DeviceFix | None) -> Understanding:
    inbound = InboundTip(source_key=tip.source_key, channel=tip.channel, text=tip.text, device=device)
    return understand(
        inbound,
        town=current_town(),
        received_at=tip.received_at,
        known_sender=False,
        previous=None,
        is_tip=True,
    )


def _footprint(
    tip: Tip, understood: Understanding, location: Location | None, alias: str | None
) -> Footprint:
    return build_footprint(
        tip_id=tip.id,
        received_at=tip.received_at,
        sender=alias,
        text=tip.text,
        location=location,
        reading=understood.reading,
        observables=understood.observables,
    )

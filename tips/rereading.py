"""Read a stored tip once more, as when an officer rules that what looked like noise is a tip."""

from __future__ import annotations

from core.db import db
from tips.inbound import DeviceFix, InboundTip
from tips.knowledge import current_town
from tips.matching.footprint import Footprint, build_footprint
from tips.models import Tip
from tips.services import location_values
from tips.understanding import understand


def reread(tip: Tip, *, alias: str | None) -> Footprint:
    """Place a tip anew, fill in its category, and keep and return its new footprint."""
    device = None
    if tip.located_by == "device" and tip.lat is not None and tip.lon is not None:
        device = DeviceFix(tip.lat, tip.lon, tip.radius_m)
    inbound = InboundTip(source_key=tip.source_key, channel=tip.channel, text=tip.text, device=device)
    understood = understand(
        inbound,
        town=current_town(),
        received_at=tip.received_at,
        known_sender=False,
        previous=None,
        is_tip=True,
    )
    for name, value in location_values(understood.location).items():
        setattr(tip, name, value)
    if tip.category is None:
        tip.category = understood.reading.category
        tip.category_probability = understood.reading.category_probability
    footprint = build_footprint(
        tip_id=tip.id,
        received_at=tip.received_at,
        sender=alias,
        text=tip.text,
        location=understood.location,
        reading=understood.reading,
        observables=understood.observables,
    )
    tip.footprint = footprint.to_json()
    db.session.flush()
    return footprint

"""Tips for tests, taken in through the product's own door."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app

from core.db import transaction
from tips import places_setup
from tips.inbound import DeviceFix, InboundTip
from tips.services import Received, receive

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TOWN = Path(__file__).parent.parent / "corpus" / "maesot"
BOAT = "Long-tail boat unloading cartons of cigarettes at Rim Moei market, white truck 70-4418 waiting"


def load_town(folder: Path = TOWN) -> None:
    """Load a deployment with its places."""
    with transaction():
        places_setup.load_folder(folder, now=MORNING)


def make_tip(
    text: str = BOAT,
    *,
    sender: str | None = "+66800000001",
    channel: str = "sms",
    at: datetime = MORNING,
    minutes: int = 0,
    device: tuple[float, float] | None = None,
    source_key: str | None = None,
) -> Received:
    """Take in one tip, committed."""
    inbound = InboundTip(
        source_key=source_key or f"test:{secrets.token_hex(8)}",
        channel=channel,
        text=text,
        sender=sender,
        device=DeviceFix(*device) if device else None,
        received_at=at + timedelta(minutes=minutes),
    )
    with transaction():
        return receive(inbound, vault=current_app.extensions["vault"], now=inbound.received_at)

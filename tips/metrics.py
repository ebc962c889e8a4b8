"""Figures for the operator's monitoring: tips, outgoing messages, how long the oldest one waits."""

from __future__ import annotations

import hmac
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, Response, request

from accounts.permissions import public
from core.clock import utcnow
from core.db import db
from core.errors import NotFound
from core.exposition import CONTENT_TYPE, Gauge, exposition
from core.web import settings
from tips.models import CHANNELS, MESSAGE_STATES, Message, Tip

OUTGOING_STATES = tuple(state for state in MESSAGE_STATES if state != "received")

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Answer whoever holds METRICS_TOKEN; without one configured there is no such page."""
    token = settings().metrics_token
    if not token:
        raise NotFound()
    sent = request.headers.get("Authorization", "")
    if not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        response = Response("A bearer token is needed.\n", 401, mimetype="text/plain")
        response.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return response
    return Response(exposition(gauges(now=utcnow())), content_type=CONTENT_TYPE)


def gauges(*, now: datetime) -> tuple[Gauge, ...]:
    """Count what an operator watches; a count of zero is stated, so that an alarm can rely on it."""
    return (_tips(), _outgoing(), _oldest_queued(now))


def _tips() -> Gauge:
    rows = db.session.execute(
        sa.select(Tip.channel, Tip.is_noise, sa.func.count()).group_by(Tip.channel, Tip.is_noise)
    )
    counts = {(channel, noise): count for channel, noise, count in rows}
    samples = tuple(
        ({"channel": channel, "noise": str(noise).lower()}, counts.get((channel, noise), 0))
        for channel in CHANNELS
        for noise in (False, True)
    )
    return Gauge(
        "waypost_tips", "Tips stored, by channel and by whether they were set aside as noise.", samples
    )


def _outgoing() -> Gauge:
    rows = db.session.execute(
        sa.select(Message.state, sa.func.count()).where(Message.direction == "out").group_by(Message.state)
    )
    counts = dict(rows.tuples().all())
    samples = tuple(({"state": state}, counts.get(state, 0)) for state in OUTGOING_STATES)
    return Gauge("waypost_outgoing_messages", "Outgoing messages, by state.", samples)


def _oldest_queued(now: datetime) -> Gauge:
    oldest = db.session.scalar(
        sa.select(sa.func.min(Message.created_at)).where(
            Message.direction == "out", Message.state == "queued"
        )
    )
    age = max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0
    return Gauge(
        "waypost_oldest_queued_message_age_seconds",
        "Seconds since the oldest message still queued was written; 0 where none waits.",
        (({}, age),),
    )

"""What the worker does for the door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

import accounts.services as account_services
import rewards.services as reward_services
from core import audit
from core.clock import utcnow
from core.db import transaction
from core.throttle import purge
from tips import geocoding, notices, outbox, trying_again

THROTTLES_KEPT = timedelta(days=1)


def run(app: Flask, task: Callable[[], object]) -> None:
    """Run one task with the application around it."""
    with app.app_context():
        task()


def send_messages() -> None:
    """Announce what is new, then send what is due."""
    notices.queue_notices(now=utcnow())
    outbox.send_due()
    outbox.look_up_unknown()


def seal_audit() -> None:
    """Chain the audit rows that wait."""
    while True:
        with transaction():
            if not audit.seal():
                return


def match_lines() -> None:
    """Look at the lines of long statements that wait to be matched, a few in each transaction."""
    looked = 1
    while looked:
        with transaction():
            looked, _ = reward_services.match_new(now=utcnow())


def tidy() -> None:
    """Drop throttles and sessions that have ended and let rewards lapse that nobody collected in time."""
    now = utcnow()
    with transaction():
        purge(older_than=now - THROTTLES_KEPT)
        account_services.drop_ended_sessions(now=now)
    with transaction():
        reward_services.expire_due(now=now)


TASKS: dict[str, Callable[[], object]] = {
    "send_messages": send_messages,
    "seal_audit": seal_audit,
    "match_lines": match_lines,
    "locate_online": geocoding.locate_waiting,
    "try_again": trying_again.try_again,
    "tidy": tidy,
}

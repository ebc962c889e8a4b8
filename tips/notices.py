"""Tell residents that something waits for them: pulled from the layers below, written to the outbox, marked."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

import rewards.services as reward_services
from core.codes import show_tip_code
from core.db import db, transaction
from core.deployment import current_deployment
from tips.messages import queue
from tips.models import Contact, Tip
from tips.wording import wording

BATCH = 100


def queue_notices(*, now: datetime) -> int:
    """Queue one content-free text for each reward that its sender has not heard of; return how many."""
    with transaction():
        queued = 0
        for waiting in reward_services.unannounced(limit=BATCH):
            row = db.session.execute(
                sa.select(Tip.code, Tip.channel, Contact.id, Contact.language, Contact.opted_out_at)
                .join(Contact, Contact.id == Tip.contact_id)
                .where(Tip.id == waiting.tip_id)
            ).first()
            if row is not None and row.opted_out_at is None:
                language = row.language or current_deployment().languages[0]
                body = wording(language)("sms.answer_waiting", code=show_tip_code(row.code))
                channel = "whatsapp" if row.channel == "whatsapp" else "sms"
                queue(
                    kind="notice",
                    body=body,
                    contact_id=row.id,
                    channel=channel,
                    tip_id=waiting.tip_id,
                    now=now,
                )
                queued += 1
            reward_services.mark_announced(share_ids=[waiting.share_id], now=now)
        return queued

"""What tests of the reward pages share: addresses, forms and a reading of the answers."""

from __future__ import annotations

import re

import sqlalchemy as sa

from core.db import db
from rewards.models import LedgerEntry
from tests.builders import reward_office
from tests.builders.reward_office import new_key

PAGES = [
    "/rewards",
    "/rewards/ledger",
    "/rewards/ledger/trial-balance",
    "/rewards/funds",
    "/rewards/ledger/J000001",
]
HTMX = {"HX-Request": "true"}


def reward(ref):
    db.session.rollback()  # requests commit in sessions of their own
    return reward_office.reward(ref)


def decision(ref, **more):
    return {"snapshot": reward(ref).snapshot_hash, "key": new_key(), **more}


def kinds():
    db.session.rollback()
    return db.session.scalars(sa.select(LedgerEntry.kind).order_by(LedgerEntry.id)).all()


def text_of(answer):
    return answer.get_data(as_text=True)


def words_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text_of(answer)))

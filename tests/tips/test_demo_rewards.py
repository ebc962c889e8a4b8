"""Cases of the demonstration are closed by its own people and paid through its own hands."""

from __future__ import annotations

import sqlalchemy as sa

from core.db import db, transaction
from rewards import checks
from tests.builders.accounts import make_staff
from tests.builders.cases import NOW, file_new
from tests.builders.reward_office import open_office
from tips import demo_rewards
from tips.models import Tip

ROLES = {
    "officer": "officer",
    "supervisor": "supervisor",
    "finance": "finance",
    "cashier": "finance",
    "director": "director",
}


def test_the_oldest_placed_tips_are_rewarded_and_a_statement_is_left_to_import(app, tmp_path):
    open_office()
    members = {name: make_staff(role) for name, role in ROLES.items()}
    for _ in range(2):
        file_new()
    assert demo_rewards.load_rewards(members, folder=tmp_path, now=NOW) is None
    with transaction():
        db.session.execute(sa.update(Tip).values(category="timber", lat=16.7, lon=98.5, received_at=NOW))
    later = NOW.replace(hour=12)
    path = demo_rewards.load_rewards(members, folder=tmp_path / "new", now=later)
    assert path is not None
    assert path.read_text().count("<Ntry>") == 3
    assert checks.check().violations == ()

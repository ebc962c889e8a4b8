from __future__ import annotations

from datetime import timedelta

import cases.services as case_services
from cases.facts import Actor
from core.clock import utcnow
from core.db import db, transaction
from tests.builders.accounts import make_staff
from tests.builders.tips import load_town, make_tip
from tips.models import Tip
from tips.rulings import footprints_then, ruled_pairs
from tips.teaching import set_position

KILN = "men load teak logs behind the Xqzv workshop every night"


def test_a_ruling_is_read_with_the_footprints_of_its_time(app):
    load_town()
    member = make_staff("officer")
    officer = Actor(member.id, member.role.value, member.person_id)
    first = make_tip(KILN, at=utcnow() - timedelta(days=9))
    second = make_tip("sawn timber under a tarp", sender="+66800000002", at=utcnow())
    ruled = utcnow()
    with transaction():
        case_services.move_tip(tip_id=second.tip_id, to_case_id=first.filed.case_id, actor=officer, now=ruled)
    with transaction():
        set_position(
            db.session.get(Tip, second.tip_id), lat=16.7, lon=98.5, radius_m=50.0, actor=officer,
            vault=app.extensions["vault"], now=ruled + timedelta(minutes=1),
        )  # fmt: skip
    pairs = {(pair.ruling.case_id, pair.ruling.same): pair for pair in ruled_pairs()}
    pair = pairs[first.filed.case_id, True]
    assert (pair.tip.tip_id, pair.tip.lat) == (second.tip_id, None)
    assert [one.tip_id for one in pair.members] == [first.tip_id]
    assert pair.members[0].case_id == first.filed.case_id
    later = footprints_then([second.tip_id], at=ruled + timedelta(minutes=2))
    assert later[second.tip_id].lat == 16.7

from __future__ import annotations

import copy

import pytest
import sqlalchemy as sa

from cases import services
from cases.models import Area, Case, RoutingRule, Unit
from core.db import db, transaction
from core.deployment import Deployment, save_deployment
from core.errors import Invalid
from tests.builders.cases import NOW, file_into, file_new

SHAPE = {"type": "Polygon", "coordinates": [[[98, 16], [99, 16], [99, 17], [98, 17], [98, 16]]]}
FILE = {
    "units": [{"key": "patrol", "name": "River patrol"}, {"key": "forest", "name": "Forest unit"}],
    "areas": [{"key": "bank", "name": "River bank", "shape": SHAPE, "special": True}],
    "rules": [
        {"unit": "patrol", "area": "bank"},
        {"unit": "forest", "area": "bank", "category": "timber"},
    ],
}


@pytest.fixture
def town(app):
    with transaction():
        save_deployment(Deployment("Town", ("TH",), ("th",), (16.7, 98.5), 45, "Asia/Bangkok"), now=NOW)


def load(data: dict) -> services.LoadedRouting:
    with transaction():
        return services.load_routing(data, now=NOW)


def unit_of(case_id: int) -> tuple[str, str, str | None]:
    db.session.rollback()
    case = db.session.get(Case, case_id)
    return db.session.get(Unit, case.unit_id).name, case.unit_reason, case.area


def test_a_case_goes_to_the_unit_of_its_area_and_goods(town):
    assert load(FILE) == services.LoadedRouting(units=2, areas=1, rules=2)
    filed = file_new()
    assert unit_of(filed.case_id) == (
        "Forest unit",
        "It lies in the special zone River bank, where timber goes to this unit.",
        "River bank",
    )
    assert unit_of(file_new(category="fuel").case_id)[0] == "River patrol"
    assert unit_of(file_new(lat=10.0).case_id)[0] == "Triage"


def test_a_new_plan_holds_for_the_next_tip(town):
    load(FILE)
    assert unit_of(file_new().case_id)[0] == "Forest unit"
    load(FILE | {"rules": [{"unit": "patrol", "area": "bank"}]})
    assert unit_of(file_new().case_id)[0] == "River patrol"


def test_an_unplaced_case_is_routed_again_when_a_tip_brings_the_place(town):
    load(FILE)
    filed = file_new(lat=None, lon=None, radius_m=None, place=None)
    assert unit_of(filed.case_id)[:2] == ("Triage", "The place is not known yet.")
    file_into(filed.case_id)
    assert unit_of(filed.case_id)[0] == "Forest unit"


def test_loading_twice_duplicates_nothing_and_keeps_units(town):
    load(FILE)
    filed = file_new()
    load(copy.deepcopy(FILE))
    for table, count in ((Unit, 3), (Area, 1), (RoutingRule, 2)):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == count
    assert unit_of(filed.case_id)[0] == "Forest unit"


def test_the_triage_unit_can_be_another_one(town):
    load(FILE | {"triage": "patrol"})
    assert unit_of(file_new(lat=10.0).case_id)[0] == "River patrol"
    load(FILE | {"triage": "forest"})
    assert unit_of(file_new(lat=10.0).case_id)[0] == "Forest unit"


def test_two_triage_units_are_refused_by_the_database(town):
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.insert(Unit.__table__), {"key": "x", "name": "X", "is_triage": True})


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"units": []}, "units"),
        ({"units": [{"key": "Two words", "name": "x"}]}, "units.0.key"),
        ({"rules": [{"unit": "nobody"}]}, "rules"),
        ({"rules": [{"unit": "patrol", "area": "nowhere"}]}, "rules"),
        ({"rules": [{"unit": "patrol", "category": "gold"}]}, "rules.0.category"),
        ({"triage": "nobody"}, "rules"),
        ({"areas": [FILE["areas"][0], FILE["areas"][0]]}, "rules"),
        ({"areas": [{"key": "a", "name": "A", "shape": {"type": "Point"}}]}, "areas.0.shape"),
        ({"zones": []}, "zones"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_path_and_changes_nothing(town, change, path):
    load(FILE)
    with pytest.raises(Invalid) as refused:
        load(FILE | change)
    assert path in refused.value.errors
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RoutingRule)) == 2


@pytest.mark.parametrize("data", [[], "x", None, 3])
def test_a_file_that_is_no_object_is_refused(town, data):
    with pytest.raises(Invalid):
        load(data)

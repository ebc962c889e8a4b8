from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.routing import Area, Plan, Rule, contains, polygons_of, route


def square(west: float, south: float, side: float) -> list[list[float]]:
    east, north = west + side, south + side
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def area(key: str, west: float, south: float, side: float, *, special: bool = False) -> Area:
    shape = {"type": "Polygon", "coordinates": [square(west, south, side)]}
    return Area.build(key=key, name=key.title(), polygons=polygons_of(shape), special=special)


TOWN = area("town", 98.0, 16.0, 1.0)
OLD_TOWN = area("old_town", 98.4, 16.4, 0.2)
PARK = area("park", 97.0, 15.0, 3.0, special=True)


def plan(*areas: Area, rules: list[Rule] | None = None) -> Plan:
    return Plan.build(
        areas=areas, rules=rules or [Rule(area.key, area.key, None) for area in areas], triage="triage"
    )


def test_a_special_zone_goes_before_the_areas_inside_it():
    assert route(plan(TOWN, PARK), category="timber", lat=16.5, lon=98.5).unit == "park"


def test_the_narrower_of_two_areas_decides():
    assert route(plan(TOWN, OLD_TOWN), category=None, lat=16.5, lon=98.5).unit == "old_town"


def test_a_rule_for_the_goods_goes_before_the_rule_for_any_goods():
    rules = [Rule("patrol", "town", None), Rule("forest", "town", "timber")]
    chosen = route(plan(TOWN, rules=rules), category="timber", lat=16.5, lon=98.5)
    assert (chosen.unit, chosen.area) == ("forest", "town")
    assert "timber" in chosen.reason


def test_an_area_without_a_rule_for_the_goods_passes_to_the_next_area():
    rules = [Rule("forest", "park", "timber"), Rule("patrol", "town", None)]
    assert route(plan(TOWN, PARK, rules=rules), category="fuel", lat=16.5, lon=98.5).unit == "patrol"


def test_goods_alone_decide_where_no_area_does():
    rules = [Rule("narcotics", None, "drugs")]
    assert route(plan(TOWN, rules=rules), category="drugs", lat=0.0, lon=0.0).unit == "narcotics"
    assert route(plan(TOWN, rules=rules), category="drugs", lat=None, lon=None).unit == "narcotics"


def test_what_no_rule_wants_goes_to_triage_with_the_reason():
    assert route(plan(TOWN), category="fuel", lat=0.0, lon=0.0).reason == "No rule covers this place."
    lost = route(plan(TOWN), category="fuel", lat=None, lon=None)
    assert (lost.unit, lost.reason) == ("triage", "The place is not known yet.")


def test_a_hole_is_outside():
    rings = [square(0, 0, 10), square(4, 4, 2)]
    ring = Area.build(key="a", name="A", polygons=polygons_of({"type": "Polygon", "coordinates": rings}))
    assert contains(ring, lat=1, lon=1)
    assert not contains(ring, lat=5, lon=5)


def test_every_part_of_a_multipolygon_counts():
    shape = {"type": "MultiPolygon", "coordinates": [[square(0, 0, 1)], [square(5, 5, 1)]]}
    islands = Area.build(key="a", name="A", polygons=polygons_of(shape))
    assert contains(islands, lat=0.5, lon=0.5)
    assert contains(islands, lat=5.5, lon=5.5)
    assert not contains(islands, lat=3, lon=3)


def test_a_dented_outline_is_followed():
    dent = [[0, 0], [10, 0], [10, 10], [5, 2], [0, 10], [0, 0]]
    shape = Area.build(key="a", name="A", polygons=polygons_of({"type": "Polygon", "coordinates": [dent]}))
    assert not contains(shape, lat=8, lon=5)
    assert contains(shape, lat=1, lon=5)


@given(
    st.floats(-80, 80), st.floats(-170, 170), st.floats(0.01, 5), st.floats(0.01, 0.99), st.floats(0.01, 0.99)
)
def test_a_point_of_a_square_lies_inside_and_its_mirror_outside(south, west, side, up, along):
    shape = area("a", west, south, side)
    lat, lon = south + up * side, west + along * side
    assert contains(shape, lat=lat, lon=lon)
    assert not contains(shape, lat=lat, lon=lon - 2 * side)
    assert not contains(shape, lat=lat + 2 * side, lon=lon)


@pytest.mark.parametrize(
    "geometry",
    [
        {},
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 95], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, float("nan")], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], ["a", 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [True, 1], [0, 0]]]},
        {"type": "MultiPolygon", "coordinates": [[]]},
    ],
)
def test_a_shape_that_is_no_area_is_refused_with_a_sentence(geometry):
    with pytest.raises(ValueError, match=r"\.$"):
        polygons_of(geometry)

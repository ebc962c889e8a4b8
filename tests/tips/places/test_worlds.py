"""Messages from made-up towns in eighteen languages, read by the whole ladder."""

import pytest

from tests.tips.places.builders import world_gazetteer, worlds
from tips.places import DevicePosition, locate
from tips.places.geodesy import distance_m, moved

CASES = [(world["name"], case) for world in worlds() for case in world["cases"]]
SPOTS = {
    (world["name"], place): (lat, lon, kind)
    for world in worlds()
    for place, _, lat, lon, kind in world["places"]
}


@pytest.mark.parametrize(("world", "case"), CASES, ids=[case[0][:40] for _, case in CASES])
def test_message_is_placed_where_its_words_say(world, case):
    text, place, *offset = case
    gazetteer = world_gazetteer(world)
    if not place:
        assert locate(text, gazetteer=gazetteer) is None
        return
    lat, lon, kind = SPOTS[world, place]
    tolerance = 2_000 if kind == "village" else 500
    device = None
    if len(offset) == 1:
        there = moved(lat, lon, metres=3_000 if offset == ["far"] else 150, bearing=75)
        device = DevicePosition(*there, 12.0)
    elif offset and offset[0]:
        lat, lon = moved(lat, lon, metres=offset[0], bearing=offset[1])
        tolerance = max(150, 0.35 * offset[0])
    found = locate(text, gazetteer=gazetteer, device=device)
    assert found is not None
    away = distance_m(found.lat, found.lon, lat, lon)
    assert away <= tolerance
    assert away <= max(found.radius_m, 150)

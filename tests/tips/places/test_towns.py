from tips.places.towns import towns_near


def test_small_towns_near_the_border_are_known():
    names = {town.name for town in towns_near(31.333, -110.942, 85_000)}
    assert {"Cíbuta", "Tubac", "Patagonia"} <= names


def test_towns_come_nearest_first_and_within_reach():
    found = towns_near(16.7131, 98.5747, 45_000)
    distances = [town.distance_m for town in found]
    assert distances == sorted(distances)
    assert max(distances) <= 45_000
    assert found[0].name == "Mae Sot"

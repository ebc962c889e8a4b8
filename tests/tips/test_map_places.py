"""The map knows the town's landmarks."""

from __future__ import annotations

import pytest

from tests.builders.tips import load_town

pytestmark = pytest.mark.db


def test_the_map_shows_the_landmarks_of_the_deployment(sign_in):
    load_town()
    answer = sign_in("officer").get("/map/places.json")
    assert answer.status_code == 200
    assert answer.json["name"] == "Mae Sot / Myawaddy"
    assert answer.json["radius_km"] == 45
    names = {place["name"] for place in answer.json["places"]}
    assert {"Mae Sot", "Myawaddy", "Rim Moei Market"} <= names
    assert "" not in names


def test_the_map_is_not_for_strangers(client):
    assert client.get("/map/places.json").status_code in {303, 401}

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from geopy.exc import GeocoderTimedOut
from geopy.location import Location as Answer

import cases.services as case_services
from core.db import db, transaction
from core.deployment import current_deployment
from tests.builders.tips import MORNING, load_town
from tips import geocoding
from tips.geocoding import NominatimGeocoder, locate_waiting
from tips.inbound import InboundTip
from tips.models import GeocodeRequest, Tip
from tips.services import receive

POINT = (16.72, 98.56)


class FakeGeocoder:
    """Knows one place, or is out of order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: tuple[float, float] | None = POINT
        self.failure: Exception | None = None

    def find(self, words, **_details):
        assert not db.session().in_transaction()
        self.asked.append(words)
        if self.failure is not None:
            raise self.failure
        return self.answer


@pytest.fixture
def geocoder(app, monkeypatch):
    load_town()
    fake = FakeGeocoder()
    monkeypatch.setitem(app.extensions, "geocoder", fake)
    online = replace(app.extensions["settings"], geocoder="nominatim", nominatim_url="http://127.0.0.1:9")
    monkeypatch.setitem(app.extensions, "settings", online)
    return fake


def take(app, text: str = "men sell stolen phones", words: str = "the Xqzv workshop", key: str = "form:1"):
    inbound = InboundTip(key, "web", f"{text}\n{words}", place_words=words, received_at=MORNING)
    with transaction():
        return receive(inbound, vault=app.extensions["vault"], now=MORNING)


def request_of(tip) -> GeocodeRequest | None:
    db.session.rollback()
    return db.session.get(GeocodeRequest, tip.tip_id)


def test_a_place_that_nothing_offline_knows_is_asked_about_once(app, geocoder):
    tip = take(app)
    assert locate_waiting() == 1
    assert locate_waiting() == 0
    assert geocoder.asked == ["the Xqzv workshop"]
    stored = db.session.get(Tip, tip.tip_id)
    assert ((stored.lat, stored.lon), stored.located_by) == (POINT, "place")
    (link,) = case_services.links_of_case(case_services.case_of_tips([tip.tip_id])[tip.tip_id].case_id)
    assert (link.lat, link.lon) == POINT


def test_a_place_that_was_found_offline_is_not_asked_about(app, geocoder):
    tip = take(app, words="Rim Moei market")
    assert request_of(tip) is None


def test_without_a_configured_geocoder_the_words_stay_here(app, client):
    load_town()
    tip = take(app)
    assert request_of(tip) is None
    assert locate_waiting() == 0


def test_an_unknown_place_is_not_asked_about_again(app, geocoder):
    geocoder.answer = None
    tip = take(app)
    locate_waiting()
    locate_waiting()
    assert (request_of(tip).state, len(geocoder.asked)) == ("unknown", 1)
    assert db.session.get(Tip, tip.tip_id).lat is None


def test_a_geocoder_that_fails_is_asked_three_times(app, geocoder):
    geocoder.failure = GeocoderTimedOut()
    tip = take(app)
    for _ in range(5):
        locate_waiting()
    assert (request_of(tip).state, len(geocoder.asked)) == ("unknown", geocoding.MOST_ATTEMPTS)


def test_a_place_that_an_officer_set_meanwhile_is_kept(app, geocoder):
    tip = take(app)
    db.session.execute(sa.update(Tip).values(lat=16.0, lon=98.0, located_by="officer"))
    db.session.commit()
    assert locate_waiting() == 0
    assert db.session.get(Tip, tip.tip_id).lat == 16.0


def test_noise_may_be_placed_without_a_case(app, geocoder):
    tip = take(app, text="hello")
    assert locate_waiting() == (request_of(tip) is not None)


@pytest.mark.parametrize(("lat", "lon", "expected"), [(*POINT, POINT), (48.85, 2.35, None)])
def test_an_answer_outside_the_town_is_no_answer(app, monkeypatch, lat, lon, expected):
    load_town()
    found = Answer("somewhere", (lat, lon), {})
    client = NominatimGeocoder("http://127.0.0.1:9")
    monkeypatch.setattr(client._client, "geocode", lambda *_, **__: found)
    assert client.find("x", deployment=current_deployment()) == expected

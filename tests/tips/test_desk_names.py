"""Teaching by the page's own addresses: who may, what is refused, what the answers show."""

from __future__ import annotations

import re

import pytest

from core.clock import utcnow
from core.codes import show_tip_code
from core.db import db
from tests.builders.tips import load_town, make_tip
from tips import trying_again
from tips.models import TaughtName, Tip

HTMX = {"HX-Request": "true"}
KILN = "men load teak logs behind the Xqzv workshop every night"


@pytest.fixture
def officer(sign_in):
    load_town()
    return sign_in("officer", name="Malee Officer")


def tips(number: int) -> list:
    return [make_tip(f"{KILN} {n}", sender=f"+6680000{n:04d}", at=utcnow()) for n in range(number)]


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def teach(client, tip, *, status: int = 200, **form: object) -> str:
    values = {"words": "Xqzv workshop", **form}
    answer = client.post(f"/desk/{show_tip_code(tip.code)}/names", data=values, headers=HTMX)
    assert answer.status_code == status, text_of(answer)
    return text_of(answer)


def row(tip) -> Tip:
    db.session.rollback()
    return db.session.get(Tip, tip.tip_id)


def only_name() -> TaughtName:
    db.session.rollback()
    return db.session.query(TaughtName).one()


def test_a_tip_without_a_place_asks_for_it_and_offers_its_own_words(officer):
    (tip,) = tips(1)
    page = text_of(officer.get(f"/desk/{show_tip_code(tip.code)}"))
    assert "Do you know the place? Teach its name" in page
    assert 'data-teach="Xqzv workshop"' in page
    assert 'value="Xqzv workshop"' in page


def test_the_nearest_places_are_offered_and_letters_narrow_them(officer):
    (tip,) = tips(1)
    address = f"/desk/{show_tip_code(tip.code)}/places"
    assert "Mae Sot" in text_of(officer.get(address))
    narrowed = text_of(officer.get(f"{address}?q=rim%20moei"))
    assert "Rim Moei Market" in narrowed
    assert "No place goes by these letters" in text_of(officer.get(f"{address}?q=qqqq"))


def test_a_taught_place_places_the_tip_and_says_how_many_more(officer):
    first, *others = tips(3)
    page = teach(officer, first, act="new", lat="16.7301", lon="98.5412")
    assert "Xqzv workshop is a place from now on." in page
    assert "Trying the tips without a place" in page
    trying_again.try_again()
    name = only_name()
    part = text_of(officer.get(f"/desk/names/{name.id}", headers=HTMX))
    assert "Placed 2 more tips" in part
    assert "every 1s" not in part
    whole = text_of(officer.get(f"/desk/names/{name.id}"))
    assert all(show_tip_code(tip.code) in whole for tip in others)


def test_one_press_is_enough_where_position_and_words_are_plain(officer):
    tip = make_tip(KILN, device=(16.70, 98.52), at=utcnow())
    assert "Call this spot “Xqzv workshop”" in text_of(officer.get(f"/desk/{show_tip_code(tip.code)}"))
    teach(officer, tip, act="here")
    later = make_tip("more logs at the xqzv workshop", sender="+66800000009", at=utcnow())
    assert row(later).lat == pytest.approx(16.70)


def test_undo_and_forget_take_a_name_back(officer):
    first, second = tips(2)
    page = teach(officer, first, act="new", lat="16.7301", lon="98.5412")
    undo = re.search(r'action="(/desk/[\d-]+/names/\d+/remove)"', page)[1]
    assert "is forgotten" in text_of(officer.post(undo, headers=HTMX))
    assert officer.post(undo, headers=HTMX).status_code == 409
    trying_again.try_again()
    assert row(first).lat is None
    foreign = f"/desk/{show_tip_code(second.code)}/names/{only_name().id}/remove"
    assert officer.post(foreign, headers=HTMX).status_code == 409


@pytest.mark.parametrize(
    ("form", "status", "says"),
    [
        ({"words": "night", "act": "new", "lat": "16.7", "lon": "98.5"}, 422, "too ordinary"),
        ({"words": "Brunt Hollow", "act": "new", "lat": "16.7", "lon": "98.5"}, 422, "does not stand in"),
        ({"act": "new"}, 422, "Pick the place on the map"),
        ({"act": "here"}, 422, "Pick the place on the map"),
        ({"act": "new", "lat": "91", "lon": "98.5"}, 422, "lat"),
        ({"act": "new", "lat": "nan", "lon": "98.5"}, 422, "lat"),
        ({"act": "explode"}, 422, "act"),
        ({"place": "999999"}, 409, "There is no such place"),
        ({"place": "x"}, 422, "place"),
    ],
)
def test_what_cannot_be_taught_is_refused_beside_the_tip_and_the_words_stay(officer, form, status, says):
    (tip,) = tips(1)
    page = teach(officer, tip, status=status, **form)
    assert says in page
    assert f'value="{form.get("words", "Xqzv workshop")}"' in page
    assert row(tip).lat is None


def test_a_position_is_set_and_undone(officer):
    (tip,) = tips(1)
    page = teach(officer, tip, words="", act="position", lat="16.71", lon="98.57")
    assert row(tip).located_by == "officer"
    undo = re.search(r'action="(/desk/[\d-]+/position/\d+/undo)"', page)[1]
    assert officer.post(undo, headers=HTMX).status_code == 200
    assert row(tip).lat is None
    assert officer.post(undo, headers=HTMX).status_code == 409


def test_names_are_listed_and_forgotten_by_whoever_keeps_them(officer, sign_in):
    (tip,) = tips(1)
    admin = sign_in("admin")
    assert "No names were taught yet" in text_of(admin.get("/admin/names"))
    teach(officer, tip, act="new", lat="16.7301", lon="98.5412")
    page = text_of(admin.get("/admin/names"))
    assert "Xqzv workshop" in page
    assert "Malee Officer" in page
    name = only_name()
    assert admin.get(f"/desk/names/{name.id}").status_code == 200
    assert "Forgotten" in text_of(admin.post(f"/admin/names/{name.id}/remove", headers=HTMX))
    assert admin.post(f"/admin/names/{name.id}/remove").status_code == 409
    assert admin.get("/desk/names/999").status_code == 404


@pytest.mark.parametrize("role", ["finance", "director", "auditor", "admin"])
def test_only_caseworkers_teach(sign_in, role):
    load_town()
    (tip,) = tips(1)
    address = f"/desk/{show_tip_code(tip.code)}/names"
    assert sign_in(role).post(address, data={"words": "Xqzv workshop"}).status_code == 403


def test_what_somebody_wrote_never_becomes_markup(officer):
    tip = make_tip("teak logs behind <b>Xqzv</b> workshop", sender="+66800000001", at=utcnow())
    page = officer.get(f"/desk/{show_tip_code(tip.code)}").get_data(as_text=True)
    assert "<b>Xqzv" not in page

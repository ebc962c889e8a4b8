"""The residents' forms: what is stored, what is shown once, what is refused."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from core.codes import read_secret, read_tip_code
from core.db import db
from tests.builders.tips import BOAT, load_town
from tips.models import Contact, Message, Tip

ONCE = "a-key-of-the-page-0123456789"


def form(**changes: str) -> dict[str, str]:
    return {
        "language": "en",
        "once": ONCE,
        "text": BOAT,
        "place_words": "",
        "phone": "",
        "lat": "",
        "lon": "",
    } | changes


def shown(html: str, what: str) -> str:
    part = re.search(rf"<dd {what}[^>]*>(.*?)</dd>", html, re.DOTALL)
    assert part is not None, html
    return re.sub(r"<[^>]*>", "", part[1])


def pair(html: str) -> tuple[str, str]:
    code, secret = read_tip_code(shown(html, "data-code")), read_secret(shown(html, "data-secret"))
    assert code is not None
    assert secret is not None
    return code, secret


def bare(answer, code: str) -> str:
    return re.sub(r'name="once" value="\w+"', "", answer.get_data(as_text=True)).replace(code, "")


def stored() -> list[Tip]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Tip).order_by(Tip.id)))


@pytest.fixture
def filed(client):
    load_town()
    answer = client.post("/tips", data=form())
    assert answer.status_code == 201
    return pair(answer.get_data(as_text=True))


def test_a_tip_by_form_is_stored_placed_and_its_secret_kept_only_as_a_hash(filed):
    code, secret = filed
    (tip,) = stored()
    assert (tip.code, tip.channel, tip.located_by, tip.contact_id) == (code, "web", "place", None)
    assert tip.secret_hash.startswith("$argon2id$")
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(sa.select(table)):
            assert secret not in repr(tuple(row)), table.name
            assert ONCE not in repr(tuple(row)), table.name


def test_the_same_page_sent_twice_shows_the_same_numbers_and_stores_one_tip(client, filed):
    again = client.post("/tips", data=form())
    assert pair(again.get_data(as_text=True)) == filed
    assert len(stored()) == 1


def test_other_words_in_a_page_gone_back_to_are_a_message_of_their_own(client, filed):
    answer = client.post("/tips", data=form(text="Something else entirely"))
    assert answer.status_code == 201
    assert pair(answer.get_data(as_text=True)) != filed
    assert len(stored()) == 2


def test_a_form_without_its_key_still_goes_in(client):
    load_town()
    assert client.post("/tips", data={"text": BOAT}).status_code == 201


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"text": ""}, "Please write what you saw"),
        ({"text": " \x00 "}, "Please write what you saw"),
        ({"text": "x" * 4001}, "That is too long"),
        ({"phone": "x" * 41}, "phone number"),
        ({"phone": "call me"}, "phone number"),
        ({"phone": "12"}, "phone number"),
        ({"lat": "91", "lon": "0"}, "This place cannot be used"),
        ({"lat": "16.7", "lon": ""}, "This place cannot be used"),
        ({"lat": "nan", "lon": "1"}, "This place cannot be used"),
        ({"place_words": "y" * 401}, "This place cannot be used"),
    ],
)
def test_what_cannot_be_used_is_said_and_every_word_is_kept(client, changes, says):
    load_town()
    sent = form(place_words="by the <old> pier") | changes
    answer = client.post("/tips", data=sent)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert says in html
    assert stored() == []
    assert f'value="{ONCE}"' in html
    for kept in (sent["text"].strip("\x00 "), sent["place_words"]):
        assert kept.replace("<", "&lt;").replace(">", "&gt;") in html


@pytest.mark.parametrize(
    "phone",
    ["+66 81-234 5678", "081 234 5678", "\u0e50\u0e58\u0e51\u0e52\u0e53\u0e54\u0e55\u0e56\u0e57\u0e58"],
)
def test_a_number_given_for_answers_is_sealed(client, phone):
    load_town()
    assert client.post("/tips", data=form(phone=phone)).status_code == 201
    (contact,) = db.session.scalars(sa.select(Contact))
    assert b"812345678" not in contact.number_sealed
    assert stored()[0].contact_id == contact.id


def test_the_position_of_the_phone_counts(client):
    load_town()
    client.post(
        "/tips", data=form(text="cartons of cigarettes here", lat="16.7012", lon="98.5085", accuracy_m="20")
    )
    assert (stored()[0].located_by, stored()[0].lat) == ("device", 16.7012)


def test_further_words_sent_twice_by_one_page_are_kept_once(client, filed):
    code, secret = filed
    asked = {"code": code, "secret": secret, "language": "en", "once": "a-page", "text": "It left at dawn"}
    for _ in range(2):
        answer = client.post("/status", data=asked)
    assert answer.get_data(as_text=True).count("It left at dawn") == 1


def test_code_and_secret_open_the_status_and_take_further_words(client, filed):
    code, secret = filed
    asked = {"code": f"{code[:4]}-{code[4:]}", "secret": secret, "language": "en"}
    page = client.post("/status", data=asked)
    assert page.status_code == 200
    assert "waits to be read" in page.get_data(as_text=True)
    assert "cigarettes" not in page.get_data(as_text=True)
    added = client.post("/status", data=asked | {"text": "They come <back> on Friday"})
    assert "They come &lt;back&gt; on Friday" in added.get_data(as_text=True)
    (line,) = db.session.scalars(sa.select(Message).where(Message.kind == "addition"))
    assert (line.body, line.direction) == ("They come <back> on Friday", "in")


def test_a_wrong_secret_and_an_unknown_code_read_alike_and_guessing_ends(client, filed):
    code, secret = filed
    unknown = "000000" if code != "000000" else "100009"
    wrong = client.post("/status", data={"code": code, "secret": "0" * 12, "language": "en"})
    nobody = client.post("/status", data={"code": unknown, "secret": "0" * 12, "language": "en"})
    assert wrong.status_code == nobody.status_code == 404
    assert bare(wrong, code) == bare(nobody, unknown)
    for _ in range(4):
        client.post("/status", data={"code": code, "secret": "0" * 12})
    assert client.post("/status", data={"code": code, "secret": secret}).status_code == 429


@pytest.mark.parametrize("page", ["/status", "/claim"])
@pytest.mark.parametrize(
    "changes", [{}, {"code": "x"}, {"code": "\x00", "secret": "\N{SPEEDBOAT}"}, {"code": "1" * 60}]
)
def test_odd_pairs_get_the_one_answer(client, page, changes):
    load_town()
    answer = client.post(page, data={"language": "en"} | changes)
    assert answer.status_code == 404
    assert "do not belong together" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/", "/status", "/claim", "/numbers", "/about"])
def test_residents_pages_need_no_script_no_cookie_and_no_session(client, path):
    load_town()
    answer = client.get(path)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    forms = re.findall(r"<form[^>]*>", answer.get_data(as_text=True))
    assert all('method="post"' in tag and 'autocomplete="off"' in tag for tag in forms)


def test_the_form_is_installable(client):
    assert client.get("/manifest.webmanifest").mimetype == "application/manifest+json"
    assert "javascript" in client.get("/sw.js").mimetype

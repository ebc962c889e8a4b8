"""Resident pages work without script, in every language, and give nothing away."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.builders.tips import BOAT, load_town
from tips.wording import available, wording

pytestmark = pytest.mark.db
PAGES = ["/", "/status", "/claim", "/numbers", "/about"]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \" ' {{ 7 * 7 }} near Rim Moei market cartons of cigarettes"


def send(client, **fields):
    return client.post("/tips", data={"text": BOAT, "language": "en", **fields})


def numbers_of(answer) -> tuple[str, str]:
    html = answer.get_data(as_text=True)
    code, secret = (
        " ".join(re.findall(r"<span>([^<]*)</span>", html.split(f"<dd {mark}>")[1].split("</dd>")[0]))
        for mark in ("data-code", "data-secret")
    )
    return code, secret


@pytest.mark.parametrize("lang", available())
def test_a_page_speaks_the_language_that_was_asked_for(client, lang):
    html = client.get(f"/?lang={lang}").get_data(as_text=True)
    words = wording(lang)
    assert f'<html lang="{lang}" dir="{words.dir}">' in html
    assert unescape(html).count(words["report.question"]) >= 1


@pytest.mark.parametrize("page", PAGES)
def test_a_resident_page_is_neutral_unstored_and_sets_no_cookie(client, page):
    answer = client.get(page)
    assert answer.status_code == 200
    assert "<title>Waypost</title>" in answer.get_data(as_text=True)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


def test_the_form_asks_one_question_and_marks_the_rest_as_not_needed(client):
    html = client.get("/?lang=en").get_data(as_text=True)
    form = html.split('id="report"')[1].split("</form>")[0]
    assert re.findall(r'name="(\w+)"[^>]*\brequired\b', form) == ["text"]
    assert form.count(wording("en")["report.optional"]) == form.count("<details")


def test_code_and_secret_are_shown_once_and_open_the_answers(client):
    load_town()
    code, secret = numbers_of(send(client))
    assert re.fullmatch(r"\d{4}-\d{2,8}", code)
    assert re.fullmatch(r"\d{4} \d{4} \d{4}", secret)
    answer = client.post("/status", data={"code": code, "secret": secret, "language": "en"})
    assert answer.status_code == 200
    assert wording("en")["status.state.received"] in answer.get_data(as_text=True)


def test_the_page_with_the_numbers_neither_repeats_the_words_nor_offers_to_leave_by_language(client):
    load_town()
    html = send(client).get_data(as_text=True)
    assert "cigarettes" not in html
    assert "hreflang" not in html


def test_an_empty_form_comes_back_with_what_to_do_and_what_was_typed(client):
    answer = send(client, text=" ", phone="+66 80 000 0001", language="fr")
    html = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert wording("fr")["errors.text_missing"] in html
    assert "+66 80 000 0001" in html


def test_a_wrong_secret_and_an_unknown_code_read_the_same(client):
    load_town()
    code, _ = numbers_of(send(client))
    pages = []
    for given in (code, "9731-64"):
        answer = client.post("/status", data={"code": given, "secret": "1111 1111 1111", "language": "en"})
        pages.append((answer.status_code, answer.get_data(as_text=True).replace(given, "")))
    assert pages[0] == pages[1]


def test_hostile_words_are_shown_as_words(client, sign_in):
    load_town()
    code, secret = numbers_of(send(client, text=HOSTILE))
    client.post("/status", data={"code": code, "secret": secret, "text": HOSTILE, "language": "en"})
    status = client.post("/status", data={"code": code, "secret": secret, "language": "en"}).get_data(
        as_text=True
    )
    desk = sign_in("officer").get(f"/desk/{code}?view=all").get_data(as_text=True)
    for html in (status, desk):
        assert "<img src=x" not in html
        assert "alert(1)</script>" not in html
        assert "{{ 7 * 7 }}" in unescape(html)

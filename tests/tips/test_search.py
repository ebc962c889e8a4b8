"""One box finds tips and cases in every notation, and never a sender's number."""

from __future__ import annotations

import pytest

import cases.services as case_services
from core.codes import show_tip_code
from core.db import db, transaction
from tests.builders.tips import BOAT, load_town, make_tip
from tips import finding
from tips.models import Tip

pytestmark = pytest.mark.db
HTMX = {"HX-Request": "true"}
LOGS = "Ten teak logs under a tarp behind the school in Mae Pa"
SENDER = "+66812345679"


@pytest.fixture
def town(app):
    load_town()


@pytest.fixture
def officer(town, sign_in):
    return sign_in("officer")


def page(client, query: str, **headers: str) -> str:
    answer = client.get("/search", query_string={"q": query}, headers=headers)
    assert answer.status_code == 200, answer.headers.get("Location")
    return answer.get_data(as_text=True)


def codes_of(html: str) -> list[str]:
    return [part.split('"')[0] for part in html.split('data-id="')[1:] if not part.startswith("C-")]


def numbers_of(html: str) -> list[str]:
    return [part.split('"')[0] for part in html.split('data-id="')[1:] if part.startswith("C-")]


def case_of(tip_id: int) -> str:
    return case_services.case_of_tips([tip_id])[tip_id].number


def recode(tip_id: int, code: str) -> None:
    with transaction():
        db.session.get_one(Tip, tip_id).code = code


@pytest.mark.parametrize("notation", ["482170", "4821-70", " 48 21 70 ", "4821–70", "४८२१-७०", "4821.70"])
def test_a_tip_code_in_any_notation_opens_its_tip(officer, notation):
    recode(make_tip().tip_id, "482170")
    answer = officer.get("/search", query_string={"q": notation})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/desk/4821-70?view=all"


def test_a_code_that_is_also_a_plate_shows_the_tip_and_who_mentions_the_plate(officer):
    recode(make_tip(LOGS).tip_id, "704414")
    mentioning = make_tip("White truck plate 70-4414 loading cigarettes at Rim Moei market", minutes=5)
    assert codes_of(page(officer, "70-4414")) == ["7044-14", show_tip_code(mentioning.code)]


@pytest.mark.parametrize("notation", ["{}", "c {year} {short}", "c{year}{count}", " C–{year}–{short} "])
def test_a_case_number_in_any_notation_opens_its_case(officer, notation):
    number = case_of(make_tip().tip_id)
    _, year, count = number.split("-")
    typed = notation.format(number, year=year, count=count, short=int(count))
    answer = officer.get("/search", query_string={"q": typed})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/cases/{number}")


def test_htmx_is_sent_to_the_one_tip_without_swapping_anything(officer):
    recode(make_tip().tip_id, "482170")
    answer = officer.get("/search", query_string={"q": "482170"}, headers=HTMX)
    assert (answer.status_code, answer.get_data()) == (204, b"")
    assert answer.headers["HX-Redirect"] == "/desk/4821-70?view=all"


@pytest.mark.parametrize("query", ["70-4418", "704418", "70 4418", "plate 70-4418", "๗๐-๔๔๑๘"])
def test_a_plate_is_found_however_it_is_spaced(officer, query):
    tip = make_tip("White truck plate 70-4418 with cigarettes at Rim Moei market")
    make_tip(LOGS, minutes=5)
    html = page(officer, query)
    assert codes_of(html) == [show_tip_code(tip.code)]
    assert '<mark data-kind="observable" title="plate 704418">70-4418</mark>' in html


def test_a_plate_is_found_by_the_letters_it_is_mistaken_for(officer):
    tip = make_tip("Truck with number plate KBO 123A took the charcoal at night near Mae Pa")
    assert codes_of(page(officer, "kb0-123a")) == [show_tip_code(tip.code)]


@pytest.mark.parametrize("query", ["MSKU 1234565", "msku1234565", "MSKU-123456-5"])
def test_a_container_is_found_in_any_notation(officer, query):
    tip = make_tip("Container MSKU1234565 opened at night near the bridge, cigarettes inside")
    assert codes_of(page(officer, query)) == [show_tip_code(tip.code)]


def test_a_phone_written_in_a_tip_is_found_in_national_and_international_form(officer):
    tip = make_tip("The seller of ivory answers at 081-234-5678 near Rim Moei market")
    for query in ("0812345678", "+66 81 234 5678", "081 234 5678"):
        assert codes_of(page(officer, query)) == [show_tip_code(tip.code)]


@pytest.mark.parametrize("query", [SENDER, SENDER[1:], "0812345679", "081-234-5679", "12345679"])
def test_the_number_of_a_sender_is_never_found(officer, query):
    make_tip(sender=SENDER)
    assert "Nothing found" in page(officer, query)


def test_words_find_tips_in_any_case_newest_first_with_the_words_marked(officer):
    older = make_tip(LOGS)
    newer = make_tip(
        "TEAK on three trucks, covered, near the old LOGS yard", minutes=9, sender="+66800000002"
    )
    make_tip(BOAT, minutes=20, sender="+66800000003")
    html = page(officer, "teak logs")
    assert codes_of(html) == [show_tip_code(newer.code), show_tip_code(older.code)]
    assert '<mark data-kind="fact">TEAK</mark>' in html


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("มีคนขนไม้สักเถื่อนข้ามแม่น้ำตอนกลางคืนใกล้ตลาดริมเมย", "ไม้สัก"),
        ("昨天晚上有人在桥边卸走私香烟三箱", "走私香烟"),
        ("Грузовик с сигаретами стоит у рынка третий день", "ГРУЗОВИК"),
        ("Xe tải chở gỗ lậu qua cầu lúc nửa đêm", "GỖ LẬU"),
        ("Camión con leña robada detrás de la escuela", "LEN\u0303A"),
    ],
)
def test_words_of_other_scripts_are_found_without_spaces_and_in_other_capitals(officer, text, query):
    tip = make_tip(text)
    make_tip(LOGS, minutes=5, sender="+66800000002")
    assert codes_of(page(officer, query)) == [show_tip_code(tip.code)]


@pytest.mark.parametrize("query", ["%", "_", "100%", "te_k", "\\", "/"])
def test_signs_that_a_database_takes_for_any_letter_stand_for_themselves(officer, query):
    make_tip(LOGS)
    assert "Nothing found" in page(officer, query)


def test_a_sign_that_stands_in_a_tip_is_found(officer):
    tip = make_tip("They sell 100% fake whisky at Rim Moei market")
    assert codes_of(page(officer, "100%")) == [show_tip_code(tip.code)]


def test_cases_are_found_by_their_title_with_the_words_marked(officer):
    number = case_of(make_tip().tip_id)
    html = page(officer, "rim moei TOBACCO")
    assert numbers_of(html) == [number]
    assert '<mark data-kind="fact">Tobacco</mark>' in html


def test_only_fifty_tips_are_shown_and_the_page_says_that_there_are_more(officer, monkeypatch):
    monkeypatch.setattr(finding, "MOST_TIPS", 2)
    for minutes in range(3):
        make_tip(LOGS, minutes=minutes, sender=f"+6680000000{minutes}")
    html = page(officer, "teak")
    assert len(codes_of(html)) == 2
    assert "more words narrow the search" in html


def test_the_page_tells_how_far_back_words_were_looked_for(officer, monkeypatch):
    monkeypatch.setattr(finding, "SCANNED", 1)
    make_tip("White truck plate 70-4418 with teak at Rim Moei market")
    newest = make_tip(LOGS, minutes=5, sender="+66800000002")
    html = page(officer, "teak")
    assert codes_of(html) == [show_tip_code(newest.code)]
    assert "newest 1 tips" in html
    assert len(codes_of(page(officer, "70-4418"))) == 1


def test_what_was_set_aside_is_found_and_says_so(officer):
    tip = make_tip("hello hello test")
    html = page(officer, "hello")
    assert codes_of(html) == [show_tip_code(tip.code)]
    assert "set aside" in html


def test_an_empty_box_says_what_can_be_searched(officer):
    html = page(officer, "   ")
    assert "What can be searched" in html
    assert "autofocus" in html


def test_a_query_without_a_hit_says_what_to_try_and_keeps_its_words(officer):
    html = page(officer, "<b>zebra & co")
    assert "Nothing found" in html
    assert 'value="&lt;b&gt;zebra &amp; co"' in html
    assert "<b>zebra" not in html


def test_a_hostile_query_is_cut_and_answered(officer):
    make_tip(LOGS)
    for query in ("teak " * 2000, "\x01teak", "' OR 1=1 --", "(" * 200, "٣" * 200, "a " * 150, "+" * 200):
        assert officer.get("/search", query_string={"q": query}).status_code == 200
    assert len(codes_of(page(officer, "\x01teak"))) == 1


def test_htmx_gets_the_results_alone(officer):
    make_tip(LOGS)
    html = page(officer, "teak", **HTMX)
    assert "<!doctype html>" not in html
    assert len(codes_of(html)) == 1


def test_a_director_is_led_to_cases_and_sees_no_tip_outside_one(town, sign_in):
    filed, aside = make_tip(LOGS), make_tip("hello hello test", sender="+66800000002")
    director = sign_in("director")
    html = page(director, "teak")
    assert f'href="/cases/{case_of(filed.tip_id)}"' in html
    assert "/desk/" not in html
    answer = director.get("/search", query_string={"q": filed.code})
    assert answer.headers["Location"] == f"/cases/{case_of(filed.tip_id)}"
    assert "Nothing found" in page(director, "hello")
    assert "Nothing found" in page(director, aside.code)


@pytest.mark.parametrize("role", ["finance", "auditor", "admin"])
def test_roles_that_read_no_cases_may_not_search(app, sign_in, role):
    assert sign_in(role).get("/search?q=teak").status_code == 403

"""What officers decide about a tip, each by the page's own address."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

import cases.services as case_services
from core.audit import AuditEvent
from core.codes import show_tip_code
from core.db import db
from tests.builders.tips import BOAT, load_town, make_tip
from tips import export
from tips.models import Tip

HTMX = {"HX-Request": "true"}
TEAK = "Ten teak logs under a tarp behind the school in Mae Pa, men loading them at night"
HELLO = "hello"


@pytest.fixture
def officer(sign_in):
    load_town()
    return sign_in("officer")


def decide(officer, tip, what: str, *, status: int = 200, **form: str) -> str:
    answer = officer.post(f"/desk/{show_tip_code(tip.code)}/{what}", data=form, headers=HTMX)
    html = answer.get_data(as_text=True)
    assert answer.status_code == status, html
    return html


def undo_address(html: str, tip) -> str:
    start = html.index(f"/desk/{show_tip_code(tip.code)}/", html.index("data-undo") - 400)
    return html[start:].split('"')[0].replace("&amp;", "&")


def home(tip):
    db.session.rollback()
    return case_services.case_of_tips([tip.tip_id]).get(tip.tip_id)


def row(tip) -> Tip:
    db.session.rollback()
    return db.session.get(Tip, tip.tip_id)


def exported() -> list[dict]:
    db.session.rollback()
    rows = [json.loads(line) for line in export.export("jsonl")]
    db.session.rollback()
    return rows


def test_a_tip_is_confirmed_where_it_lies(officer):
    tip = make_tip()
    decide(officer, tip, "confirm")
    assert home(tip).confirmed


def test_a_tip_moves_to_the_case_that_was_named(officer):
    first, second = make_tip(), make_tip(TEAK, sender="+66800000002", minutes=5)
    decide(officer, second, "attach", case=home(first).number.lower())
    assert home(second).case_id == home(first).case_id


@pytest.mark.parametrize("number", ["C-2026-999999", "", "x"])
def test_an_unknown_case_is_refused_beside_the_tip(officer, number):
    tip = make_tip()
    before = home(tip)
    assert "There is no case" in decide(officer, tip, "attach", case=number, status=409)
    assert home(tip) == before


def test_a_tip_gets_a_case_of_its_own(officer):
    first, second = make_tip(), make_tip(TEAK, sender="+66800000002", minutes=5)
    decide(officer, second, "attach", case=home(first).number)
    decide(officer, second, "own-case")
    assert home(second).case_id != home(first).case_id


def test_noise_leaves_its_case_and_comes_back_to_it(officer):
    tip = make_tip()
    before, number = exported(), home(tip).number
    html = decide(officer, tip, "noise")
    assert (row(tip).is_noise, home(tip)) == (True, None)
    assert officer.post(undo_address(html, tip), headers=HTMX).status_code == 200
    assert (row(tip).is_noise, home(tip).number) == (False, number)
    assert exported() == before


def test_noise_can_be_filed_anew_without_its_undo(officer):
    tip = make_tip()
    decide(officer, tip, "noise")
    decide(officer, tip, "not-noise")
    assert not row(tip).is_noise
    assert home(tip) is not None


@pytest.mark.parametrize("what", ["attach", "own-case"])
def test_noise_is_brought_back_before_it_is_filed(officer, what):
    other, tip = make_tip(), make_tip(sender="+66800000002", minutes=9_000)
    decide(officer, tip, "noise")
    said = decide(officer, tip, what, status=409, case=home(other).number)
    assert "Bring it back first." in said
    assert row(tip).is_noise
    assert home(tip) is None


def test_noise_is_not_put_back_into_its_case_past_the_desk(officer):
    tip = make_tip()
    number = home(tip).number
    set_aside = undo_address(decide(officer, tip, "noise"), tip).split("action=")[1]
    said = officer.post(f"/cases/actions/{set_aside}/undo?on={number}", headers={"HX-Request": "true"})
    assert (said.status_code, "Bring it back on the desk." in said.get_data(as_text=True)) == (409, True)
    assert home(tip) is None


def test_what_the_program_took_for_noise_can_be_filed_and_set_aside_and_filed(officer):
    tip = make_tip(HELLO)
    assert tip.is_noise
    for _ in range(2):
        decide(officer, tip, "not-noise")
        assert home(tip) is not None
        decide(officer, tip, "noise")
        assert home(tip) is None


@pytest.mark.parametrize("what", ["confirm", "own-case", "attach"])
def test_each_filing_decision_can_be_taken_back_and_the_export_is_as_before(officer, what):
    first = make_tip()
    second = make_tip(TEAK, sender="+66800000002", minutes=5)
    third = make_tip(f"{TEAK} again", sender="+66800000003", minutes=9)
    assert home(third).case_id == home(second).case_id
    before = exported()
    html = decide(officer, third, what, case=home(first).number)
    if what != "confirm":
        assert exported() != before
    assert officer.post(undo_address(html, third), headers=HTMX).status_code == 200
    assert exported() == before


def test_an_act_is_not_undone_through_another_tip(officer):
    first, second = make_tip(), make_tip(TEAK, sender="+66800000002", minutes=5)
    mine = undo_address(decide(officer, first, "confirm"), first)
    action = mine.rsplit("/", 1)[1]
    decide(officer, second, f"undo/{action}", status=409)
    decide(officer, second, "noise")
    decide(officer, second, f"not-noise?action={action}", status=409)
    assert home(first).confirmed
    assert row(second).is_noise


def test_an_act_that_did_not_set_a_tip_aside_does_not_bring_it_back(officer):
    tip = make_tip()
    action = undo_address(decide(officer, tip, "confirm"), tip).rsplit("/", 1)[1]
    decide(officer, tip, "noise")
    decide(officer, tip, f"not-noise?action={action}", status=409)
    assert (row(tip).is_noise, home(tip)) == (True, None)


def test_the_second_of_two_officers_is_told_what_happened(officer, sign_in):
    tip = make_tip()
    colleague = sign_in("officer")
    decide(officer, tip, "confirm")
    assert "confirmed already" in decide(colleague, tip, "confirm", status=409)
    decide(officer, tip, "noise")
    assert "set aside already" in decide(colleague, tip, "noise", status=409)
    plain = colleague.post(f"/desk/{show_tip_code(tip.code)}/noise")
    assert plain.status_code == 409


def test_a_corrected_category_keeps_the_guess_in_the_audit_trail(officer):
    tip = make_tip()
    html = decide(officer, tip, "category", category="fuel")
    changed = row(tip)
    assert (changed.category, changed.category_probability, changed.category_set_by) == (
        "fuel",
        1.0,
        officer.member.id,
    )
    (event,) = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "tip.category_set"))
    assert (event.detail["from"], event.detail["to"]) == ("tobacco", "fuel")
    assert officer.post(undo_address(html, tip), headers=HTMX).status_code == 200
    assert row(tip).category == "tobacco"


def test_a_category_outside_the_list_is_refused(officer):
    tip = make_tip()
    decide(officer, tip, "category", category="spaceships", status=422)
    assert row(tip).category == "tobacco"


def test_without_htmx_a_decision_leads_back_to_the_tip(officer):
    tip = make_tip()
    answer = officer.post(f"/desk/{show_tip_code(tip.code)}/confirm", data={"view": "all"})
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/desk/{show_tip_code(tip.code)}?view=all",
    )


@pytest.mark.parametrize("code", ["1000-00", "x", "0", "%F0%9F%9A%A4"])
def test_an_unknown_tip_is_not_found(officer, code):
    assert officer.get(f"/desk/{code}").status_code == 404
    assert officer.post(f"/desk/{code}/confirm").status_code == 404


def test_only_caseworkers_see_the_desk(client, sign_in):
    load_town()
    tip = make_tip()
    address = f"/desk/{show_tip_code(tip.code)}"
    finance = sign_in("finance")
    for path in ("/desk", address, "/desk/news", "/desk/map.json"):
        assert finance.get(path).status_code == 403
        assert client.get(path).headers["Location"] == "/login"
    assert finance.post(f"{address}/confirm").status_code == 403
    assert client.post(f"{address}/confirm").status_code == 401
    assert not home(tip).confirmed


def test_news_counts_what_came_since_the_list_was_drawn(officer):
    first = make_tip()
    assert officer.get(f"/desk/news?after={first.tip_id}").status_code == 204
    make_tip(TEAK, sender="+66800000002", minutes=5)
    answer = officer.get(f"/desk/news?after={first.tip_id}")
    assert answer.status_code == 200
    assert "1" in answer.get_data(as_text=True)
    for odd in ("", "x", "-1", "9" * 30, "\u0e51"):
        assert officer.get("/desk/news", query_string={"after": odd}).status_code == 204


def test_the_map_has_the_placed_tips_of_the_view(officer):
    placed = make_tip()
    make_tip("a man sells stolen phones somewhere", sender="+66800000003", minutes=3)
    features = officer.get("/desk/map.json?view=all").get_json()["features"]
    (point,) = [feature for feature in features if feature["properties"]["id"] == show_tip_code(placed.code)]
    lon, lat = point["geometry"]["coordinates"]
    assert (round(lat, 1), round(lon, 1)) == (16.7, 98.5)
    assert all(feature["geometry"]["coordinates"][0] is not None for feature in features)


@pytest.mark.parametrize("view", ["waiting", "urgent", "mine", "noise", "all", "odd"])
def test_every_view_opens_with_any_paging_mark(officer, view):
    make_tip()
    make_tip(HELLO, sender="+66800000004")
    for mark in (
        "",
        "x",
        "2026-03-02T08:00:00+00:00_1",
        "2026-03-02T08:00:00_1",
        "2026-13-99_1",
        "_",
    ):
        for name in ("before", "after"):
            answer = officer.get("/desk", query_string={"view": view, name: mark, "category": "tobacco"})
            assert answer.status_code == 200


def test_paging_walks_through_every_tip_once(officer, monkeypatch):
    monkeypatch.setattr("tips.desk_lists.ROWS", 3)
    tips = [make_tip(f"{BOAT} {n}", sender=f"+6680000{n:04d}", minutes=n // 2) for n in range(8)]
    seen: list[str] = []
    address = "/desk?view=all"
    while address:
        html = officer.get(address, headers=HTMX).get_data(as_text=True)
        codes = [part.split('"')[0] for part in html.split('id="row-')[1:]]
        seen += codes
        rest = html.split('rel="next"')
        address = None
        if len(rest) > 1:
            tag = html[html.rindex("<a", 0, html.index('rel="next"')) : html.index('rel="next"') + 400]
            address = tag.split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert seen == [show_tip_code(tip.code) for tip in reversed(tips)]


def test_a_decision_goes_on_in_the_list_that_the_address_names(officer):
    teak, boat, later = make_tip(TEAK), make_tip(BOAT), make_tip(TEAK + " again, two lorries this time")
    db.session.execute(sa.update(Tip).values(category="timber"))
    db.session.execute(sa.update(Tip).where(Tip.id == boat.tip_id).values(category="tobacco"))
    db.session.commit()
    here = f"/desk/{show_tip_code(later.code)}?view=all&category=timber"
    answer = officer.post(
        f"/desk/{show_tip_code(later.code)}/confirm",
        headers=HTMX | {"HX-Current-URL": f"http://localhost{here}"},
    )
    following = f"/desk/{show_tip_code(teak.code)}?view=all&category=timber"
    assert answer.headers["HX-Replace-Url"] == following
    assert 'href="/desk?view=all&amp;category=timber" aria-current="page"' in answer.get_data(as_text=True)


def test_taking_back_offers_no_undo_of_itself(officer):
    tip = make_tip()
    set_aside = decide(officer, tip, "noise")
    corrected_from = row(tip).category
    back = officer.post(undo_address(set_aside, tip), headers=HTMX).get_data(as_text=True)
    assert "data-undo" not in back
    corrected = decide(officer, tip, "category", category="waste")
    again = officer.post(undo_address(corrected, tip), headers=HTMX).get_data(as_text=True)
    assert "data-undo" not in again
    assert row(tip).category == corrected_from


def test_a_nul_in_an_address_is_refused_and_never_a_fault(officer):
    assert officer.get("/desk", query_string={"before": "\x00_1"}).status_code < 500
    assert officer.post("/desk/1000-09/attach", data={"case": "C\x00"}).status_code < 500

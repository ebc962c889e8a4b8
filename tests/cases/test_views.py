from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cases import services
from cases.models import Case, CaseAction, CaseNote, CaseTransition, Seizure
from core.codes import show_tip_code
from core.db import db, transaction
from tests.builders.cases import (
    NOW,
    SUMMARY,
    actor_of,
    file_into,
    file_new,
    make_actor,
    move_to,
    work_until_review,
)

HTMX = {"HX-Request": "true"}


@pytest.fixture
def officer(sign_in):
    return sign_in("officer", name="Somchai Officer")


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def get_case(case_id: int) -> Case:
    db.session.rollback()  # a request wrote in a session of its own
    return db.session.get(Case, case_id)


def links_of(case_id: int) -> tuple[services.LinkView, ...]:
    db.session.rollback()
    return services.links_of_case(case_id)


def tip_code_of(case_id: int, position: int = 0) -> str:
    return show_tip_code(links_of(case_id)[position].code)


def claim(case_id: int, client) -> None:
    with transaction():
        services.claim(case_id=case_id, actor=actor_of(client.member), now=NOW)


def test_an_empty_list_says_how_cases_come_about(officer):
    page = text_of(officer.get("/cases"))
    assert "No cases here" in page
    assert 'href="/desk"' in page


def test_the_list_shows_urgent_cases_first_with_unit_and_officer(officer):
    slow = file_new(category="tobacco")
    urgent = file_new(category="weapons")
    claim(urgent.case_id, officer)
    page = text_of(officer.get("/cases"))
    assert page.index(urgent.number) < page.index(slow.number)
    assert "Somchai Officer" in page
    assert "Triage" in page
    assert "to confirm" in page


def test_filters_narrow_the_list_and_keep_their_counts(officer):
    mine = file_new(category="fuel")
    other = file_new(category="timber")
    claim(mine.case_id, officer)
    page = text_of(officer.get("/cases?mine=yes"))
    assert mine.number in page
    assert other.number not in page
    assert other.number not in text_of(officer.get("/cases?category=fuel"))
    assert "No case fits these filters" in text_of(officer.get("/cases?category=waste"))
    assert (
        'view=unfinished&amp;category=fuel" aria-current="page">Unfinished <span class="count">1'
        in text_of(officer.get("/cases?category=fuel"))
    )


@pytest.mark.parametrize(
    "query", ["view=nonsense", "category=gold", "unit=x", "page=-1", "page=x", "mine=perhaps"]
)
def test_filters_that_make_no_sense_are_left_out(officer, query):
    filed = file_new()
    answer = officer.get(f"/cases?{query}")
    assert answer.status_code == 200
    assert filed.number in text_of(answer)


def test_a_long_list_comes_in_pages(officer, monkeypatch):
    monkeypatch.setattr("cases.views.PAGE_SIZE", 2)
    numbers = [file_new().number for _ in range(3)]
    first, second = text_of(officer.get("/cases")), text_of(officer.get("/cases?page=2"))
    assert "1–2 of 3" in first
    assert numbers[0] in second
    assert numbers[2] not in second


def test_htmx_gets_the_list_without_the_frame(officer):
    answer = officer.get("/cases", headers=HTMX)
    assert "<html" not in answer.get_data(as_text=True)
    assert "HX-Request" in answer.headers["Vary"]


def test_the_page_shows_tips_reasons_priority_and_slots(officer):
    filed = file_new()
    file_into(filed.case_id)
    page = text_of(officer.get(f"/cases/{filed.number}"))
    assert "Timber near Rim Moei market" in page
    assert "Same truck, 300 m apart." in page
    assert "2 independent senders, not confirmed yet" in page
    assert f'hx-get="/tips/for-case/{filed.number}"' in page
    assert f'hx-get="/rewards/for-case/{filed.case_id}"' in page
    assert "data-map" in page
    assert tip_code_of(filed.case_id, 1) in page
    assert 'lang="th"' not in page


@pytest.mark.parametrize("number", ["C-2026-000099", "C-1-1", "x", "C-2026-00000%00"])
def test_an_unknown_case_is_not_found(officer, number):
    assert officer.get(f"/cases/{number}").status_code == 404


def test_pages_carry_no_inline_script_or_style(officer):
    filed = file_new()
    claim(filed.case_id, officer)
    for address in ("/cases", f"/cases/{filed.number}"):
        page = officer.get(address).get_data(as_text=True)
        assert not re.search(r"\son[a-z]+=|\sstyle=|<style", page)
        assert set(re.findall(r"<script(?![^>]*src=)[^>]*>", page)) <= {
            '<script type="application/json" id="case-features" data-map-features="case-map">'
        }


def test_hostile_words_are_escaped(officer):
    filed = file_new(place="<img src=x onerror=alert(1)>")
    with transaction():
        services.add_note(case_id=filed.case_id, body="</script><b>", actor=actor_of(officer.member), now=NOW)
    page = officer.get(f"/cases/{filed.number}").get_data(as_text=True)
    assert "<img src=x" not in page
    assert "</script><b>" not in page


GETS = ("/cases", "/cases/{number}")
POSTS = (
    "claim",
    "assign",
    "confirm",
    "priority",
    "category",
    "unit",
    "state",
    "notes",
    "notes/1",
    "outcome",
    "outcome/check",
    "seizures",
    "seizures/1/withdraw",
    "tips/{code}/confirm",
    "tips/{code}/move",
    "split",
)


@pytest.mark.parametrize(
    ("role", "reads"), [("director", True), ("finance", False), ("auditor", False), ("admin", False)]
)
def test_roles_outside_casework_change_nothing_and_most_read_nothing(sign_in, role, reads):
    filed = file_new()
    code, client = tip_code_of(filed.case_id), sign_in(role)
    for address in GETS:
        assert client.get(address.format(number=filed.number)).status_code == (200 if reads else 403)
    before = get_case(filed.case_id).version
    for part in POSTS:
        answer = client.post(
            f"/cases/{filed.number}/" + part.format(code=code), data={"to": "closed", "body": "x"}
        )
        assert answer.status_code == 403, part
    assert client.post("/cases/actions/1/undo").status_code == 403
    assert get_case(filed.case_id).version == before


def test_a_director_is_shown_no_buttons(sign_in):
    filed = file_new()
    page = text_of(sign_in("director").get(f"/cases/{filed.number}"))
    assert f'action="/cases/{filed.number}' not in page


def test_strangers_are_sent_to_sign_in(client):
    assert client.get("/cases").headers["Location"] == "/login"
    assert client.post("/cases/C-2026-000001/claim").status_code == 401


def test_a_post_without_the_token_changes_nothing(officer):
    filed = file_new()
    officer.csrf = "wrong"
    assert officer.post(f"/cases/{filed.number}/claim").status_code == 403
    assert get_case(filed.case_id).assignee_id is None


def test_without_script_an_act_leads_back_to_the_page_with_its_undo(officer):
    filed = file_new()
    answer = officer.post(f"/cases/{filed.number}/confirm")
    assert answer.status_code == 303
    page = text_of(officer.get(answer.headers["Location"]))
    (undo,) = set(re.findall(r'action="(/cases/actions/\d+/undo[^"]*)"', page))
    answer = officer.post(undo)
    assert answer.status_code == 303
    assert get_case(filed.case_id).confirmed_at is None
    assert undo not in text_of(officer.get(f"/cases/{filed.number}?done={undo.split('/')[3]}"))


def test_with_htmx_an_act_brings_the_case_as_it_is_now_and_a_toast_with_undo(officer):
    filed = file_new()
    answer = officer.post(f"/cases/{filed.number}/claim", headers=HTMX)
    page = text_of(answer)
    assert answer.headers["HX-Trigger"] == "case-moved"
    assert "<html" not in page
    assert f"{filed.number} is yours." in page
    assert re.search(r'hx-swap-oob="beforeend:#toasts".*hx-post="/cases/actions/\d+/undo', page)
    assert "Take it" not in page


def test_a_second_claim_gets_409_and_the_name_of_who_was_faster(officer, sign_in):
    filed = file_new()
    claim(filed.case_id, officer)
    answer = sign_in("officer").post(f"/cases/{filed.number}/claim", headers=HTMX)
    assert answer.status_code == 409
    assert f"{filed.number} is taken by Somchai Officer." in text_of(answer)


def test_an_illegal_move_gets_409_and_the_states_that_can_follow(officer):
    filed = file_new()
    answer = officer.post(f"/cases/{filed.number}/state", data={"to": "active"})
    assert answer.status_code == 409
    assert "From here it can become assessing, merged, closed." in text_of(answer)
    assert get_case(filed.case_id).state == "open"


def test_a_move_before_its_time_gets_422_with_every_reason(officer):
    filed = file_new()
    claim(filed.case_id, officer)
    move_to(filed.case_id, "assessing", actor=actor_of(officer.member))
    answer = officer.post(f"/cases/{filed.number}/state", data={"to": "pending_review"}, headers=HTMX)
    assert answer.status_code == 422
    page = text_of(answer)
    for gap in (
        "Choose an outcome from the list.",
        "Write a summary",
        "Record what was seized",
        "Grade the contrib",
    ):
        assert gap in page


def test_an_unknown_state_or_case_in_a_form_is_refused(officer):
    filed = file_new()
    assert officer.post(f"/cases/{filed.number}/state", data={"to": "sealed"}).status_code == 422
    answer = officer.post(f"/cases/{filed.number}/state", data={"to": "merged", "survivor": "C-2026-000099"})
    assert answer.status_code == 422
    assert "There is no case C-2026-000099." in text_of(answer)
    answer = officer.post(f"/cases/{filed.number}/state", data={"to": "merged", "survivor": filed.number})
    assert answer.status_code == 422


def test_a_merge_by_form_and_its_undo(officer):
    one, other = file_new(), file_new()
    answer = officer.post(
        f"/cases/{one.number}/state", data={"to": "merged", "survivor": other.number.lower()}, headers=HTMX
    )
    undo = re.search(r'hx-post="(/cases/actions/\d+/undo[^"]*)"', text_of(answer))[1]
    assert f'<a href="/cases/{other.number}">{other.number}</a>' in text_of(
        officer.get(f"/cases/{one.number}")
    )
    assert officer.post(undo, headers=HTMX).status_code == 200
    assert get_case(one.case_id).state == "open"


def test_an_undo_stays_on_the_case_that_the_page_showed(officer):
    filed = file_new()
    file_into(filed.case_id)
    base = f"/cases/{filed.number}/tips/{tip_code_of(filed.case_id, 1)}"
    answer = officer.post(f"{base}/move", data={"to": "", "reason": "another place"}, headers=HTMX)
    undo = re.search(r'hx-post="(/cases/actions/\d+/undo[^"]*)"', text_of(answer))[1]
    page = text_of(officer.post(undo, headers=HTMX))
    assert f'<span class="num">{filed.number}</span>' in page
    assert len(links_of(filed.case_id)) == 2


def test_an_undo_that_is_too_late_says_so(officer):
    filed = file_new()
    answer = officer.post(f"/cases/{filed.number}/confirm", headers=HTMX)
    undo = re.search(r'hx-post="(/cases/actions/\d+/undo[^"]*)"', text_of(answer))[1]
    officer.post(undo)
    answer = officer.post(undo, headers=HTMX)
    assert answer.status_code == 409
    assert "This has been undone already." in text_of(answer)
    assert officer.post("/cases/actions/9999/undo").status_code == 404


def test_tips_are_confirmed_and_moved_from_the_page_and_never_left_without_a_case(officer):
    one, other = file_new(), file_new()
    file_into(one.case_id)
    base = f"/cases/{one.number}/tips/{tip_code_of(one.case_id, 1)}"
    assert officer.post(f"{base}/confirm").status_code == 303
    assert links_of(one.case_id)[1].confirmed_at is not None
    answer = officer.post(f"{base}/move", data={"to": other.number, "reason": "same plate"})
    assert answer.headers["Location"].startswith(f"/cases/{one.number}?done=")
    assert len(links_of(other.case_id)) == 2
    code = tip_code_of(other.case_id, 1)
    assert officer.post(f"/cases/{other.number}/tips/{code}/move").status_code == 303
    assert len(links_of(other.case_id)) == 1
    assert officer.post(f"/cases/{other.number}/tips/{code}/detach").status_code == 404


def test_priority_category_unit_and_officer_are_changed_by_form(officer):
    filed = file_new()
    base = f"/cases/{filed.number}"
    claim(filed.case_id, officer)
    assert officer.post(f"{base}/priority", data={"priority": "P1"}).status_code == 422
    assert officer.post(f"{base}/priority", data={"priority": "P1", "reason": "A child"}).status_code == 303
    assert officer.post(f"{base}/category", data={"category": "weapons"}).status_code == 303
    assert officer.post(f"{base}/unit", data={"unit": get_case(filed.case_id).unit_id}).status_code == 303
    assert officer.post(f"{base}/unit", data={}).status_code == 422
    assert officer.post(f"{base}/assign", data={"assignee": ""}).status_code == 303
    case = get_case(filed.case_id)
    assert (case.priority_set, case.category_set, case.assignee_id) == ("P1", "weapons", None)
    assert "Set by hand: A child" in text_of(officer.get(base))


def test_a_form_shown_before_somebody_elses_change_gets_409(officer):
    filed = file_new()
    shown = get_case(filed.case_id).version
    claim(filed.case_id, officer)
    answer = officer.post(
        f"/cases/{filed.number}/priority", data={"priority": "P1", "reason": "A child", "version": shown}
    )
    assert answer.status_code == 409
    assert "changed by somebody else" in text_of(answer)


def test_a_note_conflict_shows_both_texts_and_loses_neither(officer, sign_in):
    filed = file_new()
    officer.post(f"/cases/{filed.number}/notes", data={"body": "First words"})
    note = db.session.scalars(sa.select(CaseNote)).one()
    base = f"/cases/{filed.number}/notes/{note.id}"
    sign_in("officer").post(base, data={"body": "Their words", "version": 1})
    answer = officer.post(base, data={"body": "My words", "version": 1}, headers=HTMX)
    assert answer.status_code == 409
    assert "Their words" in text_of(answer)
    assert "My words" in text_of(answer)
    assert db.session.scalars(sa.select(CaseNote.body)).all() == ["Their words"]
    other = file_new()
    assert (
        officer.post(f"/cases/{other.number}/notes/{note.id}", data={"body": "x", "version": 2}).status_code
        == 404
    )


def test_a_seizure_is_recorded_in_whole_thousandths_and_minor_units_and_withdrawn(officer):
    filed = file_new()
    base = f"/cases/{filed.number}/seizures"
    lot = {"category": "timber", "description": "Teak", "quantity": "12.5", "unit": "MTQ", "currency": "USD"}
    answer = officer.post(base, data=lot | {"value": "1,840.555"}, headers=HTMX)
    assert answer.status_code == 422
    assert "USD has 2 decimals." in text_of(answer)
    assert officer.post(base, data=lot | {"value": "18,400.00"}).status_code == 303
    row = db.session.scalars(sa.select(Seizure)).one()
    assert (row.quantity_thousandths, row.value_minor, row.currency) == (12_500, 1_840_000, "USD")
    assert "12.5 cubic metres" in text_of(officer.get(f"/cases/{filed.number}"))
    assert officer.post(f"{base}/{row.id}/withdraw").status_code == 303
    assert officer.post(f"{base}/{row.id}/withdraw").status_code == 404


@pytest.mark.parametrize(
    "lot",
    [
        {"quantity": "-1"},
        {"quantity": "1e400"},
        {"unit": "stone"},
        {"value": "12"},
        {"value": "1e3", "currency": "USD"},
        {"currency": "XXX"},
        {"category": "gold"},
        {"description": ""},
    ],
)
def test_a_seizure_that_cannot_be_is_refused(officer, lot):
    filed = file_new()
    answer = officer.post(
        f"/cases/{filed.number}/seizures", data={"category": "timber", "description": "Teak"} | lot
    )
    assert answer.status_code == 422
    assert db.session.scalars(sa.select(Seizure)).all() == []


def test_the_closing_list_follows_what_is_typed_without_saving_it(officer):
    filed = file_new()
    code = links_of(filed.case_id)[0].code
    typed = {"disposition": "lawful", "summary": SUMMARY, "nil_seizures": "yes", f"grade-{code}": "none"}
    answer = officer.post(f"/cases/{filed.number}/outcome/check", data=typed, headers=HTMX)
    assert text_of(answer).count('data-done="yes"') == 4
    assert get_case(filed.case_id).disposition is None
    answer = officer.post(f"/cases/{filed.number}/outcome/check", data={"disposition": "gone"}, headers=HTMX)
    assert text_of(answer).count('data-done="no"') == 4


def test_the_whole_way_from_open_to_closed_by_form(officer, sign_in):
    filed = file_new()
    base, code = f"/cases/{filed.number}", links_of(filed.case_id)[0].code
    officer.post(f"{base}/claim")
    officer.post(f"{base}/confirm")
    officer.post(f"{base}/state", data={"to": "assessing"})
    officer.post(f"{base}/notes", data={"body": "Seen twice at the yard."})
    officer.post(f"{base}/state", data={"to": "active"})
    outcome = {"disposition": "lawful", "summary": SUMMARY, "nil_seizures": "yes", f"grade-{code}": "known"}
    answer = officer.post(f"{base}/outcome", data=outcome | {"action_at": "2026-03-01T10:00"})
    assert answer.status_code == 303, text_of(answer)
    assert officer.post(f"{base}/state", data={"to": "pending_review"}).status_code == 303
    assert officer.post(f"{base}/state", data={"to": "closed"}).status_code == 403
    supervisor = sign_in("supervisor")
    assert supervisor.post(f"{base}/state", data={"to": "closed"}).status_code == 303
    case = get_case(filed.case_id)
    assert (case.state, case.disposition) == ("closed", "lawful")
    moves = db.session.scalars(sa.select(CaseTransition.to_state).order_by(CaseTransition.id)).all()
    assert moves == ["open", "assessing", "active", "pending_review", "closed"]
    assert "How it ended" in text_of(officer.get(base))


def test_an_outcome_in_the_future_is_refused(officer):
    filed = file_new()
    answer = officer.post(f"/cases/{filed.number}/outcome", data={"action_at": "2100-01-01T00:00"})
    assert answer.status_code == 422
    assert "lies in the future" in text_of(answer)


def test_the_owner_does_not_close_the_own_case(sign_in):
    filed = file_new()
    tip_ids = [link.tip_id for link in links_of(filed.case_id)]
    boss = sign_in("supervisor")
    work_until_review(filed.case_id, tip_ids, actor_of(boss.member))
    answer = boss.post(f"/cases/{filed.number}/state", data={"to": "closed"}, headers=HTMX)
    assert answer.status_code == 422
    assert "Somebody else has to close it" in text_of(answer)


def test_a_hold_and_a_referral_take_their_words_from_the_form(sign_in):
    filed, boss = file_new(), sign_in("supervisor")
    claim(filed.case_id, boss)
    base = f"/cases/{filed.number}"
    move_to(filed.case_id, "assessing", actor=make_actor("supervisor"))
    form = {"to": "on_hold", "reason": "Rain", "review_on": "not a date"}
    assert boss.post(f"{base}/state", data=form).status_code == 422
    form = {"to": "referred", "agency": "Forest department", "contact": "Desk", "disclosure": "Place"}
    assert boss.post(f"{base}/state", data=form).status_code == 303
    assert "Forest department" in text_of(boss.get(base))


def test_the_timeline_tells_what_happened_latest_first(officer):
    filed, other = file_new(), file_new()
    file_into(filed.case_id, received_at=NOW + timedelta(hours=1))
    base, code = f"/cases/{filed.number}", tip_code_of(filed.case_id, 1)
    officer.post(f"{base}/confirm")
    officer.post(f"{base}/notes", data={"body": "Seen twice."})
    officer.post(f"{base}/seizures", data={"category": "timber", "description": "Two logs"})
    officer.post(f"{base}/tips/{code}/move", data={"to": other.number, "reason": "other plate"})
    page = text_of(officer.get(base))
    page = page[page.index("What happened") :]
    told = [
        f"Tip {code} taken out",
        "Seizure recorded",
        "Note written",
        "2 tips confirmed",
        f"Tip {code} filed",
        "Opened",
    ]
    assert [page.index(words) for words in told] == sorted(page.index(words) for words in told)
    assert "Two logs" in page
    assert "other plate" in page


def test_the_opening_of_a_case_is_not_undone_and_the_answer_says_what_to_do_instead(officer):
    filed = file_new()
    (action_id,) = db.session.scalars(sa.select(CaseAction.id).where(CaseAction.case_id == filed.case_id))
    answer = officer.post(f"/cases/actions/{action_id}/undo", headers=HTMX)
    assert answer.status_code == 409
    assert "set it aside on the desk" in text_of(answer)
    assert get_case(filed.case_id).state == "open"


def test_the_map_frames_the_linked_cases_and_draws_them_faintly(officer):
    here, far = file_new(), file_new(lat=16.8)
    with transaction():
        services.tie_by_hand(
            case_id=here.case_id,
            other_id=far.case_id,
            reason="Same driver",
            actor=actor_of(officer.member),
            now=NOW,
        )
    page = text_of(officer.get(f"/cases/{here.number}"))
    assert page.count('"faint": true') == 1
    assert float(re.search(r'data-radius-km="([\d.]+)"', page)[1]) > 11.0

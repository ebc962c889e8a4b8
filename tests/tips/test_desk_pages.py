"""The desk is a page for a browser and fragments for htmx, from the same templates."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import cases.services as case_services
from core.codes import show_tip_code
from core.db import db
from tests.builders.tips import BOAT, load_town, make_tip
from tips.models import Tip

pytestmark = pytest.mark.db
HTMX = {"HX-Request": "true"}


def test_the_desk_is_a_whole_page_with_list_detail_and_map(sign_in):
    load_town()
    code = show_tip_code(make_tip().code)
    html = sign_in("officer").get("/desk").get_data(as_text=True)
    assert "<!doctype html>" in html
    assert f'id="row-{code}"' in html
    assert "data-map " in html


def test_htmx_gets_the_list_alone(sign_in):
    load_town()
    make_tip()
    answer = sign_in("officer").get("/desk", headers=HTMX | {"HX-Target": "list"})
    html = answer.get_data(as_text=True)
    assert "<!doctype html>" not in html
    assert 'class="rows"' in html
    assert answer.headers["Vary"] == "HX-Request"


def test_an_open_tip_shows_its_words_with_what_was_understood(sign_in):
    load_town()
    code = show_tip_code(make_tip().code)
    html = sign_in("officer").get(f"/desk/{code}", headers=HTMX).get_data(as_text=True)
    assert f'data-opened="{code}"' in html
    assert '<mark data-kind="place"' in html
    assert "70-4418" in html
    assert 'id="context" hx-swap-oob="innerHTML"' in html


def test_every_action_of_an_open_tip_is_a_form_that_posts_with_a_token(sign_in):
    load_town()
    code = show_tip_code(make_tip().code)
    html = sign_in("officer").get(f"/desk/{code}").get_data(as_text=True)
    forms = [part.split("</form>")[0] for part in html.split("<form ")[1:]]
    posting = [form for form in forms if 'method="post"' in form]
    assert len(posting) >= 4
    assert all('name="csrf_token"' in form and 'action="/' in form for form in posting)


def test_a_decision_brings_the_next_tip_the_decided_row_and_an_undo(sign_in):
    load_town()
    first = show_tip_code(make_tip(BOAT).code)
    second = show_tip_code(
        make_tip(
            "Ten teak logs under a tarp behind the school in Mae Pa", minutes=5, sender="+66800000002"
        ).code
    )
    answer = sign_in("officer").post(f"/desk/{second}/confirm", data={"view": "waiting"}, headers=HTMX)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert f'data-opened="{first}"' in html
    assert f'id="row-{second}"' in html
    assert 'hx-swap-oob="beforeend:#toasts"' in html
    assert "data-undo" in html


def test_no_phone_number_is_on_the_desk(sign_in):
    load_town()
    code = show_tip_code(make_tip(sender="+66812345678").code)
    html = sign_in("officer").get(f"/desk/{code}").get_data(as_text=True)
    assert "812345678" not in html.replace(" ", "").replace("-", "")


def test_a_tip_says_when_it_happened_by_which_words_and_which_place_is_near(sign_in):
    load_town()
    tip = make_tip("last night a truck with ivory in boxes", device=(16.75, 98.57))
    html = " ".join(sign_in("officer").get(f"/desk/{show_tip_code(tip.code)}").get_data(as_text=True).split())
    assert '<mark data-kind="fact" title="when it happened">last night</mark>' in html
    assert '<q class="muted" dir="auto">last night</q>' in html
    assert html.index("<dt>Happened</dt>") < html.index("<dt>Received</dt>")
    assert "km north-west of PT Mae Pa" in html


def test_an_empty_desk_says_what_comes_next(sign_in):
    assert "Nothing waits here" in sign_in("officer").get("/desk").get_data(as_text=True)


def test_a_case_of_many_tips_takes_no_more_statements_than_one_of_two(sign_in):
    load_town()
    officer, statements = sign_in("officer"), []

    def note(*told):
        statements.append(told[2])

    sa.event.listen(db.engine, "before_cursor_execute", note)

    def look(expected):
        number = case_services.case_of_tips([db.session.scalar(sa.select(sa.func.max(Tip.id)))])
        db.session.rollback()
        statements.clear()
        html = officer.get(f"/tips/for-case/{next(iter(number.values())).number}").get_data(as_text=True)
        assert html.count("<blockquote") == expected
        return len(statements)

    for n in range(2):
        make_tip(sender=f"+6681000000{n}")
    few = look(2)
    for n in range(2, 8):
        make_tip(sender=f"+6681000000{n}")
    many = look(8)
    sa.event.remove(db.engine, "before_cursor_execute", note)
    assert many == few

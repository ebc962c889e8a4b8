from __future__ import annotations

import re

from core.codes import show_tip_code
from tests.builders.tips import load_town, make_tip

FIRST = "white truck BOI 1234 takes on diesel in drums behind the fuel depot"
AGAIN = "truck BOI-1234 again, ivory in boxes"


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def two_elsewhere():
    load_town()
    first = make_tip(FIRST, device=(16.70, 98.52))
    second = make_tip(AGAIN, sender="+66800000002", device=(16.75, 98.57), minutes=60 * 24 * 12)
    assert first.filed.case_id != second.filed.case_id
    return first, second


def test_a_tip_and_a_case_show_who_else_names_the_same_as_they_wrote_it(sign_in):
    first, second = two_elsewhere()
    officer = sign_in("officer")
    page = text_of(officer.get(f"/desk/{show_tip_code(second.code)}"))
    assert "also in 1 other tip" in page
    assert "BOI-1234" in page
    assert "BOI 1234" in page
    assert "B011234" not in page
    part = text_of(officer.get(f"/tips/also-in/{second.filed.number}", headers={"HX-Request": "true"}))
    assert first.filed.number in part
    assert show_tip_code(first.code) in part


def test_the_two_cases_are_linked_as_the_tip_comes_in(sign_in):
    first, second = two_elsewhere()
    page = text_of(sign_in("officer").get(f"/cases/{first.filed.number}"))
    assert "Same plate BOI-1234 on 14 March" in page
    assert second.filed.number in page
    assert '"faint": true' in page


def test_a_filler_is_shared_by_nobody(sign_in):
    load_town()
    tips = [
        make_tip(f"phone +66 2 000 0000 at the pier {n}", sender=f"+6680000000{n}", minutes=n)
        for n in range(2)
    ]
    officer = sign_in("officer")
    assert "Also named in" not in text_of(officer.get(f"/desk/{show_tip_code(tips[1].code)}"))


def test_a_case_that_shares_nothing_says_so_on_a_page_of_its_own(sign_in):
    load_town()
    tip = make_tip("ten teak logs by the river")
    officer = sign_in("officer")
    assert "Nothing is shared" in text_of(officer.get(f"/tips/also-in/{tip.filed.number}"))
    assert officer.get("/tips/also-in/C-2026-999999").status_code == 404

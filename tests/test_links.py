"""No page shows a member of staff a way to somewhere that they may not go."""

from __future__ import annotations

import re

import pytest

import cases.services as case_services
from core.codes import show_tip_code
from tests.builders.tips import load_town, make_tip

pytestmark = pytest.mark.db
OPENS = {200, 204, 303}
LINK = re.compile(r'(?:href|hx-get|data-features|data-source)="(/[^"#]*)')
HOMES = {
    "officer": (
        "/desk",
        "/desk/{code}",
        "/cases",
        "/cases/{number}",
        "/tips/for-case/{number}",
        "/search?q=teak",
    ),
    "supervisor": ("/desk", "/desk/{code}", "/cases", "/cases/{number}", "/rewards", "/search?q=teak"),
    "director": (
        "/cases",
        "/cases/{number}",
        "/tips/for-case/{number}",
        "/rewards",
        "/rewards/ledger",
        "/search?q=teak",
    ),
    "finance": ("/rewards", "/rewards/ledger"),
    "auditor": ("/rewards", "/rewards/ledger"),
    "admin": ("/admin/staff",),
}


@pytest.mark.parametrize("role", HOMES)
def test_every_link_that_a_role_sees_opens_for_it(sign_in, role):
    load_town()
    tip = make_tip("Ten teak logs under a tarp behind the school in Mae Pa")
    number = case_services.case_of_tips([tip.tip_id])[tip.tip_id].number
    browser = sign_in(role)
    links: set[str] = set()
    for home in HOMES[role]:
        answer = browser.get(home.format(code=show_tip_code(tip.code), number=number))
        assert answer.status_code == 200, home
        links |= {link.replace("&amp;", "&") for link in LINK.findall(answer.get_data(as_text=True))}
    pages = {link for link in links if not link.startswith("/static/")}
    refused = {link: status for link in pages if (status := browser.get(link).status_code) not in OPENS}
    assert refused == {}

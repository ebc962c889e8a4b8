"""The same product on a small phone, without scripts, and by keys alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.builders.accounts import make_staff
from tests.builders.tips import BOAT, load_town, make_tip
from tests.journeys.conftest import PHONE
from tests.journeys.test_tip_to_reward import FORM_TIP, fill_pair, send_form


def overflow(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.mark.browser
def test_a_resident_without_scripts_reports_and_reads_the_answer(app, site, visit):
    load_town()
    page = visit(viewport=PHONE, scripts=False)
    code, secret = send_form(page, FORM_TIP)
    site.shot(page, "360-noscript-received", full=True)
    page.goto("/status")
    fill_pair(page, code, secret)
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "received")
    page.goto("/status")
    fill_pair(page, code, "0" * 12)
    expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.browser
def test_an_empty_report_is_refused_beside_its_field_and_nothing_typed_is_lost(app, site, visit):
    load_town()
    page = visit(viewport=PHONE, scripts=False)
    page.goto("/")
    page.locator("details", has_text="Where was it?").locator("summary").click()
    page.fill("[name=place_words]", "behind the bridge")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    assert page.input_value("[name=place_words]") == "behind the bridge"


@pytest.mark.browser
def test_nothing_is_wider_than_a_small_phone(app, site, visit):
    load_town()
    tip = make_tip(BOAT)
    shown = f"{tip.code[:4]}-{tip.code[4:]}"
    people = {role: make_staff(role).email for role in ("officer", "finance", "admin")}
    pages = {
        None: ["/", "/?lang=my", "/status", "/claim", "/numbers", "/about", "/login"],
        "officer": ["/desk", f"/desk/{shown}", "/cases", f"/cases/{tip.filed.number}", "/search?q=boat"],
        "finance": ["/rewards", "/rewards/ledger", "/rewards/funds", "/rewards/ledger/trial-balance"],
        "admin": ["/admin/staff"],
    }
    for role, addresses in pages.items():
        page = visit(people[role] if role else None, viewport=PHONE)
        for address in addresses:
            answer = page.goto(address)
            assert answer.status == 200, address
            page.wait_for_timeout(150)
            site.shot(
                page, "360-" + (re.sub(r"\W+", "-", address.replace(shown, "tip")).strip("-") or "form")
            )
            assert overflow(page) <= 0, address


@pytest.mark.browser
def test_an_officer_triages_by_keys_alone_and_takes_it_back(app, site, visit):
    load_town()
    tips = [make_tip(f"{BOAT} {n}", sender=f"+6680000100{n}", minutes=n * 60 * 24 * 20) for n in range(3)]
    shown = [f"{tip.code[:4]}-{tip.code[4:]}" for tip in tips]
    page = visit(make_staff("officer").email)
    page.wait_for_selector("#list [data-row]")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#detail h1")).to_have_text(shown[2])
    page.keyboard.press("c")
    expect(page.locator("#detail h1")).to_have_text(shown[1])
    expect(page.locator("#progress")).to_contain_text("2 tips left")
    page.keyboard.press("d")
    expect(page.locator("#detail h1")).to_have_text(shown[0])
    expect(page.locator("#progress")).to_contain_text("1 tip left")
    site.shot(page, "1280-triage")
    page.keyboard.press("u")
    expect(page.locator("#progress")).to_contain_text("2 tips left")
    page.keyboard.press("?")
    expect(page.locator("#key-help")).to_be_visible()

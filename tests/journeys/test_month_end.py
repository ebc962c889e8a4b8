"""The end of a month in a real browser: a fee is booked and undone by somebody else, then the month is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from core.clock import utcnow
from core.db import db
from rewards import checks
from tests.builders import reward_office
from tests.builders.accounts import make_staff
from tests.builders.reward_office import approve, claim, open_office, pay, propose
from tests.journeys.conftest import PHONE, WIDE, Site


@pytest.fixture
def people(app, monkeypatch):
    monkeypatch.setattr(reward_office, "NOW", utcnow().replace(day=1) - timedelta(days=10))
    office = open_office()
    approve(propose().ref, office.finance)
    claimed = claim(1)
    pay(claimed.voucher, office.cashier, word=claimed.word)
    propose(2)
    finance = make_staff("finance", name="Anong Finance").email
    return finance, make_staff("director", name="Dao Director").email


@pytest.mark.browser
def test_a_month_is_corrected_and_closed(app, site, visit, people):
    finance, director = (visit(email) for email in people)
    finance.goto("/rewards/funds")
    finance.get_by_label("What").select_option("fee")
    finance.get_by_label("Fund").select_option("GEN")
    finance.get_by_label("Amount").fill("2.50")
    finance.get_by_label("Statement line").fill("S-9/4")
    finance.get_by_role("button", name="Book it").click()
    expect(finance.locator("main")).to_contain_text("47,867.50")
    both_sizes(site, finance, "funds")

    director.goto("/rewards/ledger?account=Expenses%3AFees")
    director.get_by_role("link", name="J000007").click()
    both_sizes(site, director, "entry-to-undo")
    director.get_by_label("Reason").fill("The bank took it back")
    director.get_by_role("button", name="Undo J000007").click()
    expect(director.locator("h1")).to_have_text("J000008")

    finance.goto("/rewards/ledger")
    finance.get_by_role("link", name="Periods").click()
    both_sizes(site, finance, "periods")
    month = reward_office.NOW.strftime("%Y-%m")
    finance.get_by_role("link", name=month).click()
    expect(finance.locator("main")).to_contain_text("Only finance posts into it")
    both_sizes(site, finance, "period-open")
    finance.get_by_role("button", name="Let only finance book into it").click()
    finance.get_by_role("button", name=f"Close {month} for good").click()
    expect(finance.locator("main")).to_contain_text("Closed for good")
    both_sizes(site, finance, "period-closed")
    finance.get_by_role("link", name="Trial balance of").click()
    both_sizes(site, finance, "trial-balance-known")
    finance.goto("/rewards/funds/GEN/statement")
    both_sizes(site, finance, "fund-statement")
    finance.goto("/rewards/case-statements/C-2026-000001")
    both_sizes(site, finance, "case-statement")
    db.session.rollback()
    assert checks.check().violations == ()


def both_sizes(site: Site, page: Page, name: str) -> None:
    """Keep a picture on a desk and on a phone, where nothing may be wider than the screen."""
    site.shot(page, f"1280-{name}", full=True)
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
    site.shot(page, f"360-{name}", full=True)
    page.set_viewport_size(WIDE)

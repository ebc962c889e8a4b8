"""Finance at work in a real browser: a batch through three hands, a file to the bank, a statement back, one exception."""

from __future__ import annotations

import hashlib
import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from core.clock import utcnow
from core.db import db
from rewards import checks
from rewards.models import RewardShare
from rewards.payout_file import from_pain_001
from tests.builders import reward_office
from tests.builders.accounts import make_staff
from tests.builders.payouts import Entry, camt, claimed_vouchers, open_payouts
from tests.journeys.conftest import PHONE, Site


@pytest.fixture
def people(app, monkeypatch):
    monkeypatch.setattr(reward_office, "NOW", utcnow())
    office = open_payouts()
    claimed_vouchers(office, 1, 2, 3)
    names = {"maker": "Anong Maker", "approver": "Ben Approver"}
    found = {key: make_staff("finance", name=name).email for key, name in names.items()}
    return {**found, "director": make_staff("director", name="Dao Director").email}


@pytest.mark.browser
def test_vouchers_go_to_the_bank_and_come_back_settled(app, site, visit, people, tmp_path):
    maker = visit(people["maker"])
    maker.goto("/rewards/batches")
    site.shot(maker, "1280-batches-empty")
    maker.keyboard.press("n")
    expect(maker.locator("[data-chosen]")).to_have_text("3 of 3 chosen, USD 3,195.00")
    maker.locator("input[name=voucher]").first.uncheck()
    expect(maker.locator("[data-chosen]")).to_have_text("2 of 3 chosen, USD 2,130.00")
    maker.locator("input[name=voucher]").first.check()
    both_sizes(site, maker, "batch-new")
    maker.get_by_role("button", name="Make the batch").click()
    expect(maker.locator("h1")).to_have_text("B-0001")
    expect(maker.locator("main")).to_contain_text("You made this batch")

    approver = visit(people["approver"])
    approver.goto("/rewards/batches")
    approver.get_by_role("link", name="B-0001").click()
    both_sizes(site, approver, "batch-to-approve")
    approver.keyboard.press("a")
    expect(approver.locator("#toasts")).to_contain_text("B-0001 is approved")

    director = visit(people["director"])
    director.goto("/rewards/batches/B-0001")
    director.get_by_role("button", name="Release 3,195.00 USD").click()
    expect(director.locator("#toasts")).to_contain_text("B-0001 is released")
    first, again = download(director), download(director)
    assert hashlib.sha256(first).hexdigest() == hashlib.sha256(again).hexdigest()
    vouchers = [payment.voucher for payment in from_pain_001(first).payments]
    both_sizes(site, director, "batch-released")
    director.goto("/rewards/batches/B-0001/vouchers")
    both_sizes(site, director, "vouchers")
    director.emulate_media(media="print")
    site.shot(director, "1280-vouchers-print", full=True)
    director.emulate_media(media="screen")

    # the bank names two of three vouchers; the third line has lost its reference
    day = first.decode().split("<CreDtTm>")[1][:10]
    entries = [
        *(Entry(-106_500, ref) for ref in vouchers[:2]),
        Entry(-106_500),
        Entry(-250, code="PMNT/ICDT/CHRG"),
    ]
    file = tmp_path / "statement.xml"
    file.write_text(camt(*entries, day=day))
    reconciler = visit(people["approver"])
    reconciler.goto("/rewards/statements")
    site.shot(reconciler, "1280-statements-empty")
    reconciler.locator("input[type=file]").set_input_files(file)
    reconciler.get_by_role("button", name="Import").click()
    expect(reconciler.locator("main")).to_contain_text("4 lines added, 3 matched; 1 waits for somebody.")
    both_sizes(site, reconciler, "statement")
    reconciler.goto("/rewards/exceptions")
    both_sizes(site, reconciler, "exceptions")
    reconciler.locator("table a").first.click()
    both_sizes(site, reconciler, "exception")
    reconciler.fill("[name=voucher]", vouchers[2])
    reconciler.get_by_role("button", name="Match by hand").click()
    expect(reconciler.locator("#toasts")).to_contain_text("Matched by hand.")

    reconciler.goto("/rewards/batches/B-0001")
    expect(reconciler.locator("main")).to_contain_text("3 of 3")
    both_sizes(site, reconciler, "batch-settled")
    for address, name in (("/rewards/accounts", "accounts"), ("/rewards/statements", "statements")):
        reconciler.goto(address)
        both_sizes(site, reconciler, name)
    sample = tmp_path / "agent.csv"
    sample.write_text("Paid on,Voucher,Sum,Slip\n2026-03-02,V-7Q2M8H4K,1065.00,AG-1\n")
    reconciler.goto("/rewards/statements/layouts")
    reconciler.locator("input[type=file]").set_input_files(sample)
    reconciler.get_by_role("button", name="Show its columns").click()
    expect(reconciler.locator("main")).to_contain_text("So it is read")
    both_sizes(site, reconciler, "layout")
    reconciler.emulate_media(color_scheme="dark")
    reconciler.goto("/rewards/batches/B-0001")
    site.shot(reconciler, "1280-batch-dark", full=True)

    db.session.rollback()
    assert set(db.session.scalars(sa.select(RewardShare.state))) == {"paid"}
    assert checks.check().violations == ()
    db.session.rollback()


def both_sizes(site: Site, page: Page, name: str) -> None:
    """Keep a picture at both widths; nothing may stick out at the narrow one."""
    site.shot(page, f"1280-{name}", full=True)
    wide = page.viewport_size
    page.set_viewport_size(PHONE)
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    site.shot(page, f"360-{name}", full=True)
    page.set_viewport_size(wide)
    assert too_wide <= 0, f"{name} is {too_wide} px too wide"


def download(page: Page) -> bytes:
    """Download the file of the batch on screen."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("Download the file")).click()
    return waiting.value.path().read_bytes()

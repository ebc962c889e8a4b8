"""The way of a large reward in a real browser: advance, closing, two signatures, claim, pay desk, GOT; and a new policy."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

import cases.services as case_services
import rewards.services as reward_services
from cases.services import SeizureEntry
from core.clock import utcnow
from core.db import db, transaction
from rewards import checks
from tests.builders import cases as case_builders
from tests.builders.accounts import make_staff
from tests.builders.tips import load_town
from tests.journeys.conftest import PHONE
from tests.journeys.test_payouts import both_sizes
from tests.journeys.test_tip_to_reward import fill_pair, move, send_form
from tips.models import Tip

GOODS = SeizureEntry("wildlife", "Ivory, raw", 40_000, "KGM", 6_000_000, "USD")


@pytest.fixture
def staff(app):
    load_town()
    roles = ("supervisor", "finance", "director")
    people = {role: make_staff(role, name=f"{role.title()} One") for role in roles}
    people["cashier"] = make_staff("finance", name="Cashier Two")
    with transaction():
        fund = reward_services.ensure_fund(code="GEN", name="General", currency="USD", now=utcnow())
        reward_services.deposit(
            fund=fund.code, amount_minor=5_000_000, source="Treasury", reference="opening", actor_id=None,
            key="opening-deposit", now=utcnow(),
        )  # fmt: skip
    return people


def worked_case(staff, monkeypatch) -> str:
    """Work the only case up to its review; return its number."""
    monkeypatch.setattr(case_builders, "NOW", utcnow())
    db.session.rollback()
    tip_id = db.session.scalars(sa.select(Tip.id)).one()
    home = case_services.case_of_tips([tip_id])[tip_id]
    officer = case_builders.make_actor("officer", name="Officer One")
    case_builders.work_until_review(home.case_id, [tip_id], officer)
    with transaction():
        case_services.record_seizure(case_id=home.case_id, entry=GOODS, actor=officer, now=utcnow())
    return home.number


@pytest.mark.browser
def test_a_large_reward_takes_two_signatures_and_ends_with_got(app, site, visit, staff, monkeypatch):
    resident = visit(viewport=PHONE)
    code, secret = send_form(resident, "Ivory tusks in a blue van at Rim Moei market")
    number = worked_case(staff, monkeypatch)

    # the supervisor closes what the officer prepared
    supervisor = visit(staff["supervisor"].email)
    supervisor.goto(f"/cases/{number}")
    site.shot(supervisor, "1280-case-to-close", full=True)
    move(supervisor, "Close the case")
    expect(supervisor.locator("#case-reward")).to_contain_text("3,568.00")

    # one signs, the director second
    finance = visit(staff["finance"].email)
    finance.goto("/rewards/reports/approval-queue")
    both_sizes(site, finance, "approval-queue")
    finance.locator("main table a").first.click()
    both_sizes(site, finance, "award-first-signature")
    finance.keyboard.press("a")
    expect(finance.locator("#toasts")).to_contain_text("Signed. One more signature is needed.")
    expect(finance.locator("main")).to_contain_text("signature of director")
    director = visit(staff["director"].email)
    director.goto(finance.url)
    director.get_by_role("button", name="Approve 3,568.00 USD").click()
    expect(director.locator("#toasts")).to_contain_text("Approved.")
    director.reload()
    both_sizes(site, director, "award-approved")

    # the resident collects behind code and secret
    resident.goto("/status")
    fill_pair(resident, code, secret)
    resident.get_by_role("link", name="Something may be waiting for you.").click()
    fill_pair(resident, code, secret)
    voucher = re.sub(r"\s", "", resident.locator("[data-voucher]").inner_text())
    word = re.sub(r"\s", "", resident.locator("[data-word]").inner_text())

    # the word is lost: one asks for another, a second person confirms, the old one is dead
    cashier = visit(staff["cashier"].email)
    cashier.goto(finance.url)
    cashier.locator("summary", has_text="New collection word").click()
    cashier.locator("form[action$='/ask'] [name=reason]").fill(
        "Paper got wet, came back with code and secret"
    )
    both_sizes(site, cashier, "award-ask")
    cashier.get_by_role("button", name="Ask a second person").click()
    expect(cashier.locator("main")).to_contain_text("Another person, none of the approvers")
    third = visit(make_staff("finance", name="Third Person").email)
    third.goto("/rewards/attention")
    both_sizes(site, third, "attention")
    third.get_by_role("button", name="Confirm").click()
    expect(third.locator("main")).to_contain_text("Confirmed and done.")
    resident.goto("/claim")
    fill_pair(resident, code, secret)
    fresh = re.sub(r"\s", "", resident.locator("[data-word]").inner_text())
    assert fresh != word

    # the agent's desk: the old word does not fit, the new one does
    cashier.goto("/rewards/pay-desk")
    both_sizes(site, cashier, "pay-desk")
    present(cashier, voucher, word)
    expect(cashier.locator("main")).to_contain_text("Voucher and word do not fit")
    both_sizes(site, cashier, "pay-desk-refused")
    present(cashier, voucher, fresh)
    expect(cashier.locator("main")).to_contain_text("Hand over")
    both_sizes(site, cashier, "pay-desk-amount")
    cashier.fill("[name=receipt]", "R-000017")
    cashier.get_by_role("button", name="Book 3,568.00 USD as paid").click()
    expect(cashier.locator("main")).to_contain_text("is paid, receipt R-000017")

    # first nothing was in the envelope, then it is there
    resident.goto("/status")
    fill_pair(resident, code, secret)
    site.shot(resident, "360-status-got", full=True)
    resident.get_by_role("button", name="No, I do not have it").click()
    expect(resident.locator("main")).to_contain_text("Noted, thank you.")
    finance.goto("/rewards/attention")
    expect(finance.locator("main")).to_contain_text("Residents who got nothing")
    both_sizes(site, finance, "attention-query")
    resident.goto("/status")
    fill_pair(resident, code, secret)
    resident.get_by_role("button", name="Yes, I have it").click()
    expect(resident.locator("main")).to_contain_text("Noted, thank you.")
    finance.reload()
    expect(finance.locator("main")).to_contain_text("Nothing waits for a person")
    for address, name in (
        ("/rewards", "rewards-home"), ("/rewards/reports", "reports"), ("/rewards/reports/ageing", "ageing-empty"),
        ("/rewards/reports/separation-of-duties", "duties"), ("/rewards/chain", "chain"),
    ):  # fmt: skip
        finance.goto(address)
        both_sizes(site, finance, name)
    db.session.rollback()
    assert checks.check().violations == ()
    db.session.rollback()


@pytest.mark.browser
def test_a_director_changes_the_policy_after_looking_at_past_cases(app, site, visit, staff, monkeypatch):
    resident = visit(viewport=PHONE)
    send_form(resident, "Ivory tusks in a blue van at Rim Moei market")
    number = worked_case(staff, monkeypatch)
    supervisor = visit(staff["supervisor"].email)
    supervisor.goto(f"/cases/{number}")
    move(supervisor, "Close the case")
    expect(supervisor.locator("#case-reward")).to_contain_text("3,568.00")

    director = visit(staff["director"].email)
    director.goto("/rewards/policy")
    both_sizes(site, director, "policy")
    director.keyboard.press("e")
    expect(director.locator("h1")).to_have_text("Change the policy")
    director.fill("[name=tier_percent_1]", "15")
    director.fill("[name=note]", "More for small seizures")
    both_sizes(site, director, "policy-edit")
    director.get_by_role("button", name="Show past cases under it").click()
    expect(director.locator("main")).to_contain_text("4,068.00")
    both_sizes(site, director, "policy-preview")
    director.emulate_media(color_scheme="dark")
    site.shot(director, "1280-policy-preview-dark", full=True)
    director.emulate_media(color_scheme="light")
    director.get_by_role("button", name="Save as a new version").click()
    expect(director.locator("h1")).to_have_text("Policy version 2")
    both_sizes(site, director, "policy-version")
    db.session.rollback()
    assert checks.check().violations == ()
    db.session.rollback()


def present(page: Page, voucher: str, word: str) -> None:
    """Enter voucher and word at the desk."""
    page.fill("[name=voucher]", voucher)
    page.fill("[name=word]", word)
    page.get_by_role("button", name="Show the amount").click()

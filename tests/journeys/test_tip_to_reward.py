"""The product's main job in a real browser: a tip by SMS and one by form become a case, and its closing pays a reward."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from twilio.request_validator import RequestValidator

import rewards.services as reward_services
from core.clock import utcnow
from core.db import db, transaction
from tests.builders.accounts import make_staff
from tests.builders.tips import load_town
from tests.conftest import TWILIO_TOKEN
from tests.journeys.conftest import PHONE, Site
from tests.tips.signing import sms

SMS_TIP = "Long-tail boat unloading cartons of cigarettes at Rim Moei market now, white truck 70-4418 waits"
FORM_TIP = "White truck 70-4418 at Rim Moei market, men load cartons of cigarettes from the boat"
SUMMARY = (
    "Patrol met the boat at the market landing and took over the cartons from the white truck; "
    "the load was counted, sealed and valued the same morning."
)


def send_sms(site: Site, body: str) -> str:
    """Send a signed text as the provider does and return its answer."""
    form = sms(body)
    url = f"{site.url}/sms/inbound"
    request = urllib.request.Request(
        url,
        data=urllib.parse.urlencode(form).encode(),
        headers={"X-Twilio-Signature": RequestValidator(TWILIO_TOKEN).compute_signature(url, form)},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def send_form(page: Page, text: str) -> tuple[str, str]:
    """Fill in the resident's form and return the code and the secret that it shows."""
    page.goto("/")
    page.fill("#text", text)
    page.get_by_role("button", name="Send").click()
    code = page.locator("[data-code]").inner_text()
    secret = page.locator("[data-secret]").inner_text()
    return re.sub(r"\D", "", code), re.sub(r"\D", "", secret)


@pytest.fixture
def staff(app):
    load_town()
    people = {role: make_staff(role).email for role in ("officer", "supervisor", "finance", "director")}
    people["cashier"] = make_staff("finance").email
    with transaction():
        fund = reward_services.ensure_fund(code="GEN", name="General", currency="USD", now=utcnow())
        reward_services.deposit(
            fund=fund.code, amount_minor=5_000_000, source="Treasury", reference="opening", actor_id=None,
            key="opening-deposit", now=utcnow(),
        )  # fmt: skip
    return people


@pytest.mark.browser
def test_a_tip_becomes_a_case_and_its_closing_pays_a_reward(app, site, visit, staff, tmp_path):
    # two residents report
    reply = send_sms(site, SMS_TIP)
    assert re.search(r"\d{4}-\d{2}", reply)
    resident = visit(viewport=PHONE)
    code, secret = send_form(resident, FORM_TIP)
    site.shot(resident, "360-received")
    shown = f"{code[:4]}-{code[4:]}"

    # an officer has the desk open while a third tip comes in: it shows within a second
    officer = visit(staff["officer"])
    expect(officer.locator(f"#row-{shown}")).to_be_visible()
    officer.wait_for_timeout(1_200)
    send_sms(site, "lorry with timber logs near Mae Pa village, no papers")
    sent = time.monotonic()
    expect(officer.locator("#news button")).to_be_visible()
    assert time.monotonic() - sent < 5.0  # about one second; a busy machine gets some room
    officer.keyboard.press("r")
    expect(officer.locator("#list [data-row]")).to_have_count(3)

    # by keys alone: open, confirm
    officer.locator(f"#row-{shown} > a").click()
    expect(officer.locator("#detail h1")).to_have_text(shown)
    expect(officer.locator("#detail .words")).to_contain_text("Rim Moei market")
    site.shot(officer, "1280-desk")
    case_number = officer.locator("#detail .suggestion[data-current] strong").inner_text()
    officer.keyboard.press("c")
    expect(officer.locator("#toasts")).to_contain_text("confirmed")

    # the case: take it, confirm it, work it, fill in what closing needs
    officer.goto(f"/cases/{case_number}")
    expect(officer.locator("#tips-of-case .words")).to_have_count(2)
    officer.get_by_role("button", name="Take it").click()
    expect(officer.get_by_role("button", name="Take it")).to_have_count(0)
    officer.get_by_role("button", name=re.compile("^Confirm C-")).click()
    expect(officer.get_by_role("button", name=re.compile("^Confirm C-"))).to_have_count(0)
    move(officer, "Start assessing")
    write_note(officer, "The market guard saw the same truck at the landing.")
    move(officer, "Make active")
    fill_closing(officer)
    site.shot(officer, "1280-case", full=True)
    move(officer, "Ask for review")

    # a supervisor, somebody else, closes it
    supervisor = visit(staff["supervisor"])
    supervisor.goto(f"/cases/{case_number}")
    move(supervisor, "Close the case")
    expect(supervisor.locator(".page-head, .state, .chip").filter(has_text="Closed").first).to_be_visible()

    # finance approves
    finance = visit(staff["finance"])
    finance.goto("/rewards")
    finance.locator("a[href^='/rewards/R-']").first.click()
    site.shot(finance, "1280-reward", full=True)
    finance.get_by_role("button", name=re.compile("^Approve")).click()
    expect(finance.locator("main")).to_contain_text("Approved")

    # the resident sees that something waits, and collects it
    resident.goto("/status")
    fill_pair(resident, code, secret)
    resident.get_by_role("link", name="Something may be waiting for you.").click()
    fill_pair(resident, code, secret)
    voucher = resident.locator("[data-voucher]").inner_text()
    word = resident.locator("[data-word]").inner_text()
    site.shot(resident, "360-claimed", full=True)

    # a cashier, not the approver, pays against the collection word
    cashier = visit(staff["cashier"])
    cashier.goto("/rewards?view=pay")
    pay(cashier, re.sub(r"\s", "", voucher), re.sub(r"\s", "", word))
    site.shot(cashier, "1280-paid", full=True)

    # the books hold for the auditor's own tools
    check_books(app, tmp_path)


def move(page: Page, label: str) -> None:
    """Make a change of state by its button."""
    button = page.get_by_role("button", name=re.compile(f"^{label}"))
    button.first.click()
    expect(button).to_have_count(0)


def write_note(page: Page, words: str) -> None:
    """Add a note to a case."""
    page.locator("form[action$='/notes'] textarea").fill(words)
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator("main")).to_contain_text(words)


def fill_closing(page: Page) -> None:
    """Choose an outcome, write the summary, record a seizure, grade every tip."""
    page.locator("summary", has_text="Record a seizure").click()
    seizure = page.locator("form[action$='/seizures']")
    seizure.locator("[name=description]").fill("Cigarettes, cartons")
    seizure.locator("[name=category]").select_option("tobacco")
    seizure.locator("[name=quantity]").fill("120")
    seizure.locator("[name=unit]").select_option(index=1)
    seizure.locator("[name=value]").fill("18400.00")
    seizure.get_by_role("button").click()
    expect(page.locator("main")).to_contain_text("18,400.00")
    page.locator("[name=disposition]").select_option("seizure")
    page.locator("[name=summary]").fill(SUMMARY)
    for grade in page.locator("select[name^='grade']").all():
        grade.select_option("decisive")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Outcome saved")


def fill_pair(page: Page, code: str, secret: str) -> None:
    """Enter code and secret."""
    page.fill("#code", code)
    page.fill("#secret", secret)
    page.locator("main form button").first.click()


def pay(page: Page, voucher: str, word: str) -> None:
    """Find the voucher, enter the word, pay."""
    page.locator("a[href^='/rewards/R-']").first.click()
    share = page.locator("form[action$='/pay']").first
    share.locator("[name=word]").fill(word)
    share.get_by_role("button").click()
    expect(page.locator("main")).to_contain_text("Paid")


def check_books(app, folder: Path) -> None:
    """Run the verifier, hledger and beancount over the ledger."""
    db.session.rollback()
    runner = app.test_cli_runner()
    checked = runner.invoke(args=["rewards", "check"])
    assert checked.exit_code == 0, checked.output
    tools = {
        "hledger": ["hledger", "-f"],
        "beancount": [shutil.which("bean-check") or ".venv/bin/bean-check"],
    }
    for kind, command in tools.items():
        exported = runner.invoke(args=["rewards", "export", "--format", kind])
        assert exported.exit_code == 0
        file = folder / f"books.{kind}"
        file.write_text(exported.stdout)
        if shutil.which(command[0]) is None:
            pytest.fail(f"{command[0]} is not installed") if kind == "beancount" else None
            continue
        arguments = [*command, str(file), *(["check", "-s"] if kind == "hledger" else [])]
        result = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr

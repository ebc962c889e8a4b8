"""F23: finance walks through every page and file it can reach and meets no thread, number, secret or exact place."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

import cases.services as case_services
from accounts.services import StaffMember
from core.db import db, transaction
from rewards import services
from tests.builders import reward_office as office
from tests.builders.cases import actor_of, work_until_review
from tests.builders.tips import load_town
from tests.rewards.views.pages import text_of
from tests.tips.signing import SENDER
from tests.tips.test_views import form, pair
from tips.models import Tip

WORDS = "Teak logs behind the blue school in Mae Pa, the tall man with the scar knows"
LINK = re.compile(r'(?:href|hx-get|src)="(/rewards[^"#]*)')


def walk(client, start="/rewards"):
    """Open everything that links lead to; files too."""
    seen: dict[str, str] = {}
    waiting = [start]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        answer = client.get(address)
        assert answer.status_code in (200, 303), address
        seen[address] = answer.get_data(as_text=True)
        found = {link.replace("&amp;", "&") for link in LINK.findall(seen[address])}
        waiting += sorted(found - seen.keys())
        assert len(seen) < 400
    return seen


@pytest.fixture
def paid(client, clock, sign_in):
    """A tip by form becomes a case, its closing a reward, and that is paid, doubted and asked about."""
    clock.now = office.NOW
    load_town()
    people = office.open_office()
    sent = form(text=WORDS, phone=SENDER, place_words="behind the blue school")
    code, secret = pair(client.post("/tips", data=sent).get_data(as_text=True))
    tip_id = db.session.scalars(sa.select(Tip.id)).one()
    case_id = case_services.case_of_tips([tip_id])[tip_id].case_id
    officer, supervisor = sign_in("officer"), sign_in("supervisor")
    work_until_review(case_id, [tip_id], actor_of(officer.member))
    with transaction():
        case_services.close(case_id=case_id, actor=actor_of(supervisor.member), now=office.NOW)
    ref = services.reward_of_case(case_id=case_id).ref
    office.approve(ref, people.director)
    claimed = office.claim(tip_id)
    office.pay(claimed.voucher, people.cashier, word=claimed.word)
    with transaction():
        services.answer_collection(tip_id=tip_id, got=False, channel="sms", now=office.NOW)
    for number in (41, 42):
        office.approve(office.propose(number).ref, people.finance)
    office.claim(41)
    office.propose(43)
    return {"code": code, "secret": secret, "word": claimed.word}


@pytest.mark.parametrize("role", ["finance", "auditor"])
def test_f23_no_page_or_file_shows_more_than_code_amount_and_channel(paid, sign_in, role):
    client = sign_in(role)
    assert isinstance(client.member, StaffMember)
    pages = walk(client)
    assert len(pages) > 30
    for must in (
        "/rewards/attention",
        "/rewards/reports/ageing",
        "/rewards/policy",
        "/rewards/chain",
        "/rewards/funds",
    ):
        assert must in pages
    secret = re.sub(r"\D", "", paid["secret"])
    hidden = {
        "blue school", "scar", "tall man", "Mae Pa", SENDER, SENDER[1:], SENDER[-9:], secret, paid["secret"], paid["word"],
        f"{secret[:4]} {secret[4:8]} {secret[8:]}",
    }  # fmt: skip
    found = {(page, word) for page, text in pages.items() for word in hidden if word in text}
    assert found == set()


def test_f23_finance_opens_no_thread_case_or_map(paid, sign_in):
    client = sign_in("finance")
    digits = re.sub(r"\D", "", paid["code"])
    shown, number = f"{digits[:4]}-{digits[4:]}", "C-2026-000001"
    for path in (
        f"/desk/{shown}",
        "/desk",
        "/cases",
        f"/cases/{number}",
        "/search?q=teak",
        f"/tips/for-case/{number}",
    ):
        assert client.get(path).status_code in (403, 404), path


def test_f23_a_refusal_tells_no_more_than_a_page(paid, sign_in):
    client = sign_in("finance")
    for path in (
        "/rewards/R-00000000",
        "/rewards/requests/99/confirm",
        "/rewards/reports/none",
        "/rewards/policy/99",
    ):
        answer = (
            client.get(path) if "confirm" not in path else client.post(path, data={"key": office.new_key()})
        )
        assert answer.status_code in (404, 409)
        assert paid["word"] not in text_of(answer)

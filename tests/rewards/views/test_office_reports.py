"""Reports on screen and as files: what waits, ages, lapsed money, duties, patterns, the chain."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from rewards import reports, services
from tests.builders.reward_office import NOW, approve, claim, only_share, propose
from tests.builders.rewards import outcome, tip
from tests.rewards.views.pages import text_of, words_of

NAMES = ["approval-queue", "ageing", "forfeitures", "separation-of-duties"]


def table(client, name):
    answer = client.get(f"/rewards/reports/{name}.csv")
    assert answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(text_of(answer).removeprefix("\ufeff"))))


@pytest.mark.parametrize("role", ["finance", "director", "auditor"])
def test_every_report_opens_empty_and_says_what_will_appear(office, sign_in, role):
    client = sign_in(role)
    page = client.get("/rewards/reports")
    assert page.status_code == 200
    assert ("/rewards/reports/patterns" in text_of(page)) == (role != "finance")
    for name in NAMES:
        assert client.get(f"/rewards/reports/{name}").status_code == 200
        assert len(table(client, name)) == 1
    assert client.get("/rewards/reports/patterns").status_code == (403 if role == "finance" else 200)
    assert client.get("/rewards/reports/nothing").status_code == 404


@pytest.mark.parametrize("role", ["supervisor", "officer", "admin"])
def test_others_read_no_report(office, sign_in, role):
    client = sign_in(role)
    for path in (
        "/rewards/reports",
        "/rewards/reports/ageing",
        "/rewards/reports/ageing.csv",
        "/rewards/chain",
    ):
        assert client.get(path).status_code == 403


def test_the_approval_queue_has_ages_and_who_is_still_needed(office, sign_in, clock):
    big = propose(facts=outcome(tip(1, 80), value=5_000_000)).ref
    approve(big, office.finance)
    propose(2)
    clock.now = NOW + timedelta(days=5)
    client = sign_in("finance")
    page = words_of(client.get("/rewards/reports/approval-queue"))
    assert "1 of 2 director" in page
    assert "up to 7 days" in page
    rows = table(client, "approval-queue")
    assert [row[0] for row in rows[1:]] == [big, rows[2][0]]
    assert rows[1][-2:] == ["5", "3000.00 USD"]


def test_what_is_owed_is_aged_from_its_approval_until_it_is_paid(office, sign_in, clock):
    refs = [propose(number).ref for number in (1, 2)]
    for ref in refs:
        approve(ref, office.finance)
    claim(2)
    clock.now = NOW + timedelta(days=45)
    client = sign_in("auditor")
    page = words_of(client.get("/rewards/reports/ageing"))
    assert "2,130.00" in page
    rows = table(client, "ageing")[1:]
    assert {(row[1], row[6], row[7]) for row in rows} == {
        ("Approved", "45", "31 to 60 days"),
        ("To pay", "45", "31 to 60 days"),
    }
    assert "<svg" in text_of(client.get("/rewards/reports/ageing"))


def test_lapsed_rewards_are_listed_with_their_entry(office, sign_in):
    ref = propose().ref
    approve(ref, office.finance)
    with transaction():
        services.expire_due(now=NOW + timedelta(days=180))
    rows = table(sign_in("director"), "forfeitures")
    assert rows[1][:2] == [only_share(ref).ref, "J000004"]
    assert rows[1][-1] == "1065.00 USD"


def test_a_violation_put_in_behind_our_back_is_shown_in_words(office, sign_in):
    ref = propose().ref
    approve(ref, office.finance)
    claim(1)
    person = {"person": office.finance.person_id}
    db.session.execute(sa.text("UPDATE reward_shares SET paid_by_person = :person"), person)
    db.session.commit()
    page = words_of(sign_in("auditor").get("/rewards/reports/separation-of-duties"))
    assert "paid by somebody who approved it" in page


def test_patterns_name_staff_and_alias_and_nothing_of_a_resident(office, sign_in):
    for number in (1, 2, 3):
        facts = outcome(
            tip(number, 72, sender="heron"),
            value=1_840_000,
            involved={office.officer.person_id: "case_officer"},
        )
        propose(number, facts)
    page = words_of(sign_in("auditor").get("/rewards/reports/patterns"))
    assert office.officer.name in page
    assert "heron" in page
    assert "Worked on 3 of the 3 rewards of this alias." in page
    assert "This is advice." in page
    assert "1000-0" not in page


def test_the_chain_page_shows_the_head_and_what_closed_months_kept(office, sign_in, clock):
    client = sign_in("auditor")
    assert "No month is closed yet" in words_of(client.get("/rewards/chain"))
    clock.now = NOW + timedelta(days=31)
    actor = office.finance
    with transaction():
        services.soft_close(period="2026-03", actor=actor, key="soft-close-1", now=clock.now)
    examined = services.examine(period="2026-03", now=clock.now, unmatched=services.lines_waiting)
    with transaction():
        services.close_period(examined=examined, actor=actor, key="hard-close-1", now=clock.now)
    client = sign_in("auditor")
    page = client.get("/rewards/chain")
    assert reports.chain_head()[1] in text_of(page)
    assert "2026-03" in words_of(page)
    assert "Unchanged" in words_of(page)
    assert "2026-03" in text_of(client.get("/rewards/chain.csv"))

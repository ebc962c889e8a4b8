"""F23: nothing that leaves for a bank, an agent, a page or a log leads back to a tip, a secret or a telephone."""

from __future__ import annotations

import io
import logging
import re

import pytest
import sqlalchemy as sa

from core import audit
from core.db import db
from rewards import queries
from tests.builders.payouts import Entry, add_account, camt, open_payouts, released
from tests.builders.reward_office import NOW, approve, claim, only_share, propose

PHONE = "+66812345678"


@pytest.fixture
def people(app, clock):
    clock.now = NOW
    return open_payouts()


def test_nothing_leads_back_to_a_tip(people, sign_in, caplog):
    caplog.set_level(logging.DEBUG)
    add_account(people, code="AGENT1", kind="agent", number="AGENT1", bic="", pool_number="")
    ref = propose(9).ref
    approve(ref, people.office.finance)
    word = claim(9).word
    collected = only_share(ref)
    batch, (voucher,) = released(people, 1)
    csv_batch, _ = released(people, 2, account="AGENT1")
    client = sign_in("finance")
    lines = [Entry(-106_500, voucher), Entry(-1, f"to {PHONE}"), Entry(-2, "V-ZZZZZZZZ")]
    client.post(
        "/rewards/statements",
        data={"account": "OPS", "layout": "", "file": (io.BytesIO(camt(*lines).encode()), "s.xml")},
        content_type="multipart/form-data",
    )
    pages = [
        *(f"/rewards/batches/{name}{part}" for name in (batch, csv_batch) for part in ("", "/file", "/items.csv", "/vouchers")),
        "/rewards/batches", "/rewards/batches/new", "/rewards/batches.csv", "/rewards/statements.csv",
        "/rewards/statements/S-0001", "/rewards/statements/S-0001/lines.csv", "/rewards/exceptions",
        "/rewards/exceptions.csv", "/rewards/exceptions/2", "/rewards/exceptions/3", "/rewards/accounts",
        "/rewards/batches/B-9999", "/rewards/exceptions/999",
    ]  # fmt: skip
    answers = {page: client.get(page).get_data(as_text=True) for page in pages}
    db.session.rollback()
    trail = db.session.scalars(sa.select(audit.AuditEvent)).all()
    answers["audit"] = " ".join(
        f"{row.subject_id} {row.detail}" for row in trail if row.action.split(".")[0] != "reward"
    )
    answers["log"] = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    shares = [
        collected,
        *(queries.share_by_ref(row) for row in db.session.scalars(sa.select(queries.RewardShare.ref))),
    ]
    secrets = {share.tip_code for share in shares} | {share.tip_code.replace("-", "") for share in shares}
    secrets |= {word, PHONE, PHONE[1:], "812345678", ref, "C-2026-", "Mae Ramat"}
    found = {
        (place, secret)
        for place, text in answers.items()
        for secret in secrets
        if re.search(rf"(?<!\d){re.escape(secret)}(?!\d)", text)
    }
    assert found == set()
    assert "[number]" in answers["/rewards/exceptions"]

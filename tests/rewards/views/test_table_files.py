"""Every table of the reward office can be taken along as CSV that a spreadsheet opens without harm."""

from __future__ import annotations

import base64
import csv
import io
import re
from datetime import timedelta

import pytest

from core.db import transaction
from rewards import desk, services
from rewards.services import policies
from tests.builders.payouts import Entry, camt, claimed_vouchers, import_file, open_payouts, released
from tests.builders.reward_office import NOW, approve, new_key, only_share, propose
from tests.rewards.views.pages import decision, text_of

FORMULA = "=HYPERLINK(1)"
MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)
LINK = re.compile(r'href="(/rewards[^"]*\.csv[^"]*)"')
DIRECTORS_ONLY = {"/rewards/policy/edit"}
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture
def busy(app, clock):
    """Put something into every table; return what the addresses of the pages are filled with."""
    clock.now = NOW
    people = open_payouts(name=FORMULA)
    batch, (sent, _) = released(people, 1, 2)
    import_file(camt(Entry(-106_500, sent), Entry(-700), Entry(-300, status="PDNG")), people.reconciler)
    claimed_vouchers(people, 3)
    signed, refused = propose(4).ref, propose(5).ref
    approve(signed, people.office.finance)
    (locked,) = claimed_vouchers(people, 6)
    propose(7)
    asked = {"actor": people.maker, "key": new_key(), "now": NOW}
    with transaction():
        services.decline(
            ref=refused, reason=FORMULA, actor=people.office.director, now=NOW, **decision(refused)
        )
        services.ask(kind="cancel", share_ref=only_share(signed).ref, reason=FORMULA, **asked)
        for _ in range(5):
            services.count_wrong_word(share_ref=locked, actor_id=people.maker.id, now=NOW)
        services.answer_collection(tip_id=1, got=False, channel="sms", now=NOW)
        policies.change_policy(
            body={**policies.policy_body(1), "floor": 6_000},
            base=1,
            note=FORMULA,
            effective_from=None,
            actor=people.office.director,
            key=new_key(),
            now=NOW,
        )
    clock.now = NOW + timedelta(minutes=1)
    return {
        "batches": batch,
        "ref": signed,
        "refused": refused,
        "ledger": "J000001",
        "statements": "S-0001",
        "periods": "2026-03",
        "reports": "ageing",
        "code": "GEN",
        "version": 2,
        "line_id": 1,
        "case_id": 4,
        "number": "C-2026-000004",
    }


def pages_of(app, filled):
    """List every page of the reward office, as the application knows them, and each view of its lists."""
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/rewards") or "GET" not in rule.methods or rule.rule.endswith(".csv"):
            continue
        part = rule.rule.split("/")[2:3]
        values = {name: filled.get(name) or filled[part[0]] for name in rule.arguments}
        with app.test_request_context():
            yield app.url_map.bind("").build(rule.endpoint, values)
    for view in desk.VIEWS:
        yield f"/rewards?view={view}"
    yield f"/rewards/{filled['refused']}"


def test_every_page_with_a_table_has_a_csv_file_and_each_of_them_opens(app, busy, sign_in):
    client = sign_in("finance")
    files: set[str] = set()
    with_table = 0
    for page in pages_of(app, busy):
        answer = client.get(page)
        assert answer.status_code == (403 if page in DIRECTORS_ONLY else 200), page
        content = MAIN.search(text_of(answer))
        if content is None or "<table" not in content[0]:
            continue
        with_table += 1
        found = {link.replace("&amp;", "&") for link in LINK.findall(content[0])}
        assert found, f"{page} shows a table and has no CSV"
        files |= found
    assert with_table >= 25
    for file in files:
        answer = client.get(file)
        assert (answer.status_code, answer.mimetype) == (200, "text/csv"), file
        rows = list(csv.reader(io.StringIO(text_of(answer))))
        assert all(len(row) == len(rows[0]) for row in rows), file
        assert len(rows) > 1, f"{file} has no row where the page has some"
        assert not [cell for row in rows for cell in row if cell.startswith(DANGEROUS)], file


def test_a_voucher_on_its_way_is_listed_with_a_link_to_its_reward(busy, sign_in):
    client = sign_in("finance")
    page = text_of(client.get("/rewards?view=moving"))
    (row,) = csv.DictReader(io.StringIO(text_of(client.get("/rewards.csv?view=moving"))))
    assert f'href="/rewards/{row["reward"]}#{row["voucher"]}"' in page
    assert (row["state"], row["amount"], row["currency"]) == ("On its way", "1065.00", "USD")


def test_a_supervisor_takes_rewards_and_policy_along_but_not_the_books(busy, sign_in):
    client = sign_in("supervisor")
    mine = ["/rewards.csv", f"/rewards/{busy['ref']}/shares.csv", "/rewards/policy/versions.csv"]
    assert [client.get(file).status_code for file in mine] == [200, 200, 200]
    books = ["/rewards/ledger/J000001.csv", "/rewards/funds/GEN/months.csv", "/rewards/accounts.csv"]
    assert [client.get(file).status_code for file in books] == [403, 403, 403]


def test_a_table_that_is_not_there_is_not_found(busy, sign_in):
    client = sign_in("finance")
    for file in (
        f"/rewards/{busy['ref']}/words.csv",
        "/rewards/funds/NONE/months.csv",
        "/rewards/policy/1/changes.csv",
    ):
        assert client.get(file).status_code == 404, file


def test_a_sample_can_be_taken_along_as_it_is_read(busy, sign_in):
    sample = base64.b64encode(b"Date,Amount,Details\n2026-03-02,-10.65,=1+1\n").decode()
    layout = {
        "day": "Date",
        "amount": "Amount",
        "text": "Details",
        "day_format": "%Y-%m-%d",
        "account": "OPS",
    }
    answer = sign_in("finance").post(
        "/rewards/statements/layouts", data={"sample": sample, "act": "csv", **layout}
    )
    (row,) = csv.DictReader(io.StringIO(text_of(answer)))
    assert (row["day"], row["amount"], row["text"]) == ("2026-03-02", "'-10.65", "'=1+1")

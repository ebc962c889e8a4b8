"""The pages of statements and of the lines that wait."""

from __future__ import annotations

import base64
import csv
import io
import re

import pytest
import sqlalchemy as sa

from core.db import db
from rewards import queries
from rewards.payout_models import StatementLine, StatementMatch
from tests.builders.payouts import Entry, camt, open_payouts, released
from tests.builders.reward_office import NOW, new_key
from tips import jobs

PAID = 106_500
HTMX = {"HX-Request": "true"}


@pytest.fixture
def people(app, clock):
    clock.now = NOW
    return open_payouts()


def text_of(answer):
    return answer.get_data(as_text=True)


def words_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text_of(answer)))


def upload(client, content, name="march.xml", **fields):
    data = {"account": "OPS", "layout": "", **fields}
    data["file"] = (io.BytesIO(content.encode() if isinstance(content, str) else content), name)
    return client.post("/rewards/statements", data=data, content_type="multipart/form-data")


def only_line():
    db.session.rollback()
    return db.session.scalar(sa.select(StatementLine.id))


def test_an_uploaded_statement_settles_and_is_shown_beside_the_books(people, sign_in):
    _, (voucher,) = released(people, 1)
    client = sign_in("finance")
    answer = upload(client, camt(Entry(-PAID, voucher), Entry(-250, code="PMNT/ICDT/CHRG")))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/rewards/statements/S-0001")
    page = words_of(client.get("/rewards/statements/S-0001"))
    for words in (
        "2 lines added, all of them matched.",
        "48,932.50",
        "matched 2 of 2",
        "All matched",
        voucher,
    ):
        assert words in page
    assert re.search(r"left to explain USD 0\.00", page)
    again = words_of(
        client.get(upload(client, camt(Entry(-PAID, voucher), Entry(-250, code="PMNT/ICDT/CHRG"))).location)
    )
    assert "known already" in again
    db.session.rollback()
    assert queries.share_by_ref(voucher).state == "paid"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not a statement", "neither camt.053 nor MT940"),
        ("", "This file is empty"),
        (camt(account="99"), "of another account"),
        (
            '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
            "defines entities",
        ),
    ],
)
def test_a_file_that_cannot_be_imported_says_what_to_do(people, sign_in, content, words):
    answer = upload(sign_in("finance"), content)
    assert answer.status_code == 422
    assert words in text_of(answer)


def test_a_file_of_fifty_megabytes_is_refused_before_it_is_read(people, sign_in):
    assert upload(sign_in("finance"), b"<" * 50_000_000).status_code == 413


def test_without_a_file_or_as_auditor_nothing_is_imported(people, sign_in):
    answer = sign_in("finance").post("/rewards/statements", data={"account": "OPS"})
    assert (answer.status_code, "Choose the file" in text_of(answer)) == (422, True)
    assert upload(sign_in("auditor"), camt()).status_code == 403


def test_a_line_that_waits_is_taken_up_resolved_and_taken_back(people, sign_in):
    _, (voucher,) = released(people, 1)
    client, other = sign_in("finance"), sign_in("director", name="Dira Director")
    upload(client, camt(Entry(-PAID, "no reference")))
    line = only_line()
    queue = words_of(client.get("/rewards/exceptions"))
    assert "It names no voucher." in queue
    assert "oldest waits 0 days" in queue
    owner = client.member.id
    client.post(f"/rewards/exceptions/{line}/assign", data={"owner": owner, "note": "Asked the bank"})
    assert "Asked the bank" in text_of(client.get("/rewards/exceptions?owner=mine"))
    assert "Nobody yet" not in words_of(client.get("/rewards/exceptions?owner=mine"))
    wrong = client.post(
        f"/rewards/exceptions/{line}/match", data={"voucher": "V-ZZZZZZZZ", "key": new_key()}, headers=HTMX
    )
    assert (wrong.status_code, "No batch has sent" in text_of(wrong)) == (422, True)
    right = client.post(
        f"/rewards/exceptions/{line}/match", data={"voucher": voucher, "key": new_key()}, headers=HTMX
    )
    assert right.status_code == 200
    assert text_of(right).lstrip().startswith('<div id="line"')
    undo = {"reason": "Another voucher", "key": new_key()}
    refused = client.post(f"/rewards/exceptions/{line}/undo", data=undo)
    assert (refused.status_code, "You booked this entry" in text_of(refused)) == (409, True)
    assert other.post(f"/rewards/exceptions/{line}/undo", data=undo).status_code == 303
    page = words_of(client.get(f"/rewards/exceptions/{line}"))
    assert "Its match was taken back." in page
    assert "Payment of a voucher" in page


@pytest.mark.parametrize(
    ("amount", "path", "fields", "words"),
    [
        (-700, "fee", {"reason": "Paper"}, "Bank fee"),
        (700, "funding", {"source": "Donor"}, "Money in"),
        (-700, "ignore", {"reason": "Not ours"}, "Left out"),
        (-700, "defund", {"source": "Treasury"}, "Money taken out"),
        (5_000_000, "link", {"entry": "J000001"}, "In the books before"),
    ],
)
def test_every_resolution_has_its_form(people, sign_in, amount, path, fields, words):
    client = sign_in("finance")
    upload(client, camt(Entry(amount), opening=0 if amount == 5_000_000 else 5_000_000))
    line = only_line()
    answer = client.post(f"/rewards/exceptions/{line}/{path}", data={"key": new_key(), **fields})
    assert answer.status_code == 303
    assert words in words_of(client.get(f"/rewards/exceptions/{line}"))
    assert "Nothing waits" in words_of(client.get("/rewards/exceptions"))


def test_match_again_after_another_person_imported(people, sign_in):
    _, (voucher,) = released(people, 1)
    releaser = sign_in("director", person_id=people.releaser.person_id)
    upload(releaser, camt(Entry(-PAID, voucher)))
    client = sign_in("finance")
    assert "somebody else matches it" in text_of(client.get("/rewards/exceptions"))
    client.post("/rewards/exceptions/match-again")
    assert "1 more fitted." in text_of(client.get("/rewards/exceptions"))


def test_tables_are_exported_without_formulas(people, sign_in):
    client = sign_in("finance")
    upload(client, camt(Entry(-700, "=HYPERLINK(1)")))
    for address in ("/rewards/statements/S-0001/lines.csv", "/rewards/exceptions.csv"):
        rows = list(csv.reader(io.StringIO(text_of(client.get(address)))))
        assert rows[1][6] == "'=HYPERLINK(1)"
        assert rows[1][3] == "'-7.00"
    assert "S-0001,OPS,camt.053.001.08" in text_of(client.get("/rewards/statements.csv"))


CSV = "Paid on,Voucher,Sum,Slip\n02/03/2026,{voucher},1065.00,AG-1\n"


def test_a_layout_is_set_up_by_looking_at_a_sample(people, sign_in):
    _, (voucher,) = released(people, 1)
    client = sign_in("finance")
    content = CSV.format(voucher=voucher).encode()
    page = client.post(
        "/rewards/statements/layouts",
        data={"account": "OPS", "file": (io.BytesIO(content), "agent.csv")},
        content_type="multipart/form-data",
    )
    assert page.status_code == 200
    assert "So it is read" in text_of(page)
    assert "1,065.00" in text_of(page)
    fields = {
        "account": "OPS", "sample": base64.b64encode(content).decode(), "day": "Paid on", "amount": "Sum",
        "voucher": "Voucher", "receipt": "Slip", "day_format": "%d/%m/%Y", "sign": "all_out", "decimal": ".",
        "delimiter": "comma", "heading_row": "1",
    }  # fmt: skip
    shown = client.post("/rewards/statements/layouts", data={**fields, "act": "show"})
    assert "\N{MINUS SIGN}1,065.00" in text_of(shown)
    nameless = client.post("/rewards/statements/layouts", data={**fields, "act": "save"})
    assert (nameless.status_code, "Give the layout a name" in text_of(nameless)) == (422, True)
    wrong = client.post("/rewards/statements/layouts", data={**fields, "day_format": "%Y%m%d", "act": "show"})
    assert "Row 2: " in text_of(wrong)
    saved = client.post("/rewards/statements/layouts", data={**fields, "act": "save", "name": "Agent"})
    assert saved.headers["Location"] == "/rewards/statements?layout=Agent"
    assert upload(client, content, "agent.csv", layout="Agent").status_code == 303
    db.session.rollback()
    share = queries.share_by_ref(voucher)
    assert (share.state, share.receipt) == ("paid", "AG-1")


ODD = {"delimiter": "zzz", "decimal": "x", "heading_row": "１", "day_format": "%q", "sign": "?"}


@pytest.mark.parametrize(
    ("name", "value"), [*ODD.items(), ("heading_row", "-1"), ("heading_row", "9" * 5_000), ("day", "nothing")]
)
def test_a_layout_nobody_could_choose_is_refused_in_words(people, sign_in, name, value):
    sample = base64.b64encode(b"Day,Amount,Text\n2026-03-02,1.00,x\n").decode()
    fields = {
        "account": "OPS", "sample": sample, "day": "Day", "amount": "Amount", "text": "Text", "delimiter": "comma",
        "decimal": ".", "heading_row": "1", "day_format": "%Y-%m-%d", "sign": "minus_is_out", name: value,
    }  # fmt: skip
    assert sign_in("finance").post("/rewards/statements/layouts", data=fields).status_code == 422


@pytest.mark.parametrize("content", [b"", b"\0\0", b'"', b"\n" * 50_000, b"," * 100_000, b"\xff\xfe\x00"])
def test_a_sample_that_shows_nothing_is_answered_in_words(people, sign_in, content):
    data = {"account": "OPS", "file": (io.BytesIO(content), "x.csv")}
    answer = sign_in("finance").post(
        "/rewards/statements/layouts", data=data, content_type="multipart/form-data"
    )
    assert answer.status_code in (200, 422)
    again = {"account": "OPS", "day": "Day", "sample": base64.b64encode(content).decode()}
    assert sign_in("finance").post("/rewards/statements/layouts", data=again).status_code == 422


def test_a_guess_that_reads_nothing_says_why(people, sign_in):
    data = {"account": "OPS", "file": (io.BytesIO(b"Day,Sum,Text\n2026-03-02,much,x\n"), "x.csv")}
    answer = sign_in("finance").post(
        "/rewards/statements/layouts", data=data, content_type="multipart/form-data"
    )
    assert "Row 2: &#39;much&#39; is not an amount" in text_of(answer)


def test_a_sum_for_several_vouchers_is_split_on_the_page(people, sign_in):
    _, vouchers = released(people, 1, 2, 3)
    client = sign_in("finance")
    upload(client, camt(Entry(-213_000)))
    page = words_of(client.get("/rewards/exceptions/1"))
    assert "Several vouchers in one sum" in page
    short = client.post("/rewards/exceptions/1/match-several", data={"key": new_key(), "voucher": vouchers})
    assert short.status_code == 422
    assert "Together they are 3,195.00, but the line is 2,130.00 USD." in words_of(short)
    assert text_of(short).count(" checked>") == 3
    done = client.post(
        "/rewards/exceptions/1/match-several",
        data={"key": new_key(), "voucher": vouchers[:2]},
        follow_redirects=True,
    )
    for page in (done, client.get("/rewards/statements/S-0001")):
        assert all(voucher in text_of(page) for voucher in vouchers[:2])
    assert vouchers[2] not in words_of(done)
    assert len(re.findall(r"J\d{6} J\d{6}", text_of(client.get("/rewards/statements/S-0001/lines.csv")))) == 1


def test_a_wrongly_read_import_is_discarded_on_its_page_and_listed(people, sign_in):
    client = sign_in("finance")
    upload(client, camt(Entry(-700)))
    assert "The file was read wrongly" in words_of(client.get("/rewards/statements/S-0001"))
    base = "/rewards/statements/S-0001"
    assert client.post(f"{base}/discard", data={"key": new_key(), "reason": ""}).status_code == 422
    answer = client.post(
        f"{base}/discard", data={"key": new_key(), "reason": "=wrong layout"}, follow_redirects=True
    )
    assert "S-0001 is discarded. Import the file again." in words_of(answer)
    assert "Discarded imports" in words_of(answer)
    assert "'=wrong layout" in text_of(client.get("/rewards/statements/discarded.csv"))
    assert client.get(base).status_code == 404
    assert upload(client, camt(Entry(-700))).headers["Location"] == "/rewards/statements/S-0002"


def test_an_import_with_a_matched_line_has_no_button_to_discard_it(people, sign_in):
    _, (voucher,) = released(people, 1)
    client = sign_in("finance")
    upload(client, camt(Entry(-106_500, voucher)))
    assert "The file was read wrongly" not in words_of(client.get("/rewards/statements/S-0001"))
    refused = client.post("/rewards/statements/S-0001/discard", data={"key": new_key(), "reason": "x"})
    assert (refused.status_code, "so it stays" in words_of(refused)) == (409, True)


def test_a_long_statement_is_matched_by_the_worker_while_its_page_shows_how_far_it_is(
    people, sign_in, monkeypatch
):
    monkeypatch.setattr("rewards.services.bank_statements.AT_ONCE", 1)
    monkeypatch.setattr("rewards.importing.MOST_AWAITED", 2)
    woken = []
    monkeypatch.setattr("rewards.views.bank_statements.wake", woken.append)
    _, vouchers = released(people, 1, 2, 3, 4)
    client = sign_in("finance")
    upload(client, camt(*(Entry(-106_500, voucher) for voucher in vouchers)))
    assert woken == ["match_lines"]
    page = client.get("/rewards/statements/S-0001")
    assert "4 lines added. They are being matched in the background." in words_of(page)
    assert "1 of 4 lines looked at" in words_of(page)
    assert "HX-Refresh" not in client.get("/rewards/statements/S-0001/progress").headers
    jobs.TASKS["match_lines"]()
    assert client.get("/rewards/statements/S-0001/progress").headers["HX-Refresh"] == "true"
    assert "lines looked at" not in words_of(client.get("/rewards/statements/S-0001"))
    db.session.rollback()
    assert [queries.share_by_ref(ref).state for ref in vouchers] == ["paid"] * 4
    assert db.session.scalars(sa.select(StatementMatch.made_by)).all() == [client.member.id] * 4

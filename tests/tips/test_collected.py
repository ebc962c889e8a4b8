"""GOT and NOT after collecting: one neutral answer to everybody, and a query where somebody got nothing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.db import db
from rewards.workflow_models import CollectionAnswer
from tests.builders import reward_office as office
from tests.builders.rewards import outcome, tip
from tests.builders.tips import load_town
from tests.tips.signing import SENDER, post, sms
from tests.tips.test_messages import said
from tests.tips.test_views import form, pair
from tips.conversation.keywords import Ask, Command, read_command
from tips.models import Tip


@pytest.fixture
def collected(client, clock):
    """A tip by form whose reward was claimed and paid: its code and secret."""
    load_town()
    people = office.open_office()
    page = client.post("/tips", data=form(phone=SENDER))
    tip_id = db.session.scalars(sa.select(Tip.id)).one()
    proposal = office.propose(tip_id, facts=outcome(tip(tip_id, 72), value=1_840_000))
    office.approve(proposal.ref, people.director)
    office.claim(tip_id)
    office.pay(office.only_share(proposal.ref).ref, people.cashier, receipt="slip 1")
    return pair(page.get_data(as_text=True))


def answers():
    db.session.rollback()
    rows = db.session.execute(
        sa.select(CollectionAnswer.said, CollectionAnswer.state, CollectionAnswer.channel).order_by(
            CollectionAnswer.id
        )
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("GOT 482177", Ask.GOT), ("not 4821-77", Ask.NOT), ("Recibí 482177", Ask.GOT), ("no recibí 482177", Ask.NOT),
        ("Reçu 482177", Ask.GOT), ("pas reçu 482177", Ask.NOT), ("ได้รับแล้ว 482177", Ask.GOT), ("ไม่ได้รับ 482177", Ask.NOT),
        ("ရရှိပြီ 482177", Ask.GOT), ("မရရှိ 482177", Ask.NOT), ("已收到 482177", Ask.GOT), ("没收到482177", Ask.NOT),
        ("Đã nhận 482177", Ask.GOT), ("Chưa nhận 482177", Ask.NOT), ("استلمت 482177", Ask.GOT), ("لم أستلم 482177", Ask.NOT),
    ],
)  # fmt: skip
def test_the_words_are_known_in_every_language_of_the_product(text, ask):
    command = read_command(text)
    assert command is not None
    assert (command.ask, command.secret) == (ask, None)


@pytest.mark.parametrize(
    "text", ["Got 3 trucks at the ferry", "not far from the river, 20 boxes", "No recibí ayuda"]
)
def test_a_sentence_that_begins_like_one_is_a_tip(text):
    assert read_command(text) is None


def test_code_and_secret_in_one_line_are_read_apart():
    command = read_command("GOT 482177 4821 7733 9021")
    assert isinstance(command, Command)
    assert (command.ask, command.secret is None) == (Ask.GOT, False)


def test_got_closes_and_not_opens_a_query(client, collected):
    code, _ = collected
    first = said(post(client, sms(f"NOT {code}")))
    assert answers() == [("not", "open", "sms")]
    second = said(post(client, sms(f"GOT {code}")))
    assert answers() == [("not", "closed", "sms"), ("got", "closed", "sms")]
    assert first == second


def test_whoever_asks_hears_the_same_and_only_the_holder_is_heard(client, collected):
    code, secret = collected
    mine = said(post(client, sms(f"GOT {code}")))
    assert len(answers()) == 1
    others = [
        said(post(client, sms(f"NOT {code}", sender="+66811119999"))),
        said(post(client, sms("NOT 100009", sender="+66811119999"))),
        said(post(client, sms("NOT", sender="+66811119999"))),
        said(post(client, sms(f"NOT {code} {'0' * 12}", sender="+66811119999"))),
    ]
    assert {*others, mine} == {mine}
    assert len(answers()) == 1
    assert said(post(client, sms(f"NOT {code} {secret}", sender="+66811119999"))) == mine
    assert answers()[-1] == ("not", "open", "sms")


def test_on_the_web_the_question_stands_behind_code_and_secret(client, collected):
    code, secret = collected
    asked = {"code": code, "secret": secret, "language": "en"}
    page = client.post("/status", data=asked).get_data(as_text=True)
    assert "Have you collected it?" in page
    noted = client.post("/status", data=asked | {"got": "no"}).get_data(as_text=True)
    assert "Noted, thank you." in noted
    assert answers() == [("not", "open", "web")]
    client.post("/status", data={**asked, "secret": "0" * 12, "got": "yes"})
    assert answers() == [("not", "open", "web")]
    for word in ("reward", "money", "USD", "V-"):
        assert word not in noted


def test_two_tips_of_one_case_are_collected_each_with_its_own_numbers(client, clock):
    load_town()
    people = office.open_office()
    texts = [f"Boat {n} unloads timber at Rim Moei" for n in (1, 2)]
    numbers = [pair(client.post("/tips", data=form(text=text)).get_data(as_text=True)) for text in texts]
    ids = db.session.scalars(sa.select(Tip.id).order_by(Tip.id)).all()
    facts = outcome(tip(ids[0], 80), tip(ids[1], 60, order="new_facts"), value=1_840_000)
    office.approve(office.propose(7, facts=facts).ref, people.director)
    vouchers = set()
    for code, secret in numbers:
        answer = client.post("/claim", data={"code": code, "secret": secret, "language": "en"})
        assert answer.status_code == 200
        vouchers.add(answer.get_data(as_text=True).split("data-voucher")[1][:60])
    assert len(vouchers) == 2

from __future__ import annotations

from html import unescape

import sqlalchemy as sa

import core.db
from core.codes import read_secret, show_tip_code
from core.db import db
from core.vault import Vault
from tests.builders.tips import BOAT, load_town
from tests.tips.signing import post, sms
from tests.tips.test_webhook import code_in, stored
from tips.models import Contact, Message
from tips.wording import wording


def said(answer) -> str:
    return answer.get_data(as_text=True)


def test_stop_is_confirmed_once_and_then_the_line_is_silent_but_listens(client):
    load_town()
    assert "START" in said(post(client, sms("STOP")))
    assert "<Message>" not in said(post(client, sms("stop.")))
    silent = post(client, sms(BOAT))
    assert silent.status_code == 200
    assert "<Message>" not in said(silent)
    assert len(stored()) == 1


def test_start_opens_the_line_again(client):
    load_town()
    post(client, sms("STOP"))
    assert "<Message>" in said(post(client, sms("Start")))
    assert code_in(post(client, sms(BOAT)))


def test_a_keyword_is_answered_in_its_own_language(client):
    load_town()
    post(client, sms(BOAT))
    for word, language in (("ayuda", "es"), ("帮助", "zh"), ("အကူအညီ", "my")):
        assert wording(language)("sms.help") in unescape(said(post(client, sms(word))))


def test_stop_cancels_what_waits_to_be_sent(client):
    load_town()
    post(client, sms(BOAT))
    contact = db.session.scalars(sa.select(Contact)).one()
    db.session.execute(
        sa.update(Message).where(Message.direction == "out").values(state="queued", contact_id=contact.id)
    )
    db.session.commit()
    post(client, sms("STOP"))
    db.session.rollback()
    assert "cancelled" in set(db.session.scalars(sa.select(Message.state).where(Message.direction == "out")))


def test_stop_inside_a_sentence_is_a_tip(client):
    load_town()
    post(client, sms("stop the white truck 70-4418 full of cigarettes at Rim Moei market"))
    assert len(stored()) == 1


def test_status_answers_any_phone_in_neutral_words_and_one_segment(client):
    load_town()
    code = code_in(post(client, sms(BOAT)))
    answer = said(post(client, sms(f"STATUS {show_tip_code(code)}", sender="+66899990000")))
    assert show_tip_code(code) in answer
    assert "cigarette" not in answer
    assert len(answer.split("<Message>")[1].split("</Message>")[0]) <= 160


def test_an_unknown_code_and_a_mistyped_one_get_the_same_answer(client):
    load_town()
    code = code_in(post(client, sms(BOAT)))
    mistyped = code[:-1] + str((int(code[-1]) + 1) % 10)
    unknown = "000000" if code != "000000" else "123459"
    first = said(post(client, sms(f"STATUS {mistyped}")))
    assert first == said(post(client, sms(f"STATUS {unknown}")))


def test_a_secret_is_given_only_to_the_phone_that_sent_the_tip_and_is_not_kept(client):
    load_town()
    code = code_in(post(client, sms(BOAT)))
    stranger = said(post(client, sms(f"KEY {code}", sender="+66899990000")))
    assert not any(read_secret(word) for word in [stranger])
    mine = said(post(client, sms(f"KEY {code}")))
    digits = "".join(character for character in mine.split(show_tip_code(code))[1] if character.isdigit())[
        :12
    ]
    assert len(digits) == 12
    db.session.rollback()
    bodies = [body for body in db.session.scalars(sa.select(Message.body)) if body]
    assert not any(digits in body.replace(" ", "") for body in bodies)
    assert stored()[0].secret_hash.startswith("$argon2id$")


def test_a_flood_from_one_sender_is_stored_but_answered_only_so_often(client):
    load_town()
    answers = [said(post(client, sms(f"{BOAT} number {n}"))) for n in range(13)]
    assert len(stored()) == 13
    assert sum("<Message>" in answer for answer in answers) == 10


def test_no_answer_names_crime_money_or_the_content(client):
    load_town()
    answer = said(post(client, sms(BOAT))).lower()
    for word in ("police", "crime", "reward", "money", "customs", "cigarette", "truck", "70-4418"):
        assert word not in answer


def test_no_hash_is_computed_while_the_database_is_held(client, monkeypatch):
    load_town()
    code, held = code_in(post(client, sms(BOAT))), []
    for name in ("hash_secret", "check_secret"):
        slow = getattr(Vault, name)

        def watched(*args, slow=slow, **more):
            held.append(core.db._writing.get())
            return slow(*args, **more)

        monkeypatch.setattr(Vault, name, watched)
    post(client, sms(f"KEY {code}"))
    post(client, sms(f"CLAIM {code} 1234 5678 9012"))
    assert held == [False, False]

"""F24: ten thousand wrong words over many vouchers and people open nothing, tell nothing, and are noticed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from core.errors import TooMany
from rewards import checks, queries
from rewards.models import ClaimCode, RewardEvent
from rewards.services import desk_paying
from rewards.services.desk_paying import DoesNotFit, Presented
from rewards.services.paying import Compared
from tests.builders.reward_office import NOW, _member, approve, claim, only_share, open_office, propose, vault

GUESSES = 10_000
VOUCHERS = 8
PEOPLE = 10


@pytest.fixture
def vouchers(app):
    office = open_office()
    refs = []
    for number in range(1, VOUCHERS + 1):
        ref = propose(number).ref
        approve(ref, office.finance)
        claim(number)
        refs.append(only_share(ref).ref)
    return refs


def test_f24_ten_thousand_wrong_words_lock_vouchers_and_shut_out_who_guesses(vouchers):
    people = [_member("finance") for _ in range(PEOPLE)]
    codes = {ref: queries.live_claim_code(queries.share_by_ref(ref).id).id for ref in vouchers}
    answers = []
    for i in range(GUESSES):
        # one guess in three names a voucher that does not exist; the slow comparison has said no
        ref = vouchers[i % VOUCHERS] if i % 3 else f"V-{i:08d}"
        presented = Presented(ref, f"WRONG{i:07d}", Compared(codes.get(ref), False))
        answers.append(_guess(presented, people[i % PEOPLE]))
    assert set(answers) == {"DoesNotFit", "TooMany"}
    assert answers.count("DoesNotFit") == PEOPLE * desk_paying.WRONG_PER_PERSON
    locked = sa.select(sa.func.count()).select_from(ClaimCode).where(ClaimCode.locked_until > NOW)
    assert db.session.scalar(locked) == VOUCHERS
    noted = sa.select(sa.func.count()).where(RewardEvent.kind == "voucher_locked")
    assert db.session.scalar(noted) >= VOUCHERS
    assert {queries.share_by_ref(ref).state for ref in vouchers} == {"claimed"}
    assert checks.check().violations == ()


def _guess(presented, person):
    now = NOW + timedelta(seconds=1)
    try:
        desk_paying.look_at(presented, actor=person, vault=vault(), now=now)
    except TooMany:
        return "TooMany"
    except DoesNotFit:
        with transaction():
            desk_paying.count_wrong(presented, actor=person, vault=vault(), now=now)
        return "DoesNotFit"
    return "opened"


def test_f24_the_right_word_of_a_locked_voucher_is_refused_in_the_same_words(vouchers):
    person, ref = _member("finance"), vouchers[0]
    code = queries.live_claim_code(queries.share_by_ref(ref).id).id
    for _ in range(5):
        _guess(Presented(ref, "WRONG", Compared(code, False)), person)
    with pytest.raises(DoesNotFit) as locked:
        desk_paying.look_at(
            Presented(ref, "RIGHT", Compared(code, True)), actor=person, vault=vault(), now=NOW
        )
    with pytest.raises(DoesNotFit) as unknown:
        desk_paying.look_at(
            Presented("V-0", "RIGHT", Compared(None, False)), actor=person, vault=vault(), now=NOW
        )
    assert locked.value.errors == unknown.value.errors


def test_f24_a_voucher_that_does_not_exist_is_compared_all_the_same(vouchers, monkeypatch):
    compared = []
    real = type(vault()).check_secret

    def counted(self, secret, kept, *, purpose):
        compared.append(kept)
        return real(self, secret, kept, purpose=purpose)

    monkeypatch.setattr(type(vault()), "check_secret", counted)
    desk_paying.present(voucher=vouchers[0], word="X", vault=vault())
    desk_paying.present(voucher="V-00000000", word="X", vault=vault())
    assert [kept is None for kept in compared] == [False, True]

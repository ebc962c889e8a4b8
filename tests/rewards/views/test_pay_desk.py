"""The desk of a cash agent: amount only for a fitting pair, receipt asked for, guessing shut out (F24)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rewards import checks
from tests.builders.reward_office import NOW, approve, claim, new_key, only_share, propose
from tests.rewards.views.pages import kinds, text_of, words_of

ONE_REFUSAL = "Voucher and word do not fit, or it cannot be paid now."


@pytest.fixture
def desk(office, sign_in):
    ref = propose().ref
    approve(ref, office.director)
    taken = claim(1)
    return sign_in("finance"), taken


def present(client, voucher, word, **more):
    data = {"voucher": voucher, "word": word, "key": new_key(), **more}
    return client.post("/rewards/pay-desk", data=data, follow_redirects=True)


def test_a_fitting_pair_shows_the_amount_and_is_paid_under_its_receipt(desk):
    client, taken = desk
    page = present(
        client, taken.voucher.lower().replace("-", " "), f"{taken.word[:4]}-{taken.word[4:]}".lower()
    )
    assert page.status_code == 200
    assert "Hand over USD 1,065.00" in words_of(page)
    assert kinds()[-1] == "approve"
    missing = present(client, taken.voucher, taken.word, step="pay")
    assert "Enter the number of the signed receipt." in words_of(missing)
    assert "Hand over USD 1,065.00" in words_of(missing)
    done = words_of(present(client, taken.voucher, taken.word, step="pay", receipt="R-17"))
    assert f"{taken.voucher} is paid, receipt R-17." in done
    assert kinds()[-1] == "settle"
    assert checks.check().violations == ()


def test_the_same_form_sent_twice_pays_once(desk):
    client, taken = desk
    data = {"step": "pay", "receipt": "R-17", "key": new_key()}
    present(client, taken.voucher, taken.word, **data)
    present(client, taken.voucher, taken.word, **data)
    assert kinds().count("settle") == 1


def test_every_refusal_reads_the_same_whatever_its_reason(desk, clock):
    client, taken = desk
    second = propose(2)
    wrong_pairs = [
        (taken.voucher, "WRONGWORD000"),
        ("V-00000000", taken.word),
        (only_share(second.ref).ref, taken.word),
        ("nothing at all", "x"),
    ]
    for pair in wrong_pairs:
        answer = present(client, *pair)
        assert (answer.status_code, ONE_REFUSAL in words_of(answer)) == (422, True)
        assert "1,065.00" not in text_of(answer)


def test_five_wrong_words_lock_for_a_day_and_the_right_one_reads_the_same_then(desk, clock, sign_in):
    client, taken = desk
    for _ in range(5):
        present(client, taken.voucher, "WRONGWORD000")
    assert ONE_REFUSAL in words_of(present(client, taken.voucher, taken.word))
    clock.now = NOW + timedelta(hours=24, seconds=1)
    assert "Hand over USD 1,065.00" in words_of(present(sign_in("finance"), taken.voucher, taken.word))


def test_whoever_guesses_across_vouchers_is_shut_out(desk):
    client, taken = desk
    for number in range(20):
        present(client, f"V-{number:08d}", "WRONGWORD000")
    answer = present(client, taken.voucher, taken.word)
    assert answer.status_code == 429
    assert "Too many did not fit." in words_of(answer)


def test_an_approver_of_the_reward_does_not_pay_it(office, sign_in):
    approver = sign_in("finance")
    ref = propose().ref
    approve(ref, approver.member)
    taken = claim(1)
    answer = present(approver, taken.voucher, taken.word, step="pay", receipt="R-1")
    assert answer.status_code == 403
    assert "You approved this reward, so somebody else pays it." in words_of(answer)
    assert kinds()[-1] == "approve"

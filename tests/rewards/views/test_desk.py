"""The reward desk: who sees what, and decisions that leave the right entry behind."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from rewards import services
from rewards.models import ClaimCode
from tests.builders.reward_office import NOW, approve, claim, new_key, only_share, open_office, pay, propose
from tests.builders.rewards import outcome, tip
from tests.rewards.views.pages import HTMX, PAGES, decision, kinds, reward, text_of, words_of


@pytest.mark.parametrize("role", ["finance", "director", "auditor"])
def test_finance_director_and_auditor_read_everything(office, sign_in, role):
    client = sign_in(role)
    for page in [*PAGES, f"/rewards/{propose().ref}"]:
        assert client.get(page).status_code == 200, page


def test_a_supervisor_reads_rewards_but_not_the_books(office, sign_in):
    client = sign_in("supervisor")
    ref = propose().ref
    assert [client.get(page).status_code for page in ("/rewards", f"/rewards/{ref}")] == [200, 200]
    assert {client.get(page).status_code for page in PAGES[1:]} == {403}
    assert "/rewards/ledger/" not in text_of(client.get(f"/rewards/{ref}"))


@pytest.mark.parametrize("role", ["officer", "admin"])
def test_other_roles_see_no_money(office, sign_in, role):
    client = sign_in(role)
    assert {client.get(page).status_code for page in PAGES} == {403}


def test_strangers_are_sent_to_sign_in(office, client):
    for page in PAGES:
        assert client.get(page).headers["Location"] == "/login"


def test_the_queue_leads_to_the_reward_and_its_arithmetic(office, sign_in):
    ref = propose().ref
    client = sign_in("finance")
    assert f'href="/rewards/{ref}"' in text_of(client.get("/rewards"))
    page = words_of(client.get(f"/rewards/{ref}"))
    for words in ("1,065.00", "10% of 10,000.00 + 5% of 8,400.00; × 75%", "Approve 1,065.00 USD"):
        assert words in page


def test_approving_by_htmx_answers_with_the_page_part_and_a_toast(office, sign_in):
    ref = propose().ref
    client = sign_in("finance")
    answer = client.post(f"/rewards/{ref}/approve", data=decision(ref), headers=HTMX)
    assert answer.status_code == 200
    assert text_of(answer).lstrip().startswith('<div id="reward"')
    assert 'id="toasts"' not in text_of(answer)
    assert "Approved." in text_of(answer)
    assert kinds() == ["fund", "reserve", "approve"]


def test_without_script_approving_leads_back_to_the_page(office, sign_in):
    ref = propose().ref
    answer = sign_in("finance").post(f"/rewards/{ref}/approve", data=decision(ref))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/rewards/{ref}")


def test_sending_a_form_twice_approves_once(office, sign_in):
    ref = propose().ref
    client, form = sign_in("finance"), decision(ref)
    codes = [client.post(f"/rewards/{ref}/approve", data=form).status_code for _ in range(2)]
    assert codes == [303, 303]
    assert kinds().count("approve") == 1


def test_a_stale_page_is_told_to_read_again(office, sign_in):
    ref = propose().ref
    answer = sign_in("finance").post(
        f"/rewards/{ref}/approve", data={"snapshot": "0" * 64, "key": new_key()}, headers=HTMX
    )
    assert answer.status_code == 409
    assert "has changed since you opened it" in text_of(answer)
    assert kinds() == ["fund", "reserve"]


def test_a_form_without_its_key_or_token_does_nothing(office, sign_in):
    ref = propose().ref
    client = sign_in("finance")
    assert client.post(f"/rewards/{ref}/approve", data={"snapshot": "0" * 64}).status_code == 422
    client.csrf = ""
    assert client.post(f"/rewards/{ref}/approve", data=decision(ref)).status_code == 403
    assert kinds() == ["fund", "reserve"]


@pytest.mark.parametrize("role", ["auditor", "supervisor", "officer", "admin"])
def test_who_may_not_decide_cannot_post(office, sign_in, role):
    ref = propose().ref
    client = sign_in(role)
    for action in ("approve", "decline", "take-back", "reserve"):
        assert client.post(f"/rewards/{ref}/{action}", data=decision(ref, reason="x")).status_code == 403
    assert client.post("/rewards/funds", data={}).status_code == 403
    assert kinds() == ["fund", "reserve"]


def test_the_closer_of_the_case_sees_why_there_is_no_button(office, sign_in):
    client = sign_in("finance")
    ref = propose(involved={client.member.person_id: "closing_officer"}).ref
    page = words_of(client.get(f"/rewards/{ref}"))
    assert "You worked on this case (closing officer), so somebody else decides." in page
    assert "Approve 1,065.00" not in page
    assert client.post(f"/rewards/{ref}/approve", data=decision(ref)).status_code == 403


def test_a_large_reward_shows_who_still_has_to_sign(office, sign_in):
    ref = propose(facts=outcome(tip(1, 80), value=5_000_000)).ref
    finance = sign_in("finance")
    assert "Sign for 3,000.00 USD" in words_of(finance.get(f"/rewards/{ref}"))
    finance.post(f"/rewards/{ref}/approve", data=decision(ref))
    page = words_of(finance.get(f"/rewards/{ref}"))
    assert "Still needed: signature of director." in page
    assert "1 of 2" in words_of(finance.get("/rewards"))
    director = sign_in("director")
    assert "Approve 3,000.00 USD" in words_of(director.get(f"/rewards/{ref}"))
    director.post(f"/rewards/{ref}/approve", data=decision(ref))
    assert reward(ref).state == "approved"


def test_declining_needs_a_reason_and_keeps_it(office, sign_in):
    ref = propose().ref
    client = sign_in("director")
    answer = client.post(f"/rewards/{ref}/decline", data=decision(ref, reason=" "), headers=HTMX)
    assert answer.status_code == 422
    assert "Write the reason" in text_of(answer)
    client.post(f"/rewards/{ref}/decline", data=decision(ref, reason="<b>Paid elsewhere</b>"))
    assert "&lt;b&gt;Paid elsewhere&lt;/b&gt;" in text_of(client.get(f"/rewards/{ref}"))
    assert ref in text_of(client.get("/rewards?view=refused"))


def test_a_mistaken_refusal_is_taken_back_on_the_page(office, sign_in):
    ref = propose().ref
    client = sign_in("director")
    client.post(f"/rewards/{ref}/decline", data=decision(ref, reason="Wrong case"))
    assert "Declined by mistake" in words_of(client.get(f"/rewards/{ref}"))
    assert "Declined by mistake" not in words_of(sign_in("auditor").get(f"/rewards/{ref}"))
    answer = client.post(f"/rewards/{ref}/take-back", data=decision(ref, reason="Misread"), headers=HTMX)
    assert "Taken back. It waits for approval again." in words_of(answer)
    assert f'href="/rewards/{ref}"' in text_of(client.get("/rewards?view=approve"))


def test_paying_against_the_collection_word(office, sign_in):
    ref = propose().ref
    approve(ref, office.finance)
    claimed = claim(1)
    cashier = sign_in("finance")
    assert claimed.voucher in text_of(cashier.get("/rewards?view=pay"))
    address = f"/rewards/{ref}/shares/{claimed.voucher}/pay"
    wrong = cashier.post(address, data={"word": "nonsense", "key": new_key()}, headers=HTMX)
    assert wrong.status_code == 422
    assert "not the collection word" in text_of(wrong)
    assert "4 tries left" in text_of(wrong)
    db.session.rollback()
    assert db.session.scalar(sa.select(ClaimCode.tries)) == 1
    right = cashier.post(address, data={"word": claimed.word.lower(), "key": new_key()}, headers=HTMX)
    assert right.status_code == 200
    assert reward(ref).state == "settled"
    assert ref in text_of(cashier.get("/rewards?view=done"))


def test_a_locked_voucher_says_so(office, sign_in):
    ref = propose().ref
    approve(ref, office.finance)
    claimed = claim(1)
    cashier = sign_in("finance")
    address = f"/rewards/{ref}/shares/{claimed.voucher}/pay"
    for _ in range(5):
        last = cashier.post(address, data={"word": "nonsense", "key": new_key()}, headers=HTMX)
    assert "locked for a day" in text_of(last)
    answer = cashier.post(address, data={"word": claimed.word, "key": new_key()}, headers=HTMX)
    assert answer.status_code == 409
    assert kinds()[-1] == "approve"


def test_nothing_is_paid_without_word_or_receipt(office, sign_in):
    ref = propose().ref
    approve(ref, office.finance)
    voucher = claim(1).voucher
    answer = sign_in("finance").post(
        f"/rewards/{ref}/shares/{voucher}/pay", data={"key": new_key()}, headers=HTMX
    )
    assert answer.status_code == 422
    assert "Enter the collection word" in text_of(answer)


def test_cancelling_an_approval_takes_two_people(office, sign_in):
    ref = propose().ref
    approve(ref, office.finance)
    voucher = only_share(ref).ref
    assert voucher in text_of(sign_in("auditor").get("/rewards?view=collect"))
    asked = {"kind": "cancel", "reason": "Proved false", "key": new_key()}
    first = sign_in("finance")
    assert first.post(f"/rewards/{ref}/shares/{voucher}/ask", data=asked).status_code == 303
    assert kinds()[-1] == "approve"
    assert "You asked for it, so somebody else confirms it." in words_of(first.get(f"/rewards/{ref}"))
    director = sign_in("director")
    assert "Cancel the approval : asked by" in words_of(director.get(f"/rewards/{ref}"))
    assert director.post("/rewards/requests/1/confirm", data={"key": new_key()}).status_code == 303
    assert kinds()[-1] == "cancel"


def test_a_reward_waiting_for_funds_is_reserved_once_money_is_in(app, clock, sign_in):
    clock.now = NOW
    open_office(amount=0)
    ref = propose().ref
    finance = sign_in("finance")
    assert ref in text_of(finance.get("/rewards?view=funds"))
    refused = finance.post(f"/rewards/{ref}/reserve", data={"key": new_key()}, headers=HTMX)
    assert (refused.status_code, "not enough" in text_of(refused)) == (409, True)
    form = {"fund": "GEN", "amount": "1,065.00", "source": "Treasury", "reference": "S-1", "key": new_key()}
    assert finance.post("/rewards/funds", data=form).status_code == 303
    assert finance.post(f"/rewards/{ref}/reserve", data={"key": new_key()}).status_code == 303
    assert reward(ref).state == "proposed"


def test_the_case_page_part_tells_the_reward_or_why_there_is_none(office, sign_in):
    officer = sign_in("officer")
    assert "when the case is closed" in text_of(officer.get("/rewards/for-case/1"))
    ref = propose().ref
    assert f'href="/rewards/{ref}"' not in text_of(officer.get("/rewards/for-case/1"))
    assert f'href="/rewards/{ref}"' in text_of(sign_in("supervisor").get("/rewards/for-case/1"))
    propose(2, facts=outcome(tip(2, 20)))
    assert "Below the score that is paid" in text_of(officer.get("/rewards/for-case/2"))


def test_no_page_shows_evidence_or_the_collection_word(office, sign_in):
    facts = outcome(tip(1, 72), tip(2, 50, gates={"public": "the aunt told everybody"}), value=1_840_000)
    ref = propose(facts=facts).ref
    approve(ref, office.finance)
    claimed = claim(1)
    client = sign_in("finance")
    for page in [*PAGES, f"/rewards/{ref}", "/rewards?view=pay", "/rewards/ledger/export?format=jsonl"]:
        text = text_of(client.get(page))
        assert "aunt" not in text
        assert claimed.word not in text
        assert services.shown_word(claimed.word) not in text
    assert "Public knowledge" in text_of(client.get(f"/rewards/{ref}"))


def test_pages_carry_no_inline_script_or_style(office, sign_in):
    ref = propose().ref
    client = sign_in("finance")
    for page in [*PAGES, f"/rewards/{ref}"]:
        text = text_of(client.get(page))
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>(?!\s*</script>)|\sstyle=|\son[a-z]+=", text), page


def test_expired_rewards_are_shown_as_settled(office, sign_in):
    ref = propose().ref
    approve(ref, office.finance)
    with transaction():
        services.expire_due(now=NOW + timedelta(days=181))
    assert "Lapsed" in text_of(sign_in("auditor").get(f"/rewards/{ref}"))


def test_a_paid_share_shows_its_receipt(office, sign_in):
    ref = propose().ref
    approve(ref, office.finance)
    pay(claim(1).voucher, office.cashier, receipt="Slip 17")
    assert "Receipt Slip 17" in words_of(sign_in("auditor").get(f"/rewards/{ref}"))

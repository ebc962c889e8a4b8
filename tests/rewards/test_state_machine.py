"""F11: whatever happens in whatever order, the books hold what a model of sixty lines holds."""

from __future__ import annotations

import itertools
import os
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from core.db import db
from core.errors import AppError
from rewards import checks, ledger, queries, services
from rewards.models import LedgerAccount, LedgerEntry
from rewards.services import moving
from rewards.workflow_models import SecondPersonRequest
from tests.builders import reward_office
from tests.builders.reward_office import NOW, new_key, open_office
from tests.builders.rewards import START, outcome, tip
from tests.rewards.model import Model

ACCOUNTS = {
    "bank": ledger.BANK, "funding": "Income:Funding:Treasury", "appropriated": ledger.APPROPRIATED,
    "available": ledger.AVAILABLE, "reserved": ledger.RESERVED, "spent": ledger.SPENT, "rewards": ledger.REWARDS,
    "fees": ledger.FEES, "payable": ledger.PAYABLE, "transit": ledger.IN_TRANSIT, "tax": ledger.TAX_WITHHELD,
    "forfeited": ledger.FORFEITED, "clawback": ledger.CLAWBACK, "recovered": ledger.RECOVERED,
}  # fmt: skip
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
# the engines differ in their triggers alone, and one of them talks to another process
EXAMPLES = {"sqlite": (100, 2_000), "postgresql": (25, 200)}
AMOUNTS = st.integers(1, 400_000)


class PlainVault:
    """Hash at once: the slowness of the real one is tested elsewhere."""

    def index(self, text, *, purpose):
        assert purpose
        return text.encode().ljust(32, b"0")[-32:]

    def hash_secret(self, text, *, purpose):
        assert purpose
        return f"plain:{text}"

    def check_secret(self, text, kept, *, purpose):
        assert purpose
        return kept == f"plain:{text}"


class Books(RuleBasedStateMachine):
    """Every event as a call of its service, inside one transaction that is rolled back at the end."""

    office: reward_office.Office
    rewards = Bundle("rewards")
    vouchers = Bundle("vouchers")
    undoable = Bundle("undoable")

    @initialize(money=st.integers(0, 2_000_000), withheld=st.sampled_from([0, 10]))
    def begin(self, money, withheld):
        self.now, self.model, self.withheld = NOW, Model(), withheld
        self.numbers = itertools.count(1)
        self.words, self.pools, self.tips = {}, {}, {}
        self.given_up, self.partly = set(), set()
        services.ensure_fund(code="GEN", currency="USD", now=NOW)
        services.policy_in_force(now=NOW)
        if withheld:
            reward_office.change_policy(withhold_percent=str(withheld))
        if money:
            assert self.attempt(services.deposit, **self.cash(money), source="Treasury")
            self.model.fund(money)

    def attempt(self, service, **asked):
        """Call a service in a savepoint; a refusal leaves nothing behind and is None."""
        try:
            with db.session.begin_nested():
                return service(**asked)
        except AppError:
            return None

    def cash(self, amount):
        return {
            "fund": "GEN", "amount_minor": amount, "reference": "S", "actor_id": self.office.finance.id,
            "key": new_key(), "now": self.now,
        }  # fmt: skip

    def agrees(self, done, expected):
        assert (done is not None) == bool(expected), (done, expected)

    @rule(amount=AMOUNTS, target=undoable)
    def deposit(self, amount):
        done = self.attempt(services.deposit, **self.cash(amount), source="Treasury")
        self.agrees(done, self.model.fund(amount))
        return ("fund", amount, done.entry)

    @rule(amount=AMOUNTS)
    def defund(self, amount):
        self.agrees(
            self.attempt(services.defund, **self.cash(amount), source="Treasury"), self.model.fund(amount, -1)
        )

    @rule(amount=st.integers(1, 2_000), target=undoable)
    def fee(self, amount):
        done = self.attempt(services.fee, **self.cash(amount))
        self.agrees(done, self.model.fee(amount))
        return ("fee", amount, done.entry) if done else multiple()

    @rule(event=consumes(undoable))
    def reverse(self, event):
        kind, amount, entry = event
        day = self.now.date()
        asked = {"entry": entry, "effective_on": day, "reason": "wrong", "key": new_key(), "now": self.now}
        done = self.attempt(services.reverse, actor=self.office.director, **asked)
        self.agrees(done, self.model.fund(amount, -1) if kind == "fund" else self.model.move(
            amount, fees=-1, bank=1, available=-1, spent=1))  # fmt: skip

    @rule(scores=st.lists(st.integers(40, 70), min_size=1, max_size=3), target=rewards)
    def propose(self, scores):
        number = next(self.numbers)
        tips = [tip(number * 10 + n, score, received_at=START) for n, score in enumerate(scores)]
        made = services.propose(
            case_id=number,
            case_number=f"C-2026-{number:06d}",
            outcome=outcome(*tips),
            actor_id=None,
            now=self.now,
        )
        assert (made.state == "proposed") == self.model.reserve(made.pool)
        self.pools[made.ref] = [made.pool, made.state]
        return made.ref

    @rule(ref=rewards)
    def reserve(self, ref):
        pool, state = self.pools[ref]
        done = self.attempt(services.reserve, ref=ref, actor_id=None, key=new_key(), now=self.now)
        expected = state == "draft" and self.model.reserve(pool)
        self.agrees(done, expected)
        if expected:
            self.pools[ref][1] = "proposed"

    @rule(ref=rewards, target=vouchers)
    def approve(self, ref):
        pool, state = self.pools[ref]
        asked = {
            "ref": ref,
            "snapshot": queries.reward_by_ref(ref).snapshot_hash,
            "key": new_key(),
            "now": self.now,
        }
        done = self.attempt(services.approve, actor=self.office.director, **asked)
        self.agrees(done, state == "proposed")
        if not done:
            return multiple()
        self.pools[ref][1] = "approved"
        shares = [share for share in queries.shares_of(queries.reward_by_ref(ref).id) if share.amount]
        assert sum(share.amount for share in shares) == pool
        self.model.approve({share.ref: share.amount for share in shares})
        self.tips |= {share.ref: (share.tip_id, share.id, share.expires_at) for share in shares}
        return multiple(*(share.ref for share in shares))

    @rule(ref=rewards)
    def decline(self, ref):
        pool, state = self.pools[ref]
        asked = {
            "ref": ref,
            "snapshot": queries.reward_by_ref(ref).snapshot_hash,
            "key": new_key(),
            "now": self.now,
        }
        done = self.attempt(services.decline, reason="no", actor=self.office.finance, **asked)
        self.agrees(done, state in ("draft", "proposed"))
        if done:
            self.pools[ref][1] = "declined"
        if state == "proposed":
            self.model.release(pool)

    @rule(voucher=vouchers)
    def claim(self, voucher):
        tip_id, _, expires_at = self.tips[voucher]
        done = self.attempt(services.claim, tip_id=tip_id, key=new_key(), vault=PlainVault(), now=self.now)
        expected = self.now < expires_at and self.model.of_share(voucher, "approved", "claimed")
        self.agrees(done, expected)
        if done:
            self.words[voucher] = done.word

    @rule(voucher=vouchers)
    def cancel(self, voucher):
        asked = {
            "share_ref": voucher,
            "reason": "no",
            "actor": self.office.finance,
            "key": new_key(),
            "now": self.now,
        }
        done = self.attempt(services.cancel, **asked)
        self.agrees(
            done,
            self.model.of_share(
                voucher, "approved", "cancelled", payable=1, rewards=-1, spent=1, available=-1
            ),
        )

    @rule(voucher=vouchers)
    def pay(self, voucher):
        word = self.words.get(voucher, "x")
        asked = {
            "share_ref": voucher,
            "actor": self.office.finance,
            "key": new_key(),
            "now": self.now,
            "word": word,
        }
        done = self.attempt(services.pay, vault=PlainVault(), **asked)
        expected = voucher in self.words and self.model.instruct(voucher, self.tax(voucher))
        self.agrees(done, expected and self.model.of_share(voucher, "instructed", "paid", transit=1, bank=-1))
        if expected:
            del self.words[voucher]

    @rule(voucher=vouchers)
    def instruct(self, voucher):
        done = self.attempt(moving.instruct, **self.moved(voucher), batch="B-1")
        self.agrees(done, self.model.instruct(voucher, self.tax(voucher)))

    @rule(voucher=vouchers)
    def settle(self, voucher):
        done = self.attempt(moving.settle, **self.line(voucher))
        self.agrees(done, self.model.of_share(voucher, "instructed", "paid", transit=1, bank=-1))

    @rule(voucher=vouchers)
    def reject(self, voucher):
        done = self.attempt(moving.reject, **self.moved(voucher), reason="no")
        self.agrees(done, self.model.of_share(voucher, "instructed", "claimed", transit=1, payable=-1))

    @rule(voucher=vouchers)
    def come_back(self, voucher):
        done = self.attempt(moving.returned, **self.line(voucher))
        # money that was asked back is paid back, it does not come back; what was given up wholly is as before
        free = voucher not in self.model.owed_back or voucher in self.given_up
        self.agrees(done, free and self.model.of_share(voucher, "paid", "claimed", bank=1, payable=-1))

    @rule(voucher=vouchers)
    def ask_back(self, voucher):
        self.agrees(self.attempt(self.by_two, kind="clawback", voucher=voucher), self.model.ask_back(voucher))

    @rule(voucher=vouchers, amount=st.integers(1, 60_000))
    def paid_back(self, voucher, amount):
        asked = {"share_ref": voucher, "amount_minor": amount, "reference": f"S-{next(self.numbers)}"}
        asked |= {"actor": self.office.finance, "key": new_key(), "now": self.now}
        done = self.attempt(services.receive_back, **asked)
        expected = self.model.paid_back(voucher, amount)
        self.agrees(done, expected)
        if expected:
            self.partly.add(voucher)

    @rule(voucher=vouchers)
    def give_up(self, voucher):
        done = self.attempt(self.by_two, kind="write_off", voucher=voucher)
        expected = self.model.give_up(voucher)
        self.agrees(done, expected)
        if expected and voucher not in self.partly:
            self.given_up.add(voucher)

    def by_two(self, kind, voucher):
        common = {"now": self.now, "actor": self.office.finance, "key": new_key()}
        services.ask(kind=kind, share_ref=voucher, reason="fraud", **common)
        request = db.session.scalar(db.select(db.func.max(SecondPersonRequest.id)))
        return services.confirm(
            request_id=request, **{**common, "actor": self.office.cashier, "key": new_key()}
        )

    @rule(days=st.integers(1, 120))
    def wait_and_expire(self, days):
        self.now += timedelta(days=days)
        done = self.attempt(services.expire_due, now=self.now)
        due = [voucher for voucher, (_, _, at) in self.tips.items() if self.now >= at]
        lapsed = [
            self.model.of_share(
                voucher, "approved", "expired", payable=1, forfeited=-1, spent=1, available=-1
            )
            for voucher in due
        ]
        assert done == sum(lapsed)

    def tax(self, voucher):
        return self.model.shares[voucher][0] * self.withheld // 100

    def moved(self, voucher):
        return {"share_ids": [self.tips[voucher][1]], "actor_id": None, "now": self.now}

    def line(self, voucher):
        return {"share_id": self.tips[voucher][1], "statement_line": "S", "actor_id": None, "now": self.now}

    @invariant()
    def balances_equal_the_models(self):
        rows = db.session.execute(db.select(LedgerAccount.name, LedgerAccount.balance)).all()
        held = {name: balance for name, balance in rows if balance}
        wanted = {ACCOUNTS[name]: amount for name, amount in self.model.held.items() if amount}
        assert held == wanted

    @invariant()
    def the_three_identities_hold(self):
        assert list(checks.identities()) == []

    def teardown(self):
        assert checks.check().violations == ()
        db.session.rollback()


def test_f11_every_history_ends_where_the_model_ends(app):
    Books.office = open_office(amount=0)
    db.session.rollback()
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=EXAMPLES[db.engine.dialect.name][LONG],
            stateful_step_count=24,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert db.session.scalar(db.select(db.func.count()).select_from(LedgerEntry)) == 0

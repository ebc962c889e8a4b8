"""The reward office in memory: what each event does to the balances, without accounts, legs or a database."""

from __future__ import annotations

from collections import Counter


class Model:
    """Amounts in minor units by account, debit positive; shares by voucher as [amount, state, tax]."""

    def __init__(self) -> None:
        self.held: Counter[str] = Counter()
        self.shares: dict[str, list] = {}
        self.owed_back: dict[str, int] = {}

    def move(self, amount: int, **accounts: int) -> bool:
        """Add amount × sign to each account; refuse where one would cross zero."""
        after = {name: self.held[name] + sign * amount for name, sign in accounts.items()}
        if any(value * SIGNS[name] < 0 for name, value in after.items()):
            return False
        self.held.update({name: sign * amount for name, sign in accounts.items()})
        return True

    def of_share(self, voucher: str, needed: str, state: str, **accounts: int) -> bool:
        """Move what a share holds and put it into another state; refuse from any state but one."""
        amount, now, tax = self.shares[voucher]
        if now != needed or not self.move(amount - tax, **accounts):
            return False
        self.shares[voucher][1] = state
        return True

    def fund(self, amount, sign=1):
        return self.move(amount, bank=sign, funding=-sign, appropriated=sign, available=-sign)

    def fee(self, amount):
        return self.move(amount, fees=1, bank=-1, available=1, spent=-1)

    def reserve(self, pool):
        return self.move(pool, available=1, reserved=-1)

    def release(self, pool):
        return self.move(pool, available=-1, reserved=1)

    def approve(self, shares):
        self.move(sum(shares.values()), reserved=1, spent=-1, rewards=1, payable=-1)
        self.shares |= {voucher: [amount, "approved", 0] for voucher, amount in shares.items()}

    def ask_back(self, voucher):
        """Ask the money of a paid share back, once; what is owed back stays beside the share."""
        amount, state, tax = self.shares[voucher]
        if state != "paid" or voucher in self.owed_back:
            return False
        self.owed_back[voucher] = amount - tax
        return self.move(amount - tax, clawback=1, recovered=-1)

    def paid_back(self, voucher, amount):
        if self.owed_back.get(voucher, 0) < amount:
            return False
        self.owed_back[voucher] -= amount
        return self.move(amount, bank=1, clawback=-1, spent=1, available=-1)

    def give_up(self, voucher):
        owed = self.owed_back.get(voucher, 0)
        if not owed:
            return False
        self.owed_back[voucher] = 0
        return self.move(owed, recovered=1, clawback=-1)

    def instruct(self, voucher, tax):
        share = self.shares[voucher]
        if share[1] == "claimed" and tax and not share[2]:
            share[2] = tax
            self.move(tax, payable=1, tax=-1)
        return self.of_share(voucher, "claimed", "instructed", payable=1, transit=-1)


SIGNS = {
    "bank": 1, "funding": -1, "appropriated": 1, "available": -1, "reserved": -1, "spent": -1, "rewards": 1,
    "fees": 1, "payable": -1, "transit": -1, "tax": -1, "forfeited": -1,
    "clawback": 1, "recovered": -1,
}  # fmt: skip

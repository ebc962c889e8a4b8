"""What the forms and addresses of the reward pages may hold."""

from __future__ import annotations

from datetime import UTC

from marshmallow import EXCLUDE, Schema, fields, pre_load, validate

from rewards.desk import VIEWS
from rewards.exporting import FORMATS
from rewards.repeats import LONGEST_KEY, SHORTEST_KEY
from rewards.seen import MOST


class _Form(Schema):
    class Meta:
        """Ignore the token and what a browser's helpers add."""

        unknown = EXCLUDE


class _MoneyForm(_Form):
    key = fields.String(required=True, validate=validate.Length(SHORTEST_KEY, LONGEST_KEY))


class ApproveSchema(_MoneyForm):
    """A signature, bound to what was read."""

    snapshot = fields.String(required=True, validate=validate.Length(64, 64))
    seen = fields.String(load_default="", validate=validate.Length(max=MOST))


class DeclineSchema(ApproveSchema):
    """A refusal with its reason."""

    reason = fields.String(required=True, validate=validate.Length(1, 300))


class ReserveSchema(_MoneyForm):
    """Setting money aside for a reward that had to wait."""


class PaySchema(_MoneyForm):
    """Handing a voucher's money over."""

    word = fields.String(load_default="", validate=validate.Length(max=40))
    receipt = fields.String(load_default="", validate=validate.Length(max=80))


class DepositSchema(_MoneyForm):
    """Money that has arrived; the amount as a person types it."""

    fund = fields.String(required=True, validate=validate.Length(1, 12))
    amount = fields.String(required=True, validate=validate.Length(1, 30))
    source = fields.String(required=True, validate=validate.Length(1, 40))
    reference = fields.String(required=True, validate=validate.Length(1, 80))


class ListArgs(_Form):
    """The view of the reward desk."""

    view = fields.String(load_default=VIEWS[0], validate=validate.OneOf(VIEWS))


class TreasurySchema(DepositSchema):
    """Money that leaves the bank without a reward; only giving back needs a source."""

    what = fields.String(
        load_default="deposit", validate=validate.OneOf(("deposit", "defund", "fee", "remit"))
    )
    source = fields.String(load_default="", validate=validate.Length(max=40))
    day = fields.Date(load_default=None, allow_none=True)

    @pre_load
    def _leave_out_no_day(self, values: dict[str, str], **_: object) -> dict[str, str]:
        return {name: value for name, value in values.items() if name != "day" or value}


class ReverseSchema(_MoneyForm):
    """Undoing an entry."""

    reason = fields.String(required=True, validate=validate.Length(1, 300))
    effective_on = fields.Date(required=True)


class PeriodSchema(_MoneyForm):
    """A step of closing a month."""


class _AsOfArgs(_Form):
    as_of = fields.Date(load_default=None, allow_none=True)
    seq = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 10**15))
    known_at = fields.AwareDateTime(load_default=None, allow_none=True, default_timezone=UTC)


class StatementArgs(_Form):
    """The days of a statement, both included, and what was known."""

    starts_on = fields.Date(load_default=None, allow_none=True)
    ends_on = fields.Date(load_default=None, allow_none=True)
    seq = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 10**15))


class LedgerArgs(_AsOfArgs):
    """The part of the ledger asked for."""

    fund = fields.String(load_default="", validate=validate.Length(max=12))
    account = fields.String(load_default="", validate=validate.Length(max=80))
    reward = fields.String(load_default="", validate=validate.Length(max=20))


class BalanceArgs(_AsOfArgs):
    """The day of a trial balance or an export, and what was known."""

    format = fields.String(load_default=FORMATS[0], validate=validate.OneOf(FORMATS))

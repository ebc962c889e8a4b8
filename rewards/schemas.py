"""What the forms and addresses of the reward pages may hold."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from rewards.desk import VIEWS
from rewards.exporting import FORMATS
from rewards.repeats import LONGEST_KEY, SHORTEST_KEY


class _Form(Schema):
    class Meta:
        """Ignore the token and what a browser's helpers add."""

        unknown = EXCLUDE


class _MoneyForm(_Form):
    key = fields.String(required=True, validate=validate.Length(SHORTEST_KEY, LONGEST_KEY))


class ApproveSchema(_MoneyForm):
    """A signature, bound to what was read."""

    snapshot = fields.String(required=True, validate=validate.Length(64, 64))


class DeclineSchema(ApproveSchema):
    """A refusal with its reason."""

    reason = fields.String(required=True, validate=validate.Length(1, 300))


class ReserveSchema(_MoneyForm):
    """Setting money aside for a reward that had to wait."""


class CancelSchema(_MoneyForm):
    """Taking back the approval of one voucher."""

    reason = fields.String(required=True, validate=validate.Length(1, 300))


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


class LedgerArgs(_Form):
    """The part of the ledger asked for."""

    fund = fields.String(load_default="", validate=validate.Length(max=12))
    account = fields.String(load_default="", validate=validate.Length(max=80))
    reward = fields.String(load_default="", validate=validate.Length(max=20))


class BalanceArgs(_Form):
    """The day of a trial balance or an export."""

    as_of = fields.Date(load_default=None, allow_none=True)
    format = fields.String(load_default=FORMATS[0], validate=validate.OneOf(FORMATS))

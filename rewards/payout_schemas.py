"""What the forms and addresses of batches, accounts and statements may hold."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from rewards.batch_desk import VIEWS
from rewards.payout_kinds import AccountKind
from rewards.repeats import LONGEST_KEY, SHORTEST_KEY

LONGEST_REASON = 300


class FormSchema(Schema):
    """A form or an address."""

    class Meta:
        """Ignore the token and what a browser's helpers add."""

        unknown = EXCLUDE


class MoneyFormSchema(FormSchema):
    """A form that may be sent twice and acts once."""

    key = fields.String(required=True, validate=validate.Length(SHORTEST_KEY, LONGEST_KEY))


def _text(longest: int, *, required: bool = True) -> fields.String:
    if required:
        return fields.String(required=True, validate=validate.Length(1, longest))
    return fields.String(load_default="", validate=validate.Length(max=longest))


class BatchListArgs(FormSchema):
    """The view of the batches."""

    view = fields.String(load_default="waiting", validate=validate.OneOf(VIEWS))


class NewBatchArgs(FormSchema):
    """The account a new batch is paid from."""

    account = _text(12, required=False)


class MakeBatchSchema(MoneyFormSchema):
    """A new batch; its vouchers are read apart, for there are many of one name."""

    account = _text(12)
    pay_on = fields.Date(required=True)


class SignBatchSchema(MoneyFormSchema):
    """Approval or release, bound to what was read."""

    snapshot = fields.String(required=True, validate=validate.Length(64, 64))


class ReasonSchema(MoneyFormSchema):
    """A step with its reason."""

    reason = _text(LONGEST_REASON)


class AccountSchema(FormSchema):
    """A new account."""

    code = _text(12)
    name = _text(80)
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in AccountKind]))
    fund = _text(12)
    number = _text(40)
    holder = _text(70)
    bic = _text(11, required=False)
    pool_name = _text(70, required=False)
    pool_number = _text(40, required=False)
    where_words = _text(300, required=False)
    payout_layout = _text(60, required=False)


class PayoutLayoutSchema(FormSchema):
    """A payee's file: one line a column, heading = field."""

    name = _text(60)
    columns = _text(2_000)
    delimiter = _text(10)
    decimal = _text(1)


class StatementListArgs(FormSchema):
    """The account whose statements are shown."""

    account = _text(12, required=False)


class ImportSchema(FormSchema):
    """Where a statement file belongs; the file itself is read apart."""

    account = _text(12)
    layout = _text(60, required=False)


class QueueArgs(FormSchema):
    """The part of the queue asked for."""

    account = _text(12, required=False)
    owner = fields.String(load_default="", validate=validate.OneOf(["", "mine"]))


class VoucherSchema(MoneyFormSchema):
    """The voucher a line is about."""

    voucher = _text(20)


class FeeSchema(MoneyFormSchema):
    """A fee, with words where there are any."""

    reason = _text(LONGEST_REASON, required=False)


class FundingSchema(MoneyFormSchema):
    """Who put money in."""

    source = _text(40)


class EntrySchema(MoneyFormSchema):
    """The entry that booked a line before."""

    entry = _text(20)


class AssignSchema(FormSchema):
    """Who looks into a line."""

    owner = _text(10, required=False)
    note = _text(LONGEST_REASON, required=False)

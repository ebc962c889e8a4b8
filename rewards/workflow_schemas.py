"""What the forms of second persons, queries and the pay desk may hold."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from rewards.repeats import LONGEST_KEY, SHORTEST_KEY
from rewards.workflow_kinds import AskedFor


class _Keyed(Schema):
    class Meta:
        """Ignore the token and what a browser's helpers add."""

        unknown = EXCLUDE

    key = fields.String(required=True, validate=validate.Length(SHORTEST_KEY, LONGEST_KEY))


class AskSchema(_Keyed):
    """A step asked for, with its reason."""

    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in AskedFor]))
    reason = fields.String(required=True, validate=validate.Length(1, 300))


class DecideSchema(_Keyed):
    """A confirmation or a refusal."""


class ReceivedSchema(_Keyed):
    """Money that was owed back and arrived."""

    amount = fields.String(required=True, validate=validate.Length(1, 30))
    reference = fields.String(required=True, validate=validate.Length(1, 80))


class CloseQuerySchema(Schema):
    """What was found out about a query."""

    class Meta:
        """Ignore the token."""

        unknown = EXCLUDE

    note = fields.String(load_default="", validate=validate.Length(max=300))


class PayDeskSchema(_Keyed):
    """A voucher with its word, and the receipt once the money was handed over."""

    voucher = fields.String(required=True, validate=validate.Length(1, 40))
    word = fields.String(required=True, validate=validate.Length(1, 40))
    receipt = fields.String(load_default="", validate=validate.Length(max=80))
    step = fields.String(load_default="look", validate=validate.OneOf(["look", "pay"]))

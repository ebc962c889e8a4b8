"""Turn a policy into the fields of a form and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Final

from marshmallow import EXCLUDE, Schema, fields, pre_load, validate

from core.errors import Invalid
from rewards import money
from rewards.eligibility import SCORE_PARTS
from rewards.outcome import Gate, Order
from rewards.policy import PolicyError, load_policy
from rewards.repeats import LONGEST_KEY, SHORTEST_KEY

TIERS: Final = 5
BANDS: Final = 5
LIMITS: Final = 4
SIGNATURES: Final = 2
SIGNERS: Final[Mapping[str, tuple[str, ...]]] = {
    "supervisor": ("supervisor", "finance", "director"),
    "finance": ("finance", "director"),
    "director": ("director",),
}
SIGNER_WORDS: Final = {
    "supervisor": "Supervisor, finance or director",
    "finance": "Finance or director",
    "director": "Director",
}
_PERCENT: Final = validate.Regexp(
    r"[0-9]{1,3}(\.[0-9]{1,4})?\Z", error="Write a percentage, for example 7.5."
)
_AMOUNT: Final = validate.Length(max=30)


class PolicySchema(Schema):
    """The numbers of a policy as a person types them; rows left empty are left out."""

    class Meta:
        """Ignore the token and what a browser's helpers add."""

        unknown = EXCLUDE

    cap = fields.String(required=True, validate=_AMOUNT)
    floor = fields.String(required=True, validate=_AMOUNT)
    points_per_score = fields.String(required=True, validate=_AMOUNT)
    advance_percent = fields.Integer(required=True, validate=validate.Range(0, 100))
    claim_days = fields.Integer(required=True, validate=validate.Range(1, 3650))
    withhold_percent = fields.String(load_default="0", validate=_PERCENT)
    note = fields.String(
        required=True, validate=validate.Length(3, 300, error="Say in a sentence why it is changed.")
    )
    effective_on = fields.Date(load_default=None, allow_none=True)
    rate_currency = fields.String(load_default="", validate=validate.Length(max=3))
    rate = fields.String(load_default="", validate=validate.Length(max=30))
    rate_as_of = fields.Date(load_default=None, allow_none=True)
    base = fields.Integer(required=True, validate=validate.Range(1, 10**9))
    key = fields.String(required=True, validate=validate.Length(SHORTEST_KEY, LONGEST_KEY))

    @pre_load
    def _leave_out_no_day(self, values: dict[str, Any], **_: object) -> dict[str, Any]:
        return {
            name: value
            for name, value in values.items()
            if name not in ("effective_on", "rate_as_of") or value
        }


def _rows() -> dict[str, fields.Field[Any]]:
    made: dict[str, fields.Field[Any]] = {}
    for name in SCORE_PARTS:
        made[f"card_{name}"] = fields.Integer(required=True, validate=validate.Range(0, 100))
    for order in Order:
        made[f"order_{order.value}"] = fields.Integer(required=True, validate=validate.Range(0, 100))
    for gate in Gate:
        made[f"gate_{gate.value}"] = fields.String(load_default="")
    empty_or_percent = validate.Regexp(r"([0-9]{1,3}(\.[0-9]{1,4})?)?\Z", error="Write a percentage.")
    for row in range(1, TIERS + 1):
        made[f"tier_upto_{row}"] = fields.String(load_default="", validate=_AMOUNT)
        made[f"tier_percent_{row}"] = fields.String(load_default="", validate=empty_or_percent)
    for row in range(1, BANDS + 1):
        made[f"band_at_{row}"] = fields.String(
            load_default="", validate=validate.Regexp(r"[0-9]{0,3}\Z", error="Write a score from 0 to 100.")
        )
        made[f"band_percent_{row}"] = fields.String(load_default="", validate=empty_or_percent)
    for row in range(1, LIMITS + 1):
        made[f"limit_upto_{row}"] = fields.String(load_default="", validate=_AMOUNT)
        for place in range(1, SIGNATURES + 1):
            made[f"limit_sign_{row}_{place}"] = fields.String(
                load_default="", validate=validate.OneOf(["", *SIGNERS])
            )
    return made


FullPolicySchema = PolicySchema.from_dict(_rows(), name="FullPolicySchema")


def to_fields(body: Mapping[str, Any]) -> dict[str, str]:
    """Write a stored policy as the fields of the form."""
    policy = load_policy(body)
    written = {
        "cap": _amount(policy.cap, policy.currency),
        "floor": _amount(policy.floor, policy.currency),
        "points_per_score": _amount(policy.points_per_score, policy.currency),
        "advance_percent": str(policy.advance_percent),
        "claim_days": str(policy.claim_days),
        "withhold_percent": str(body.get("withhold_percent", "0")),
    }
    written |= {f"card_{name}": str(getattr(policy.card_maxima, name)) for name in SCORE_PARTS}
    written |= {f"order_{order.value}": str(policy.order_percent[order]) for order in Order}
    written |= {f"gate_{gate.value}": "yes" for gate in policy.gates}
    for row, tier in enumerate(body["tiers"], 1):
        end = tier["upto"]
        written[f"tier_upto_{row}"] = _amount(end, policy.currency) if end is not None else ""
        written[f"tier_percent_{row}"] = str(tier["percent"])
    for row, band in enumerate(body["bands"], 1):
        written[f"band_at_{row}"], written[f"band_percent_{row}"] = (
            str(band["at_least"]),
            str(band["percent"]),
        )
    for row, limit in enumerate(body["limits"], 1):
        written[f"limit_upto_{row}"] = _amount(limit["upto"], policy.currency)
        for place, roles in enumerate(limit["signatures"], 1):
            written[f"limit_sign_{row}_{place}"] = _signer(roles)
    return written


def to_body(values: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Build the policy data a filled-in form describes, on the fund and rates of another version.

    Raise Invalid naming the fields that cannot be read, or every contradiction between them.
    """
    reader = _Reader(values, base["currency"])
    body = {
        **base,
        "cap": reader.amount("cap"),
        "floor": reader.amount("floor", allow_zero=True),
        "points_per_score": reader.amount("points_per_score", allow_zero=True),
        "advance_percent": values["advance_percent"],
        "claim_days": values["claim_days"],
        "card_maxima": {name: values[f"card_{name}"] for name in SCORE_PARTS},
        "order_percent": {order.value: values[f"order_{order.value}"] for order in Order},
        "gates": [gate.value for gate in Gate if values[f"gate_{gate.value}"]],
        "tiers": reader.tiers(),
        "bands": reader.bands(),
        "limits": reader.limits(),
    }
    # a version without tax keeps the bytes it always had
    if Fraction(values["withhold_percent"]) or "withhold_percent" in base:
        body["withhold_percent"] = values["withhold_percent"]
    reader.refuse()
    _add_rate(body, values)
    try:
        load_policy(body)
    except PolicyError as error:
        raise Invalid({"cap": list(error.faults)}) from error
    return body


class _Reader:
    """Read the rows of a form, collecting what is wrong with each."""

    def __init__(self, values: Mapping[str, Any], currency: str) -> None:
        self.values, self.currency = values, currency
        self.errors: dict[str, list[str]] = {}

    def amount(self, name: str, *, allow_zero: bool = False) -> int:
        text = str(self.values[name]).strip()
        if allow_zero and text.strip("0.,") == "" and "0" in text:
            return 0
        try:
            return money.parse_minor(text, self.currency)
        except money.MoneyError as error:
            self.errors[name] = [str(error)]
            return 0

    def tiers(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for row in range(1, TIERS + 1):
            percent = self.values[f"tier_percent_{row}"]
            if not percent:
                continue
            end = self.amount(f"tier_upto_{row}") if self.values[f"tier_upto_{row}"].strip() else None
            rows.append({"upto": end, "percent": percent})
        return rows

    def bands(self) -> list[dict[str, Any]]:
        return [
            {"at_least": int(self.values[f"band_at_{row}"]), "percent": self.values[f"band_percent_{row}"]}
            for row in range(1, BANDS + 1)
            if self.values[f"band_at_{row}"] and self.values[f"band_percent_{row}"]
        ]

    def limits(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for row in range(1, LIMITS + 1):
            if not self.values[f"limit_upto_{row}"].strip():
                continue
            signers = [self.values[f"limit_sign_{row}_{place}"] for place in range(1, SIGNATURES + 1)]
            signatures = [list(SIGNERS[name]) for name in signers if name]
            rows.append({"upto": self.amount(f"limit_upto_{row}"), "signatures": signatures})
        return rows

    def refuse(self) -> None:
        if self.errors:
            raise Invalid(self.errors)


def _add_rate(body: dict[str, Any], values: Mapping[str, Any]) -> None:
    code = values["rate_currency"].strip().upper()
    if not code:
        return
    seen: date | None = values["rate_as_of"]
    if seen is None or not values["rate"]:
        raise Invalid({"rate": ["A rate needs its figure and the day it was seen."]})
    body["rates"] = {**body["rates"], code: {"rate": values["rate"].strip(), "as_of": seen.isoformat()}}


def _amount(minor: int, currency: str) -> str:
    return money.shown(minor, currency)


def _signer(roles: list[str]) -> str:
    return next((name for name, accepted in SIGNERS.items() if set(accepted) == set(roles)), "director")

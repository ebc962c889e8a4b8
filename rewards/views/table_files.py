"""The tables of the reward desk, the policy and the books that no other module hands out, as CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response

from accounts.permissions import current_user, requires
from accounts.roles import Role
from core.clock import utcnow
from core.db import transaction
from core.deployment import current_deployment
from core.errors import NotFound
from rewards import desk, detail, policy_text, reports, statements, words
from rewards.detail import RewardPage
from rewards.forms import query
from rewards.money import plain
from rewards.payout_schemas import NewBatchArgs
from rewards.policy import Policy, load_policy
from rewards.schemas import ListArgs
from rewards.services import batches, policies
from rewards.services.funds import policy_in_force
from rewards.views.tables import csv_response

READERS = (Role.FINANCE, Role.DIRECTOR, Role.AUDITOR)
# supervisors sign small rewards and read the policy they sign under
SIGNERS = (*READERS, Role.SUPERVISOR)
POLICY_HEADINGS = ("part", "name", "value", "meaning")

blueprint = Blueprint("table_files", __name__)

Table = tuple[tuple[str, ...], Sequence[Sequence[Any]]]


@blueprint.get("/rewards.csv")
@requires(*SIGNERS)
def queue_csv() -> Response:
    """Download one view of the reward desk, all pages of it."""
    view = query(ListArgs())["view"]
    headings, rows = _shares_of(view) if view in desk.SHARE_VIEWS else _rewards_of(view)
    return csv_response(f"rewards-{view}", headings, rows)


@blueprint.get("/rewards/<ref>/<table>.csv")
@requires(*SIGNERS)
def reward_csv(ref: str, table: str) -> Response:
    """Download one table of a reward's page."""
    write = REWARD_TABLES.get(table)
    if write is None:
        raise NotFound("There is no such table.")
    headings, rows = write(detail.reward_page(ref, viewer=current_user(), now=utcnow()))
    return csv_response(f"{ref}-{table}", headings, rows)


@blueprint.get("/rewards/policy.csv")
@requires(*SIGNERS)
def policy_csv() -> Response:
    """Download every number of the policy in force."""
    with transaction():
        in_force = policy_in_force(now=utcnow())
    return _policy_lines(in_force.version, in_force.policy)


@blueprint.get("/rewards/policy/versions.csv")
@requires(*SIGNERS)
def versions_csv() -> Response:
    """Download the versions of the policy."""
    headings = ("version", "state", "in force from", "saved", "by", "why", "sha256")
    rows = [
        (line.number, line.state, line.effective_from.isoformat(), line.created_at.isoformat(), line.author,
         line.note, line.sha256)
        for line in policies.list_versions(now=utcnow())
    ]  # fmt: skip
    return csv_response("policy-versions", headings, rows)


@blueprint.get("/rewards/policy/<int:version>.csv")
@requires(*SIGNERS)
def version_csv(version: int) -> Response:
    """Download every number of one version of the policy."""
    return _policy_lines(version, load_policy(policies.policy_body(version)))


@blueprint.get("/rewards/policy/<int:version>/changes.csv")
@requires(*SIGNERS)
def changes_csv(version: int) -> Response:
    """Download what one version of the policy changed."""
    after = load_policy(policies.policy_body(version))
    before = load_policy(policies.policy_body(version - 1))
    rows = [
        (line.part, line.name, line.before, line.after) for line in policy_text.differences(before, after)
    ]
    return csv_response(f"policy-{version}-changes", ("part", "name", "before", "after"), rows)


@blueprint.get("/rewards/ledger/<name>.csv")
@requires(*READERS)
def entry_csv(name: str) -> Response:
    """Download the legs of one entry."""
    rows = [
        (leg.entry, leg.effective_on.isoformat(), leg.kind, leg.account, leg.share or "",
         plain(leg.amount, leg.currency), leg.currency)
        for leg in statements.entry_page(name).legs
    ]  # fmt: skip
    headings = ("entry", "day", "event", "account", "voucher", "amount", "currency")
    return csv_response(name, headings, rows)


@blueprint.get("/rewards/funds/<code>/months.csv")
@requires(*READERS)
def months_csv(code: str) -> Response:
    """Download where a fund stood at the end of each month."""
    today = utcnow().astimezone(current_deployment().zone).date()
    found = next((position for position in reports.positions(today=today) if position.fund == code), None)
    if found is None:
        raise NotFound(f"There is no fund {code}.")
    rows = [
        (month, *(plain(amount, found.currency) for amount in amounts), found.currency)
        for month, *amounts in found.months
    ]
    return csv_response(f"{code}-months", ("month", "at the bank", "free", "promised", "currency"), rows)


@blueprint.get("/rewards/batches/candidates.csv")
@requires(Role.FINANCE, Role.DIRECTOR)
def candidates_csv() -> Response:
    """Download the claimed vouchers that an account could pay."""
    account = query(NewBatchArgs())["account"]
    rows = [
        (one.voucher, _channel(one.channel), _moment(one.claimed_at), plain(one.amount, one.currency), one.currency,
         one.why_not)
        for one in batches.batch_candidates(account=account, actor=current_user())
    ]  # fmt: skip
    headings = ("voucher", "channel", "claimed", "amount", "currency", "why not")
    return csv_response(f"claimed-{account}", headings, rows)


def _rewards_of(view: str) -> Table:
    headings = (
        "reward", "case", "district", "proposed", "score", "shares", "state", "signatures", "needed", "amount",
        "currency",
    )  # fmt: skip
    rows = [
        (line.ref, line.case_number, line.district, line.proposed_at.isoformat(), line.score, line.shares,
         words.STATES[line.state][0], line.signatures, line.needed, plain(line.pool, line.currency), line.currency)
        for line in desk.reward_lines(view)
    ]  # fmt: skip
    return headings, rows


def _shares_of(view: str) -> Table:
    headings = (
        "voucher", "reward", "tip code", "channel", "state", "since", "collect until", "amount", "currency",
    )  # fmt: skip
    rows = [
        (line.ref, line.reward, line.tip_code, _channel(line.channel), words.STATES[line.state][0],
         _moment(line.since), _moment(line.expires_at), plain(line.amount, line.currency), line.currency)
        for line in desk.share_lines(view)
    ]  # fmt: skip
    return headings, rows


def _arithmetic(shown: RewardPage) -> Table:
    rows = [(step["title"], step["working"], step["result"]) for step in shown.reward.steps]
    return ("step", "working", "result"), rows


def _shares(shown: RewardPage) -> Table:
    headings = (
        "voucher", "tip code", "channel", "grade", "score", "weight", "state", "why", "collect until", "receipt",
        "batch", "amount", "currency",
    )  # fmt: skip
    currency = shown.reward.currency
    rows = [
        (share.ref, share.tip_code, _channel(share.channel), words.GRADES[share.grade], share.score, share.weight,
         words.STATES[share.state][0], "; ".join(words.REASONS.get(reason, reason) for reason in share.reasons),
         _moment(share.expires_at), share.receipt, share.batch, plain(share.amount, currency), currency)
        for share in shown.shares
    ]  # fmt: skip
    return headings, rows


def _goods(shown: RewardPage) -> Table:
    rows = [
        (goods, quantity, words.MEASURES.get(unit, unit), plain(value, currency), currency)
        for goods, quantity, unit, value, currency in shown.seizures
    ]
    return ("goods", "quantity", "unit", "appraised value", "currency"), rows


def _entries(shown: RewardPage) -> Table:
    currency = shown.reward.currency
    rows = [
        (entry.name, words.KINDS.get(entry.kind, entry.kind), entry.recorded_at.isoformat(),
         plain(entry.amount, currency), currency)
        for entry in shown.entries
    ]  # fmt: skip
    return ("entry", "event", "recorded", "amount", "currency"), rows


REWARD_TABLES: dict[str, Callable[[RewardPage], Table]] = {
    "arithmetic": _arithmetic,
    "shares": _shares,
    "goods": _goods,
    "entries": _entries,
}


def _policy_lines(version: int, policy: Policy) -> Response:
    rows = [(line.part, line.name, line.value, line.meaning) for line in policy_text.described(policy)]
    return csv_response(f"policy-{version}", POLICY_HEADINGS, rows)


def _channel(code: str) -> str:
    return words.CHANNELS.get(code, code)


def _moment(moment: datetime | None) -> str:
    return moment.isoformat() if moment is not None else ""

"""The accounts that vouchers are paid from, and the columns that each payer asks for."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import Role
from accounts.services import StaffMember, staff_by_ids
from core.clock import utcnow
from core.db import transaction
from core.errors import Conflict, Invalid, NotAllowed
from core.web import render
from rewards import payout_csv, payout_queries, payout_words, services
from rewards.forms import form
from rewards.payout_kinds import Purpose
from rewards.payout_models import BankAccount
from rewards.payout_schemas import AccountSchema, PayoutLayoutSchema
from rewards.services import accounts_and_layouts
from rewards.services.accounts_and_layouts import AccountDetails
from rewards.views.tables import csv_response

READERS = (Role.FINANCE, Role.DIRECTOR, Role.AUDITOR)
DECIDERS = (Role.FINANCE, Role.DIRECTOR)

blueprint = Blueprint("bank_accounts", __name__)


@blueprint.get("/rewards/accounts")
@requires(*READERS)
def account_list() -> Response:
    """Show the accounts and offer to add one."""
    return _page()


@blueprint.get("/rewards/accounts.csv")
@requires(*READERS)
def accounts_csv() -> Response:
    """Download the accounts with who entered and who confirmed each."""
    headings = (
        "account", "name", "kind", "currency", "number", "bic", "holder", "pool", "pool number", "in the books",
        "entered by", "entered", "confirmed by", "confirmed",
    )  # fmt: skip
    accounts = payout_queries.accounts()
    people = _people_of(accounts)
    rows = [
        (row.code, row.name, payout_words.ACCOUNT_KINDS[row.kind], row.currency, row.number, row.bic, row.holder,
         row.pool_name, row.pool_number, row.ledger_name, people[row.made_by].name, row.made_at.isoformat(),
         people[row.confirmed_by].name if row.confirmed_by else "",
         row.confirmed_at.isoformat() if row.confirmed_at else "")
        for row in accounts
    ]  # fmt: skip
    return csv_response("accounts", headings, rows)


@blueprint.post("/rewards/accounts")
@requires(*DECIDERS)
def add() -> BaseResponse:
    """Enter an account."""
    try:
        values = form(AccountSchema())
        values["pool_name"] = values["pool_name"] or "Voucher pool"
        with transaction():
            accounts_and_layouts.add_account(
                details=AccountDetails(**values), actor=current_user(), now=utcnow()
            )
    except Invalid as error:
        return _page(errors=error.errors, status=error.status)
    return redirect(url_for(".account_list"), 303)


@blueprint.post("/rewards/accounts/<code>/confirm")
@requires(*DECIDERS)
def confirm(code: str) -> BaseResponse:
    """Confirm the numbers of an account that somebody else entered."""
    try:
        with transaction():
            accounts_and_layouts.confirm_account(code=code, actor=current_user(), now=utcnow())
    except (Conflict, NotAllowed) as error:
        return _page(refusal=error.detail, status=error.status)
    return redirect(url_for(".account_list"), 303)


@blueprint.post("/rewards/accounts/layouts")
@requires(*DECIDERS)
def add_layout() -> BaseResponse:
    """Save the columns that a payer asks for, one a line: heading = field."""
    try:
        values = form(PayoutLayoutSchema())
        pairs = [line.partition("=") for line in values.pop("columns").splitlines() if line.strip()]
        columns = [[heading.strip(), field.strip()] for heading, _, field in pairs]
        with transaction():
            accounts_and_layouts.save_layout(
                name=values.pop("name"),
                purpose=Purpose.PAYOUT,
                body={"columns": columns, **values},
                actor=current_user(),
                now=utcnow(),
            )
    except Invalid as error:
        return _page(layout_errors=error.errors, status=error.status)
    return redirect(url_for(".account_list"), 303)


def _page(
    *,
    errors: dict[str, list[str]] | None = None,
    layout_errors: dict[str, list[str]] | None = None,
    refusal: str = "",
    status: int = 200,
) -> Response:
    accounts = payout_queries.accounts()
    usual = "\n".join(f"{heading} = {field}" for heading, field in payout_csv.DEFAULT_LAYOUT.columns)
    return render(
        "rewards/accounts.html",
        status=status,
        accounts=accounts,
        people=_people_of(accounts),
        me=current_user(),
        may_decide=current_user().role in DECIDERS,
        fund_options=[(fund.code, fund.name) for fund in services.list_funds()],
        layouts=payout_queries.profiles(Purpose.PAYOUT),
        fields=payout_csv.FIELDS,
        delimiters=payout_csv.DELIMITERS,
        usual=usual,
        entered=request.form,
        errors=errors or {},
        layout_errors=layout_errors or {},
        refusal=refusal,
        payout=payout_words,
    )


def _people_of(accounts: list[BankAccount]) -> dict[int, StaffMember]:
    ids = {account.made_by for account in accounts} | {account.confirmed_by for account in accounts}
    return staff_by_ids({number for number in ids if number})

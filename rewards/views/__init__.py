"""The pages of the reward office, one module a subject, under one blueprint."""

from __future__ import annotations

from flask import Blueprint

from rewards.views import (
    account_statements,
    attention,
    bank_accounts,
    bank_statements,
    batches,
    desk,
    exceptions,
    layouts,
    ledger,
    office_reports,
    pay_desk,
    periods,
    policy,
    table_files,
)

blueprint = Blueprint("rewards_office", "rewards", template_folder="templates")
for part in (
    policy,
    attention,
    pay_desk,
    office_reports,
    desk,
    account_statements,
    ledger,
    periods,
    batches,
    bank_accounts,
    bank_statements,
    layouts,
    exceptions,
    table_files,
):
    blueprint.register_blueprint(part.blueprint)

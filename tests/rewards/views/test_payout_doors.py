"""Every address of batches, statements, lines and accounts asks who knocks."""

from __future__ import annotations

import pytest

from tests.builders.payouts import Entry, camt, import_file, open_payouts, released
from tests.builders.reward_office import NOW

BLUEPRINTS = {"batches", "bank_statements", "exceptions", "bank_accounts", "layouts"}
VALUES = {"name": "B-0001", "voucher": "V-00000000", "line_id": 1, "code": "OPS"}


def doors(app):
    for rule in app.url_map.iter_rules():
        if set(rule.endpoint.split(".")) & BLUEPRINTS:
            values = {name: VALUES[name] for name in rule.arguments}
            with app.test_request_context():
                address = app.url_map.bind("localhost").build(rule.endpoint, values)
            for method in sorted(rule.methods & {"GET", "POST"}):
                yield method, address


@pytest.mark.parametrize(
    ("role", "methods"),
    [
        (None, "GET POST"),
        ("officer", "GET POST"),
        ("supervisor", "GET POST"),
        ("admin", "GET POST"),
        ("auditor", "POST"),
    ],
)
def test_nobody_else_gets_in(app, clock, client, sign_in, role, methods):
    clock.now = NOW
    people = open_payouts()
    released(people, 1)
    import_file(camt(Entry(-5)), people.reconciler)
    visitor = sign_in(role) if role else client
    found = [(method, address) for method, address in doors(app) if method in methods.split()]
    assert len(found) > 10
    for method, address in found:
        answer = visitor.open(
            address, method=method, data={"key": "x" * 20, "snapshot": "0" * 64, "reason": "x"}
        )
        refused = answer.status_code in (401, 403) or "/login" in answer.headers.get("Location", "")
        assert refused, (method, address, answer.status_code)

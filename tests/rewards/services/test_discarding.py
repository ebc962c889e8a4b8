"""An import that was read wrongly is thrown away before anything came of it, and the file is read again."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.audit import AuditEvent
from core.db import db, transaction
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from rewards import checks, queries, statement_queries
from rewards.payout_models import BankStatement, DiscardedStatement, StatementException, StatementLine
from rewards.services import accounts_and_layouts, resolving
from rewards.services.discarding import discard_import
from tests.builders.payouts import OPENING, Entry, camt, import_file, open_payouts, released
from tests.builders.reward_office import NOW, new_key

PAID = 106_500
FILE = "Date,Value,Amount,Reference\n2026-03-02,-7.00,-1065.00,{}\n"


@pytest.fixture
def people(app):
    yield open_payouts()
    db.session.rollback()
    assert checks.check().violations == ()


def discard(people, statement, actor=None, **changes):
    values = {"reason": "amount read from the wrong column", "key": new_key(), "now": NOW, **changes}
    with transaction():
        return discard_import(statement=statement, actor=actor or people.maker, **values)


def layout(people, name, amount):
    body = {"day": "Date", "amount": amount, "voucher": "Reference"}
    with transaction():
        accounts_and_layouts.save_layout(
            name=name, purpose="statement", body=body, actor=people.maker, now=NOW
        )


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_a_file_read_with_the_wrong_layout_is_discarded_and_read_again(people):
    _, (voucher,) = released(people, 1)
    layout(people, "Wrong", "Value")
    layout(people, "Right", "Amount")
    file = FILE.format(voucher)
    assert import_file(file, people.reconciler, layout="Wrong").unmatched == 1
    assert import_file(file, people.reconciler, layout="Right").added == 0
    discard(people, "S-0001")
    assert [count(model) for model in (BankStatement, StatementLine, StatementException)] == [0, 0, 0]
    done = import_file(file, people.reconciler, layout="Right")
    assert (done.statements, done.matched) == (("S-0002",), 1)
    assert queries.share_by_ref(voucher).state == "paid"


def test_what_was_discarded_by_whom_and_why_is_kept(people):
    import_file(camt(Entry(-7), Entry(-8)), people.reconciler, file_name="march.xml")
    discard(people, "S-0001")
    ((kept, account),) = statement_queries.discarded_statements()
    assert (kept.number, account, kept.file_name, kept.lines) == (1, "OPS", "march.xml", 2)
    assert (kept.discarded_by, kept.reason) == (people.maker.id, "amount read from the wrong column")
    (event,) = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "statement.discarded"))
    assert event.detail["statements"] == ["S-0001"]
    assert event.detail["file_sha256"] == kept.file_sha256


def test_an_import_stays_once_a_line_was_taken_for_something_even_if_that_was_undone(people):
    _, (voucher,) = released(people, 1)
    import_file(camt(Entry(-PAID, voucher), Entry(-5)), people.reconciler)
    with pytest.raises(Conflict, match="taken for something"):
        discard(people, "S-0001")
    with transaction():
        resolving.undo(line_id=1, reason="x", actor=people.approver, key=new_key(), now=NOW)
    with pytest.raises(Conflict, match="taken for something"):
        discard(people, "S-0001")
    assert count(StatementLine) == 2


def test_only_the_newest_import_of_an_account_is_discarded(people):
    import_file(camt(Entry(-7)), people.reconciler)
    import_file(camt(Entry(-8), opening=OPENING - 7, number=44), people.reconciler)
    with pytest.raises(Conflict, match="S-0002 continues it"):
        discard(people, "S-0001")
    discard(people, "S-0002")
    discard(people, "S-0001")
    assert import_file(camt(Entry(-7)), people.reconciler).statements == ("S-0003",)


def test_every_part_of_a_file_goes_together(people):
    whole = camt(Entry(-7)).replace(
        "</Stmt>",
        "</Stmt>"
        + camt(Entry(-8), opening=OPENING - 7, number=44).split("</GrpHdr>")[1].split("</BkToCstmrStmt>")[0],
    )
    assert import_file(whole, people.reconciler).statements == ("S-0001", "S-0002")
    discard(people, "S-0001")
    assert [count(model) for model in (BankStatement, DiscardedStatement)] == [0, 2]


def test_it_takes_a_reason_a_role_and_a_statement(people):
    import_file(camt(Entry(-7)), people.reconciler)
    with pytest.raises(Invalid):
        discard(people, "S-0001", reason=" ")
    with pytest.raises(NotAllowed):
        discard(people, "S-0001", actor=people.office.officer)
    for name in ("S-0002", "S-1", "x"):
        with pytest.raises(NotFound):
            discard(people, name)

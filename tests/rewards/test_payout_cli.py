"""The commands that write a payout file and read a statement."""

from __future__ import annotations

import hashlib

import pytest

from rewards import checks, queries
from rewards.services import payout_files
from tests.builders.payouts import Entry, camt, claimed_vouchers, make, open_payouts, released


@pytest.fixture
def people(app):
    return open_payouts()


def test_the_file_is_written_as_it_was_sent(people, runner, tmp_path):
    batch, _ = released(people, 1)
    sent = payout_files.payout_file(batch=batch)
    shown = runner.invoke(args=["rewards", "payout-file", batch])
    assert shown.output.encode() == sent.data
    target = tmp_path / "out.xml"
    written = runner.invoke(args=["rewards", "payout-file", batch, "--output", str(target)])
    assert hashlib.sha256(target.read_bytes()).hexdigest() in written.output


def test_there_is_no_file_before_release_and_no_unknown_batch(people, runner):
    batch = make(people, claimed_vouchers(people, 1))
    for name, words in (
        (batch, "not released yet"),
        ("B-9999", "There is no batch"),
        ("B-1", "There is no batch"),
    ):
        done = runner.invoke(args=["rewards", "payout-file", name])
        assert done.exit_code == 1
        assert words in done.output


def test_a_statement_is_imported_once(people, runner, tmp_path):
    _, (voucher,) = released(people, 1)
    file = tmp_path / "march.xml"
    file.write_text(camt(Entry(-106_500, voucher), Entry(-5)))
    command = ["rewards", "statement-import", str(file), "--account", "OPS"]
    assert "S-0001: 2 lines added, 0 known before, 1 matched, 1 wait" in runner.invoke(args=command).output
    assert "S-0001: 0 lines added, 2 known before" in runner.invoke(args=command).output
    assert queries.share_by_ref(voucher).state == "paid"
    assert checks.check().violations == ()


def test_a_file_that_cannot_be_read_is_refused_in_words(people, runner, tmp_path):
    file = tmp_path / "x.csv"
    file.write_text("nothing")
    done = runner.invoke(args=["rewards", "statement-import", str(file), "--account", "OPS"])
    assert (done.exit_code, "neither camt.053 nor MT940" in done.output) == (1, True)
    file.write_bytes(b"<" * 10_000_001)
    done = runner.invoke(args=["rewards", "statement-import", str(file), "--account", "OPS"])
    assert (done.exit_code, "larger than 10 MB" in done.output) == (1, True)

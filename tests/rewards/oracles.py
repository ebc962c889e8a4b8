"""Independent bookkeeping programs that read our exports; a missing one is skipped loudly."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
import warnings
from fractions import Fraction
from pathlib import Path

import pytest

from rewards.money import exponent


class NotAccepted(Exception):
    """A tool refused a file; carries what it said."""


def totals(tool: str, file: Path) -> dict[tuple[str, str], int]:
    """Check a file strictly and return its non-zero totals, in minor units by account and currency."""
    return {"hledger": _hledger, "ledger": _ledger, "beancount": _beancount}[tool](file)


def _hledger(file: Path) -> dict[tuple[str, str], int]:
    _run("hledger", "-f", str(file), "check", "-s", "ordereddates")
    rows = _run("hledger", "-f", str(file), "bal", "--flat", "-E", "-N", "-O", "csv")
    return _read(row for row in list(csv.reader(io.StringIO(rows)))[1:])


def _ledger(file: Path) -> dict[tuple[str, str], int]:
    form = "%(account)\t%(display_total)\n"
    rows = _run(
        "ledger", "-f", str(file), "--pedantic", "bal", "--flat", "--no-total", "--balance-format", form
    )
    return _read(line.split("\t") for line in rows.splitlines())


def _beancount(file: Path) -> dict[tuple[str, str], int]:
    _run(_beside_python("bean-check"), str(file))
    query = "SELECT account, sum(number), currency GROUP BY account, currency"
    rows = _run(_beside_python("bean-query"), "-q", "-f", "csv", str(file), query)
    cells = (row for row in list(csv.reader(io.StringIO(rows)))[1:] if row)
    return _read(
        (account.strip(), f"{number.strip()} {currency.strip()}") for account, number, currency in cells
    )


def _read(rows) -> dict[tuple[str, str], int]:
    found = {}
    for account, amount in rows:
        if amount == "0":  # hledger writes a balance of nothing without its currency
            continue
        number, currency = amount.split()
        minor = Fraction(number.replace(",", "")) * 10 ** exponent(currency)
        assert minor.denominator == 1
        found[account, currency] = int(minor)
    return found


def _beside_python(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _run(program: str, *arguments: str) -> str:
    if shutil.which(program) is None:
        warnings.warn(f"{program} is not installed: its check of the ledger export DID NOT RUN", stacklevel=2)
        pytest.skip(f"{program} is not installed")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode or "rror" in done.stderr:
        raise NotAccepted(done.stderr or done.stdout)
    return done.stdout

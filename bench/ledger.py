"""Time the books: postings by 1, 4 and 16 writers against the bare rows, the verifier, and balances as of a day.

A posting is one `books.post` in a transaction of its own, durably committed. The yardstick writes the same rows
(head, entry, legs, balances) with the bare driver, one transaction each, to tables without triggers or hashes.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from flask import Flask
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app import create_app  # noqa: E402
from bench import ledger_rows  # noqa: E402
from bench.servers import Database, environment, fresh_database  # noqa: E402
from core.config import load_settings  # noqa: E402
from core.db import db, transaction  # noqa: E402
from rewards import asof, books, checks, exporting, ledger, queries, services  # noqa: E402
from rewards.asof import Known  # noqa: E402
from rewards.models import Fund  # noqa: E402

OUT = ROOT / "bench" / "out" / "ledger.json"
ENGINES = ("sqlite", "postgresql")
WRITERS = (1, 4, 16)
ENTRIES = 100_000
CLOSED = "2026-06"
AS_OF = (date(2026, 3, 31), date(2026, 7, 15), date(2026, 12, 31))
BAR_RATIO, BAR_VERIFIER_S, BAR_AS_OF_MS = 0.4, 60.0, 200.0
NOW = datetime(2027, 1, 5, 8, 0, tzinfo=UTC)


def make_app(database: Database) -> Flask:
    """Build the application on a fresh database, migrated."""
    made = create_app(load_settings(environment(database), instance_dir=Path(tempfile.mkdtemp())))
    result = made.test_cli_runner().invoke(args=["db", "upgrade"])
    assert result.exit_code == 0, result.output
    return made


def postings_per_second(app: Flask, write: Callable[[int, int], None], writers: int, seconds: float) -> float:
    """Let as many processes write as fast as they can; return what they committed in a second."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    context = get_context("fork")
    start, answers = context.Barrier(writers), context.Queue()
    processes = [
        context.Process(target=_write, args=(app, write, number, start, answers, seconds))
        for number in range(writers)
    ]
    for process in processes:
        process.start()
    total = sum(answers.get(timeout=seconds + 60) for _ in processes)
    for process in processes:
        process.join()
    return float(total) / seconds


def _write(
    app: Flask, write: Callable[[int, int], None], writer: int, start: Any, answers: Any, seconds: float
) -> None:
    with app.app_context():
        write(writer, 0)
        start.wait()
        end, done = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            try:
                write(writer, done + 1)
            except (OperationalError, sqlite3.OperationalError):
                continue  # SQLite was busy for longer than it waits; a client would ask again
            done += 1
        answers.put(done)
        db.session.remove()
        db.engine.dispose()


def post_one(run: str) -> Callable[[int, int], None]:
    """Return what books one reserve through the product; the fund is known, as it is to the yardstick."""
    known: list[Fund] = []

    def write(writer: int, number: int) -> None:
        if not known:
            known.append(queries.fund_by_code("GEN"))
            db.session.expunge(known[0])
        with transaction():
            books.post(
                ledger.reserve(1, "USD"),
                fund=known[0],
                idem_key=f"{run}:{writer}:{number}",
                actor_id=None,
                now=NOW,
                effective_on=NOW.date(),
            )

    return write


def writers_table(app: Flask, writers: tuple[int, ...], seconds: float) -> list[dict[str, float]]:
    """Measure the product and the yardstick for each number of writers."""
    with app.app_context():
        with transaction():
            services.ensure_fund(code="GEN", currency="USD", now=NOW)
            services.deposit(
                fund="GEN", amount_minor=10**12, source="Treasury", reference="S", actor_id=None,
                key="the first money", now=NOW,
            )  # fmt: skip
        ledger_rows.make_bare_tables()
        address = db.engine.url.render_as_string(hide_password=False)
    found = []
    for number in writers:
        ours = postings_per_second(app, post_one(f"w{number}"), number, seconds)
        bare = postings_per_second(app, ledger_rows.bare_writer(address, f"b{number}"), number, seconds)
        found.append({"writers": number, "ours": ours, "bare": bare, "ratio": ours / bare})
    return found


def large_ledger(app: Flask, entries: int) -> dict[str, Any]:
    """Fill a ledger and time its verifier, its balances and its exports."""
    with app.app_context():
        ledger_rows.fill(entries)
        filled, verify_s = _timed(checks.check)
        assert filled.violations == (), filled.violations[:3]
        open_ms = {str(day): _balance_ms(Known(as_of=day, seq=entries * 9 // 10)) for day in AS_OF}
        _close(CLOSED)
        closed_ms = {str(day): _balance_ms(Known(as_of=day)) for day in AS_OF}
        _, export_s = _timed(lambda: exporting.export(form="hledger"))
        db.session.remove()
        db.engine.dispose()
    return {
        "entries": filled.entries,
        "verifier_s": verify_s,
        "as_of_ms": open_ms,
        "as_of_after_close_ms": closed_ms,
        "export_s": export_s,
    }


def _close(period: str) -> None:
    """Close the months of the first half year, the last of which gives later questions their start."""
    line = next(line for line in services.list_periods(now=NOW) if line.name == period)
    for month in sorted(line.name for line in services.list_periods(now=NOW) if line.name <= period):
        with transaction():
            services.soft_close(period=month, actor=None, key=f"soft {month}", now=NOW)
    assert line.ends_on < NOW.date() - timedelta(days=30)
    ledger_rows.close_softly_closed(NOW)


def _balance_ms(limits: Known) -> float:
    times = []
    for _ in range(3):
        db.session.rollback()
        _, seconds = _timed(lambda: asof.balances(limits))
        times.append(seconds * 1000)
    return min(times)  # whatever else the machine does must not count


def _timed(act: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    return act(), time.perf_counter() - start


def main() -> None:
    """Measure both databases and write the table and the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="two seconds a point and 20,000 entries")
    parser.add_argument("--engine", choices=ENGINES, action="append")
    chosen = parser.parse_args()
    seconds, entries = (2.0, 20_000) if chosen.short else (5.0, ENTRIES)
    figures: dict[str, Any] = {"cores": os.cpu_count(), "seconds": seconds, "engines": {}}
    for engine in chosen.engine or ENGINES:
        with fresh_database(engine) as database:
            written = writers_table(make_app(database), WRITERS, seconds)
            durable = database.durable
        with fresh_database(engine) as database:
            large = large_ledger(make_app(database), entries)
        figures["engines"][engine] = {"durable": durable, "writers": written, **large}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    _show(figures)


def _show(figures: dict[str, Any]) -> None:
    table = Table(title="The books")
    for name in ("database", "what", "ours", "bare", "ratio or bar"):
        table.add_column(name, justify="left" if name in ("database", "what") else "right")
    for engine, found in figures["engines"].items():
        for row in found["writers"]:
            what = f"postings/s, {row['writers']} writers"
            bar = f"{row['ratio']:.2f} (bar {BAR_RATIO})"
            table.add_row(engine, what, f"{row['ours']:.0f}", f"{row['bare']:.0f}", bar)
        what = f"verifier, {found['entries']:,} entries"
        table.add_row(engine, what, f"{found['verifier_s']:.1f} s", "", f"bar {BAR_VERIFIER_S:.0f} s")
        for name in ("as_of_ms", "as_of_after_close_ms"):
            for day, spent in found[name].items():
                what = f"balances as of {day}{', June closed' if 'close' in name else ''}"
                table.add_row(engine, what, f"{spent:.0f} ms", "", f"bar {BAR_AS_OF_MS:.0f} ms")
        table.add_row(engine, "journal export", f"{found['export_s']:.1f} s", "", "")
    Console().print(table)


if __name__ == "__main__":
    main()

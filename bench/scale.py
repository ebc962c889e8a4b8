"""Time the matcher's look-up and scoring against ten thousand to ten million tips on SQLite and PostgreSQL.

One database an engine is migrated by the product and grows from size to size; what is timed is the product's own `match`, as
intake calls it. Probes are tips drawn like the others that arrive at the pace of the newest there are, in order; each is
matched once, in a transaction of its own. The smallest size is kept and measured again in turns with each larger one, so
that both see the same unrest of the machine; ratios are of those two. Cold figures come first: files dropped from the
system's cache, new connections, nothing remembered (PostgreSQL keeps what it holds itself).
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app import create_app  # noqa: E402
from bench import corpora, servers  # noqa: E402
from bench.pipeline import read_real  # noqa: E402
from bench.scale_fill import AT_A_TIME, Filler, PostgresFiller, SqliteFiller, Stock  # noqa: E402
from bench.scale_history import Drawn, draw, footprint_json, place_all, sender_keys, sender_names  # noqa: E402
from core.config import load_settings  # noqa: E402
from core.db import db, execute  # noqa: E402
from tips import queries, services  # noqa: E402
from tips.matching.decision import decide  # noqa: E402
from tips.matching.footprint import Footprint  # noqa: E402
from tips.matching.keys import KeyRead, lookup_plan  # noqa: E402

OUT = ROOT / "bench" / "out" / "scale.json"
SIZES = "10k,100k,1m,10m"
UNITS = {"k": 1_000, "m": 1_000_000}
COLD, TURN = 60, 50  # probes first of all, and at a stretch
# as many probes as are timed come so often before: half a busy day, so that what it asks for lies in memory
WARM_ROUNDS = 20
OF_KNOWN = 0.5  # share of probes that are one more tip of an incident that is there
BARS = {"p50": 1.5, "p99": 3.0}


@dataclass(frozen=True)
class Probe:
    """What one match took: seconds, those on a processor, index rows, candidates, and how many of these were parsed."""

    whole: float
    busy: float
    scoring: float
    rows: int
    candidates: int
    parsed: int


class Subject:
    """A database of one size with what a process that serves it remembers."""

    def __init__(self, url: str, environment: dict[str, str], folder: Path) -> None:
        self._app = create_app(load_settings(environment | {"DATABASE_URL": url}, instance_dir=folder))
        logging.getLogger().setLevel(logging.WARNING)
        self._secret = self._app.extensions["vault"].derive(services.KEY_PURPOSE)
        self._remembered = lru_cache(services.REMEMBERED)(services._footprint.__wrapped__)
        self._probes: Iterator[Footprint] = iter(())

    def expect(self, probes: Sequence[Footprint]) -> None:
        """Take these as the next probes."""
        self._probes = iter(probes)

    def matched(self, count: int) -> list[Probe]:
        """Match the next probes."""
        with self._app.app_context(), patch.object(services, "_footprint", self._remembered):
            return [self._match(tip) for tip in islice(self._probes, count)]

    def forget(self) -> None:
        """Let go of connections and of what is remembered."""
        self._remembered.cache_clear()
        with self._app.app_context():
            db.session.remove()
            db.engine.dispose()

    def _match(self, tip: Footprint) -> Probe:
        plan = lookup_plan(tip, secret=self._secret)
        scoring: list[float] = []

        def timed(*args: Any, **kwargs: Any) -> Any:
            begun = time.perf_counter()
            made = decide(*args, **kwargs)
            scoring[:] = [time.perf_counter() - begun, len(args[1])]
            return made

        db.session.rollback()
        execute(sa.text("SELECT 1"))
        parsed = self._remembered.cache_info().misses
        backend = _backend()
        with patch.object(services, "decide", timed):
            before = _busy(backend)
            start = time.perf_counter()
            services.match(tip, secret=self._secret, found={})
            whole = time.perf_counter() - start
            busy = _busy(backend) - before
        parsed = self._remembered.cache_info().misses - parsed
        db.session.rollback()
        return Probe(whole, busy, scoring[0], _rows_read(plan, tip.received_at), int(scoring[1]), parsed)


def _backend() -> Path | None:
    """Return where the system tells of the server process of this connection; SQLite has none."""
    if db.engine.dialect.name == "sqlite":
        return None
    return Path(f"/proc/{execute(sa.text('SELECT pg_backend_pid()')).scalar_one()}/schedstat")


def _busy(backend: Path | None) -> float:
    """Return the seconds that this thread and the server's process have spent on a processor."""
    server = int(backend.read_text().split()[0]) / 1e9 if backend else 0.0
    return time.thread_time() + server


def _rows_read(plan: Sequence[KeyRead], at: int) -> int:
    """Count the rows that a look-up takes from the index, apart from it."""
    statement, parameters = queries.hits_statement(plan, at=at, count_only=True)
    return int(execute(statement, parameters).scalar_one())


def probes_of(stock: Stock, drawn: Drawn, count: int, dice: np.random.Generator) -> list[Footprint]:
    """Draw tips that arrive when the newest did, in their order: half tell more of the same incidents."""
    told = np.arange(len(drawn.ids) - count, len(drawn.ids))
    others = dice.integers(len(drawn.ids), size=count)
    known = dice.random(count) < OF_KNOWN
    columns = {
        field.name: getattr(drawn, field.name)[np.where(known, told, others)] for field in fields(Drawn)
    }
    columns["at"] = drawn.at[told]
    columns["senders"] = drawn.senders[others]
    columns["exact"] = drawn.exact[others]
    told_again = Drawn(**columns)
    return [Footprint.from_json(text) for text in footprint_json(stock.placed, stock.names, told_again)]


def rounds_of(
    stock: Stock, drawn: Drawn, count: int, dice: np.random.Generator, first: int = 0
) -> list[Footprint]:
    """Draw the probes of all rounds; each round comes at the pace of the same newest tips."""
    sizes = (first, *(count,) * WARM_ROUNDS, count + TURN)
    return [probe for size in sizes for probe in probes_of(stock, drawn, size, dice)]


def measure(subject: Subject, smallest: Subject | None, count: int, files: Path) -> dict[str, Any]:
    """Match probes against a database, in turns with the smallest one; return the figures of both."""
    gc.collect()
    gc.freeze()
    subject.matched(1)  # weights are read, statements compiled
    subject.forget()
    _drop_from_cache(files)
    cold = subject.matched(COLD)
    subject.matched(WARM_ROUNDS * count)
    if smallest is not None:
        smallest.matched(WARM_ROUNDS * count)
    warm: list[Probe] = []
    beside: list[Probe] = []
    while len(warm) < count:
        warm += subject.matched(TURN)
        beside += smallest.matched(TURN) if smallest is not None else []
    return {"warm": _figures(warm), "cold": _figures(cold), "smallest": _figures(beside or warm)}


def _drop_from_cache(folder: Path) -> None:
    """Ask the system to forget the files' pages."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fdatasync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _figures(probes: Sequence[Probe]) -> dict[str, float]:
    columns = {name: np.array([getattr(probe, name) for probe in probes]) for name in asdict(probes[0])}
    made = {
        f"{name} p{share}": float(np.percentile(columns[name], share) * 1e3)
        for name in ("whole", "busy", "scoring")
        for share in (50, 95, 99)
    }
    made |= {f"{name} mean": float(columns[name].mean()) for name in ("rows", "candidates", "parsed")}
    made |= {f"{name} max": float(columns[name].max()) for name in ("rows", "candidates", "parsed")}
    return {name: round(value, 3) for name, value in made.items()}


def run(engine: str, sizes: Sequence[int], count: int, console: Console) -> list[dict[str, Any]]:
    """Grow one database from size to size and measure at each."""
    results: list[dict[str, Any]] = []
    with servers.fresh_database(engine) as database:
        environment = servers.environment(database)
        secret = _migrate(environment, database.folder)
        stock = _stock(secret)
        filler: Filler = (
            SqliteFiller(database.folder / "waypost.db")
            if engine == "sqlite"
            else PostgresFiller(database.url)
        )
        kept: tuple[Drawn, Subject] | None = None
        there = first_case = 0
        for size in sizes:
            start = time.perf_counter()
            dice = np.random.default_rng(size)
            while there < size:
                stop = min(size, there + AT_A_TIME)
                drawn = draw(stock.placed, there, stop, first_case=first_case, dice=dice)
                filler.add(stock, drawn, is_last=stop == size)
                there, first_case = stop, int(drawn.cases.max()) + 1
            filler.settle()
            filled = time.perf_counter() - start
            subject = Subject(database.url, environment, database.folder)
            subject.expect(rounds_of(stock, drawn, count, dice, first=1 + COLD))
            smallest = kept[1] if kept else None
            if kept is not None:
                kept[1].expect(rounds_of(stock, kept[0], count, dice))
            result = {"engine": engine, "tips": size, "bytes": filler.size(), "fill_s": round(filled, 1)}
            result |= measure(subject, smallest, count, database.folder)
            subject.forget()
            result["measure_s"] = round(time.perf_counter() - start - filled, 1)
            result["load"] = os.getloadavg()[0]
            results.append(result)
            console.print(_line(result))
            if kept is None:
                kept = drawn, Subject(filler.copy(), environment, database.folder)
    return results


def _migrate(environment: dict[str, str], folder: Path) -> bytes:
    app = create_app(load_settings(environment, instance_dir=folder))
    logging.getLogger().setLevel(logging.WARNING)
    migrated = app.test_cli_runner().invoke(args=["db", "upgrade"])
    if migrated.exit_code:
        sys.exit(f"The database was not migrated:\n{migrated.output}")
    with app.app_context():
        db.engine.dispose()
    secret: bytes = app.extensions["vault"].derive(services.KEY_PURPOSE)
    return secret


def _stock(secret: bytes) -> Stock:
    intakes = [one for corpus in corpora.load_all() for one in read_real(corpus)]
    names = sender_names()
    placed = place_all(intakes, secret=secret, dice=np.random.default_rng(1))
    return Stock(placed, names, sender_keys(names, secret=secret))


def _line(result: dict[str, Any]) -> str:
    warm, cold, beside = result["warm"], result["cold"], result["smallest"]
    return (
        f"{result['engine']} {result['tips']:,}: p50 {warm['whole p50']:.2f} p95 {warm['whole p95']:.2f} p99 "
        f"{warm['whole p99']:.2f} ms, on a processor {warm['busy p50']:.2f} / {warm['busy p99']:.2f}, scoring "
        f"{warm['scoring p50']:.2f}; the smallest in turns {beside['whole p50']:.2f} / {beside['whole p99']:.2f}, on a "
        f"processor {beside['busy p50']:.2f} / {beside['busy p99']:.2f}, scoring {beside['scoring p50']:.2f}; "
        f"{warm['rows mean']:.0f} rows, at most {warm['rows max']:.0f}, {warm['candidates mean']:.0f} candidates, "
        f"{warm['parsed mean']:.0f} parsed; cold p50 {cold['whole p50']:.1f} ms; filled in {result['fill_s']:.0f} s, "
        f"{result['bytes'] / 2**20:,.0f} MiB, load {result['load']:.1f}"
    )


def show(console: Console, results: Sequence[dict[str, Any]]) -> bool:
    """Print what was measured, each figure against the smallest size's of the same minutes; say whether the bars are met."""
    times = Table(
        title="Look-up and scoring of one tip, milliseconds", caption="×: against the smallest size, in turns"
    )
    for name in ("on", "tips", "p50", "p95", "p99", "× p50", "× p99", "CPU p50", "CPU p99", "× p50", "× p99"):
        times.add_column(name, justify="left" if name == "on" else "right", no_wrap=True)
    reads = Table(title="What it reads")
    for name in (
        "on",
        "tips",
        "rows",
        "most",
        "candidates",
        "parsed",
        "cold p50",
        "cold p99",
        "GiB",
        "filled in s",
    ):
        reads.add_column(name, justify="left" if name == "on" else "right", no_wrap=True)
    for result in results:
        warm, cold = result["warm"], result["cold"]
        head = (result["engine"], f"{result['tips']:,}")
        times.add_row(
            *head, *(f"{warm[f'whole p{share}']:.2f}" for share in (50, 95, 99)), *_against(result, "whole"),
            *(f"{warm[f'busy {share}']:.2f}" for share in BARS), *_against(result, "busy"),
        )  # fmt: skip
        reads.add_row(
            *head, f"{warm['rows mean']:.0f}", f"{warm['rows max']:.0f}", f"{warm['candidates mean']:.0f}",
            f"{warm['parsed mean']:.0f}", f"{cold['whole p50']:.1f}", f"{cold['whole p99']:.1f}",
            f"{result['bytes'] / 2**30:.2f}", f"{result['fill_s']:.0f}",
        )  # fmt: skip
    console.print(times)
    console.print(reads)
    met = all(_ratio(result, "whole", share) <= bar for result in results for share, bar in BARS.items())
    bars = ", ".join(f"{share} ≤ {bar}×" for share, bar in BARS.items())
    console.print(
        f"Bars for every size against the smallest, by the clock on the wall: {bars}: {'met' if met else 'not met'}"
    )
    return met


def _ratio(result: dict[str, Any], what: str, share: str) -> float:
    return float(result["warm"][f"{what} {share}"] / result["smallest"][f"{what} {share}"])


def _against(result: dict[str, Any], what: str) -> list[str]:
    return [f"{_ratio(result, what, share):.2f}" for share in BARS]


def _number(text: str) -> int:
    text = text.strip().lower()
    return int(float(text[:-1]) * UNITS[text[-1]]) if text[-1] in UNITS else int(text)


def main() -> int:
    """Measure, print, write the figures; fail where the curve is not flat."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=SIZES, help="tips, growing: such as 10k,1m")
    parser.add_argument("--engine", default="sqlite,postgresql")
    parser.add_argument("--probes", type=int, default=1_000, help="tips matched at each size")
    options = parser.parse_args()
    console = Console()
    sizes = sorted(_number(text) for text in options.sizes.split(","))
    results: list[dict[str, Any]] = []
    for engine in options.engine.split(","):
        results += run(engine, sizes, options.probes, console)
    met = show(console, results)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({"options": vars(options), "results": results}, indent=1) + "\n", "utf-8")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())

"""Time what one tip costs in process: recognise, locate, read, and match with the look-up of candidates.

Every labelled tip goes through the product's own service, in order of arrival, into a database that already holds weeks of
tips of the same streets. The parts are timed where the service calls them; storing is shown beside and is not in the bar.
Then the readers alone are given long texts and the worst that 10,000 characters can do.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app import create_app  # noqa: E402
from bench import corpora, hostile, servers  # noqa: E402
from bench.pipeline import gazetteer_of  # noqa: E402
from bench.traffic import Texts  # noqa: E402
from core.config import load_settings  # noqa: E402
from core.db import transaction  # noqa: E402
from tips import places_setup, services, understanding, warmup  # noqa: E402
from tips.inbound import DeviceFix, InboundTip, clean_text  # noqa: E402
from tips.understanding import Town  # noqa: E402

OUT = ROOT / "bench" / "out" / "step.json"
HISTORY_DAYS = 21
HISTORY_BATCH = 100
PARTS = ("recognise", "locate", "read", "footprint", "look-up", "decide")
WHOLE, STORED = "whole step", "with storing"
BAR_P50_MS, BAR_P99_MS = 4.0, 15.0
LONG_CHARS, BAR_LONG_READ_MS = 1_600, 1.5
BAR_HOSTILE_MS = 100.0
Times = dict[str, list[float]]


class Stopwatch:
    """Adds up the milliseconds that one tip spends in each part."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the same function, timed."""

        def timed(*args: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return call(*args, **named)
            finally:
                self.spent[name] = self.spent.get(name, 0.0) + (time.perf_counter() - began) * 1e3

        return timed

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Time the parts where the service calls them."""
        calls = (
            (understanding, "recognise", "recognise"), (understanding, "locate", "locate"), (understanding, "read", "read"),
            (services, "build_footprint", "footprint"), (services, "match", "match"), (services, "decide", "decide"),
        )  # fmt: skip
        with ExitStack() as stack:
            for module, name, part in calls:
                stack.enter_context(patch.object(module, name, self.around(part, getattr(module, name))))
            yield

    def lap(self) -> dict[str, float]:
        """Return the parts of one tip and begin anew; a tip that was noise was not compared."""
        spent, self.spent = self.spent, {}
        parts = {name: spent[name] for name in ("recognise", "locate", "read", "footprint")}
        if "match" in spent:
            parts["decide"] = spent.get("decide", 0.0)
            parts["look-up"] = spent["match"] - parts["decide"]
        return parts | {WHOLE: sum(parts.values())}


def measure(
    town: corpora.Corpus, others: list[corpora.Corpus], name: str, history: int
) -> list[dict[str, float]]:
    """Replay one town into a busy database; return the milliseconds of each tip by part."""
    with servers.fresh_database(name) as database:
        settings = load_settings(servers.environment(database), instance_dir=database.folder)
        app = create_app(settings)
        logging.getLogger().setLevel(logging.WARNING)
        migrated = app.test_cli_runner().invoke(args=["db", "upgrade"])
        if migrated.exit_code:
            sys.exit(f"The database was not migrated:\n{migrated.output}")
        vault = app.extensions["vault"]
        with app.app_context():
            first = town.tips[0]["at"].astimezone(UTC)
            with transaction():
                places_setup.load_folder(corpora.FOLDER / town.name, now=first)
            warmup.warm_up(app)
            _fill(Texts(town, others, seed=3), until=first, tips=history, vault=vault)
            return [_timed(tip, vault) for tip in town.tips]


def _fill(texts: Texts, *, until: datetime, tips: int, vault: Any) -> None:
    step = timedelta(days=HISTORY_DAYS) / max(1, tips)
    for start in range(0, tips, HISTORY_BATCH):
        with transaction():
            for number in range(start, min(start + HISTORY_BATCH, tips)):
                at = until - timedelta(days=HISTORY_DAYS) + number * step
                text = clean_text(texts.text())
                inbound = InboundTip(f"history:{number}", "sms", text, texts.sender(), received_at=at)
                services.receive(inbound, vault=vault, now=at)


def _timed(tip: corpora.Row, vault: Any) -> dict[str, float]:
    device = None if tip["lat"] is None else DeviceFix(tip["lat"], tip["lon"], tip["accuracy_m"])
    at = tip["at"].astimezone(UTC)
    inbound = InboundTip(
        f"replay:{tip['id']}", tip["channel"], clean_text(tip["text"]), tip["from"], device, at
    )
    watch = Stopwatch()
    with watch.watching():
        began = time.perf_counter()
        with transaction():
            services.receive(inbound, vault=vault, now=at)
        stored = (time.perf_counter() - began) * 1e3
    return watch.lap() | {STORED: stored}


def percentiles(tips: list[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Return p50, p95 and p99 of each part, in milliseconds."""
    figures = {}
    for part in (*PARTS, WHOLE, STORED):
        times = sorted(tip[part] for tip in tips if part in tip)
        figures[part] = {
            f"p{share}": round(times[min(len(times) - 1, len(times) * share // 100)], 3)
            for share in (50, 95, 99)
        }
    return figures


def long_texts(towns: list[corpora.Corpus], known: list[Town]) -> dict[str, dict[str, float]]:
    """Time the readers on texts of 1,600 characters, put together from tips of the same town."""
    times: list[dict[str, float]] = []
    for town, there in zip(towns, known, strict=True):
        texts = [tip["text"] for tip in town.tips]
        for start in range(0, len(texts), 3):
            text = " ".join(texts[start:] + texts[:start])[:LONG_CHARS]
            times.append(hostile.milliseconds(text, there))
    shares = {"p50": 50, "p99": 99}
    return {
        part: {
            name: round(sorted(one[part] for one in times)[len(times) * share // 100], 3)
            for name, share in shares.items()
        }
        for part in times[0]
    }


def _town(town: corpora.Corpus) -> Town:
    settings = town.deployment
    return Town(
        tuple(settings["country_codes"]),
        tuple(settings["languages"]),
        settings["timezone"],
        gazetteer_of(town),
    )


def show(console: Console, results: Mapping[str, Any]) -> None:
    """Print the tables."""
    table = Table(title="One tip in process, milliseconds")
    table.add_column("part")
    for name in results["databases"]:
        for share in ("p50", "p95", "p99"):
            table.add_column(f"{name} {share}", justify="right", no_wrap=True)
    for part in (*PARTS, WHOLE, STORED):
        rows = (figures[part] for figures in results["databases"].values())
        table.add_row(part, *(f"{row[share]:.2f}" for row in rows for share in ("p50", "p95", "p99")))
    console.print(table)
    table = Table(
        title=f"Readers alone: {LONG_CHARS:,} characters of tips, and the worst {hostile.LONGEST:,}; CPU milliseconds"
    )
    for name in ("reader", "p50", "p99", "worst", "of"):
        table.add_column(name, justify="left" if name in ("reader", "of") else "right")
    for part, figures in results["long"].items():
        worst = max(results["hostile"], key=lambda name: results["hostile"][name][part])
        cells = (
            f"{figures['p50']:.2f}",
            f"{figures['p99']:.2f}",
            f"{results['hostile'][worst][part]:.1f}",
            worst,
        )
        table.add_row(part, *cells)
    console.print(table)


def missed(results: Mapping[str, Any]) -> list[str]:
    """Name the bars that were not met."""
    found = []
    for name, figures in results["databases"].items():
        if figures[WHOLE]["p50"] > BAR_P50_MS or figures[WHOLE]["p99"] > BAR_P99_MS:
            found.append(f"{name}: {BAR_P50_MS:.0f} and {BAR_P99_MS:.0f} ms for the whole step")
    if results["long"]["read"]["p50"] > BAR_LONG_READ_MS:
        found.append(f"{BAR_LONG_READ_MS} ms to read {LONG_CHARS} characters")
    slow = [name for name, parts in results["hostile"].items() if max(parts.values()) > BAR_HOSTILE_MS]
    return [*found, *(f"{BAR_HOSTILE_MS:.0f} ms for {name}" for name in slow)]


def main() -> int:
    """Measure, print, write the figures; fail where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=int, default=800, help="tips that are there before")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--towns", default="", help="names of some towns; all of them where none is given")
    options = parser.parse_args()
    wanted, console = options.towns.split(",") if options.towns else None, Console()
    towns = [town for town in corpora.load_all() if wanted is None or town.name in wanted]
    results: dict[str, Any] = {"history": options.history, "databases": {}}
    for name in filter(None, options.databases.split(",")):
        tips: list[Mapping[str, float]] = []
        for town in towns:
            with console.status(f"{name}: {town.name} behind {options.history} tips"):
                tips += measure(town, [other for other in towns if other is not town], name, options.history)
        results["databases"][name] = percentiles(tips)
    with console.status("long and hostile texts"):
        known = [_town(town) for town in towns]
        for town, there in zip(towns, known, strict=True):
            for tip in town.tips:
                hostile.milliseconds(tip["text"], there)
        gc.collect()
        gc.freeze()  # as a server does once it is warm
        results["long"] = long_texts(towns, known)
        results["hostile"] = {name: hostile.slowest(text, known) for name, text in hostile.texts().items()}
    show(console, results)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    misses = missed(results)
    console.print("bars met" if not misses else f"[red]missed: {'; '.join(misses)}[/]")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())

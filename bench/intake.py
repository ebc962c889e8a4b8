"""Time the whole intake: a signed webhook is stored, placed, matched, filed and answered.

Beside it, on the same server and database and in the same run, a bare Flask route with one durable ORM INSERT: rates of one
machine say little to another, the ratio does. Every message that was answered 200 is looked up afterwards.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app import create_app  # noqa: E402
from bench import corpora, load, servers  # noqa: E402
from bench.traffic import Texts, Webhook, webhooks  # noqa: E402
from core.clock import utcnow  # noqa: E402
from core.config import load_settings  # noqa: E402
from core.db import transaction  # noqa: E402
from tips import messages, places_setup  # noqa: E402
from tips.inbound import InboundTip, clean_text  # noqa: E402

OUT = ROOT / "bench" / "out" / "intake.json"
TOWN = "maesot"
HISTORY_DAYS = 45
HISTORY_BATCH = 100
WARM_SECONDS = 1.5
MOST_A_SECOND = 1_500  # requests signed ahead for each second of a run
INTAKE, BARE = "/sms/inbound", "/bare"
COLUMNS = ("tips/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "CPU ms", "database")


def make_history(database: servers.Database, environment: dict[str, str], texts: Texts, tips: int) -> None:
    """Migrate, load the town and take in some weeks of tips, many to a commit."""
    settings = load_settings(environment, instance_dir=database.folder)
    app = create_app(settings)
    logging.getLogger().setLevel(logging.WARNING)
    migrated = app.test_cli_runner().invoke(args=["db", "upgrade"])
    if migrated.exit_code:
        sys.exit(f"The database was not migrated:\n{migrated.output}")
    now = utcnow()
    step = timedelta(days=HISTORY_DAYS) / max(1, tips)
    with app.app_context():
        with transaction():
            places_setup.load_folder(corpora.FOLDER / TOWN, now=now)
        for start in range(0, tips, HISTORY_BATCH):
            with transaction():
                for number in range(start, min(start + HISTORY_BATCH, tips)):
                    at = now - timedelta(days=HISTORY_DAYS) + number * step
                    inbound = InboundTip(
                        f"history:{number}",
                        "sms",
                        clean_text(texts.text()),
                        sender=texts.sender(),
                        received_at=at,
                    )
                    messages.answer(inbound, messages.Prepared(), vault=app.extensions["vault"], now=at)


def measure(
    name: str,
    database: servers.Database,
    options: argparse.Namespace,
    environment: dict[str, str],
    texts: Texts,
) -> dict[str, Any]:
    """Run the bare route, the product, and the bare route again; return figures of both and their ratio."""
    log = database.folder / "server.log"
    product_command, bare_command = ["-m", "flask", "serve"], ["-m", "bench.bare"]
    with (
        servers.serving(product_command, environment, log=log) as product,
        servers.serving(bare_command, environment, log=log) as bare,
    ):
        sent: list[load.Result] = []
        halves = []
        for server, path, seconds in (
            (bare, BARE, options.seconds / 3),
            (product, INTAKE, options.seconds),
            (bare, BARE, options.seconds / 3),
        ):
            warmed = _run(server, path, texts, WARM_SECONDS, options.connections)
            before = _cpu(server, database)
            result = _run(server, path, texts, seconds, options.connections)
            spent = [after - earlier for after, earlier in zip(_cpu(server, database), before, strict=True)]
            halves.append(_figures(result, *spent))
            if path == INTAKE:
                sent = [warmed, result]
    figures, yardstick = halves[1], {key: (halves[0][key] + halves[2][key]) / 2 for key in halves[0]}
    return {
        "database": name,
        "durable": database.durable,
        "intake": figures,
        "bare": yardstick,
        "ratio": figures["tips/s"] / yardstick["tips/s"] if yardstick["tips/s"] else 0.0,
        **check(database, sent),
    }


def check(database: servers.Database, sent: list[load.Result]) -> dict[str, Any]:
    """Look up every acknowledged message: stored once as message and as tip, filed once unless it is noise."""
    acknowledged = [sid for result in sent for sid in result.acknowledged]
    engine = sa.create_engine(database.url)
    with engine.connect() as connection:
        kept = Counter(connection.scalars(sa.text("SELECT source_key FROM messages WHERE direction = 'in'")))
        rows = connection.execute(
            sa.text(
                "SELECT t.source_key, t.is_noise, count(l.id) FROM tips t LEFT JOIN case_tips l ON l.tip_id = t.id "
                "AND l.detached_at IS NULL GROUP BY t.id, t.source_key, t.is_noise"
            )
        ).all()
    engine.dispose()
    filed = Counter(key for key, noise, links in rows if links == (0 if noise else 1))
    wrong = [sid for sid in acknowledged if kept[f"sms:{sid}"] != 1 or filed[f"sms:{sid}"] != 1]
    statuses: Counter[int] = sum((result.statuses for result in sent), Counter())
    return {
        "acknowledged": len(acknowledged),
        "not_stored_once": len(wrong),
        "refused": sum(count for status, count in statuses.items() if status != 200),
        "broken": sum(result.broken for result in sent),
        "cases_share": round(len(rows) and sum(1 for _, noise, _n in rows if not noise) / len(rows), 3),
    }


def _run(server: servers.Server, path: str, texts: Texts, seconds: float, connections: int) -> load.Result:
    made: Iterator[Webhook] = webhooks(
        texts,
        url=servers.PUBLIC_URL + path,
        path=path,
        host=servers.PUBLIC_URL.split("://")[1],
        token=servers.TOKEN,
    )
    ready = list(islice(made, int(seconds * MOST_A_SECOND)))
    return load.run(iter(ready), port=server.port, connections=connections, seconds=seconds)


def _cpu(server: servers.Server, database: servers.Database) -> tuple[float, float]:
    return servers.cpu_seconds(server.process.pid), servers.cpu_seconds(database.pid)


def _figures(result: load.Result, server_cpu: float, database_cpu: float) -> dict[str, float]:
    count = max(1, len(result.acknowledged))
    values = (
        result.rate,
        *(result.percentile_ms(share) for share in (0.50, 0.95, 0.99, 1.0)),
        (server_cpu + database_cpu) / count * 1e3,
        database_cpu / count * 1e3,
    )
    return {name: round(value, 3) for name, value in zip(COLUMNS, values, strict=True)}


def show(console: Console, results: list[dict[str, Any]]) -> None:
    """Print one table."""
    table = Table(
        title="Intake: signed webhook to answer, and a bare durable INSERT",
        caption="CPU ms: of server and database together, a request; database: its part",
    )
    for name in ("on", "route", *COLUMNS, "ratio"):
        table.add_column(name, justify="left" if name in {"on", "route"} else "right", no_wrap=True)
    for result in results:
        for route in ("intake", "bare"):
            cells = [f"{result[route][name]:,.1f}" for name in COLUMNS]
            ratio = f"{result['ratio']:.2f}" if route == "intake" else "1"
            table.add_row(result["database"], route, *cells, ratio)
    console.print(table)
    for result in results:
        console.print(
            f"{result['database']} ({result['durable']}): {result['acknowledged']} answered 200, "
            f"{result['not_stored_once']} of them not stored and filed once, {result['refused']} refused, "
            f"{result['broken']} connections broken"
        )


def main() -> int:
    """Measure, print, write the figures; fail where an answered message is not stored once or anything was refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=12.0, help="length of the intake run on each database"
    )
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--history", type=int, default=3_000, help="tips that are there before")
    parser.add_argument("--databases", default="sqlite,postgresql")
    options = parser.parse_args()
    towns = {town.name: town for town in corpora.load_all()}
    own = towns.pop(TOWN)
    console = Console()
    results = []
    for name in options.databases.split(","):
        with servers.fresh_database(name) as database:
            environment = servers.environment(database)
            texts = Texts(own, list(towns.values()), seed=2)
            with console.status(f"{name}: {options.history} tips of history"):
                make_history(database, environment, texts, options.history)
            with console.status(f"{name}: measuring"):
                results.append(measure(name, database, options, environment, texts))
    show(console, results)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({"options": vars(options), "results": results}, indent=1) + "\n", "utf-8")
    return 0 if not any(r["not_stored_once"] or r["refused"] or r["broken"] for r in results) else 1


if __name__ == "__main__":
    sys.exit(main())

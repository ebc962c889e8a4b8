"""`flask serve` and `flask up`: the production server, alone or together with the worker."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from types import FrameType

import click
from flask.cli import with_appcontext
from granian.constants import Interfaces
from granian.server import MPServer

from core.config import Settings
from core.web import settings

# SQLite has one writer: further processes would only queue at its busy handler, which is unfair.
THREADS_ON_SQLITE = 2
THREADS_ON_POSTGRES = 2
APPLICATION = "app:create_warm_app"
BACKLOG = 1024
STOP_SECONDS = 15
PR_SET_PDEATHSIG = 1  # prctl(2)


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Serve the product; TLS and compression are the reverse proxy's."""
    make_server(settings()).serve()


@click.command("up")
@with_appcontext
def up() -> None:
    """Run server and worker together until Ctrl-C."""
    click.echo(
        f"\nWaypost is at http://{settings().host}:{settings().port}  (officers: /login). Ctrl-C stops it.\n"
    )
    sys.exit(run_together([["serve"], ["worker"]]))


def make_server(settings: Settings, *, application: str = APPLICATION) -> MPServer:
    """Build the server that fits the database; `application` names another factory, as benchmarks do."""
    workers = 1 if settings.uses_sqlite else settings.workers or os.cpu_count() or 1
    return MPServer(
        application,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS_ON_SQLITE if settings.uses_sqlite else THREADS_ON_POSTGRES,
        backlog=BACKLOG,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )


def die_with_parent() -> None:
    """Ask Linux to stop this process when the server that started it is killed, so that no writer is left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def run_together(commands: list[list[str]]) -> int:
    """Run commands of this product side by side; when one ends, stop the others and return its exit code."""
    children = [subprocess.Popen([sys.executable, "-m", "flask", *command]) for command in commands]

    def stop(_number: int, _frame: FrameType | None) -> None:
        for child in children:
            child.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    while all(child.poll() is None for child in children):
        time.sleep(0.2)
    code = next(child.returncode for child in children if child.returncode is not None)
    stop(signal.SIGTERM, None)
    for child in children:
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
    return 0 if code in {0, -signal.SIGINT, -signal.SIGTERM} else code

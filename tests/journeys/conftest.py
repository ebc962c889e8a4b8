"""A real server and a real browser."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from core.config import ROOT
from tests.builders.accounts import PASSWORD
from tests.conftest import test_environment
from tests.engines import TestDatabases

SCREENS = Path(__file__).parent.parent / "out" / "screens"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
START_SECONDS = 60


@dataclass(frozen=True)
class Site:
    """The product as it runs."""

    url: str
    engine: str

    def shot(self, page: Page, name: str, *, full: bool = False) -> None:
        """Keep a picture of a page among the build's artefacts."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENS / f"{self.engine}-{name}.png", full_page=full)


@pytest.fixture
def site(app: Flask, databases: TestDatabases, tmp_path: Path) -> Iterator[Site]:
    """Start server and worker on the test's database."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | test_environment(databases.url)
    environment |= {"PORT": str(port), "PUBLIC_URL": url}
    with (tmp_path / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "flask", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _wait(url, server, tmp_path / "server.log")
            yield Site(url, app.extensions["settings"].database_url.split(":")[0].split("+")[0])
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Open Chromium; without one the journeys are skipped loudly, or fail where a browser is required."""
    if CHROMIUM is None:
        message = "NO CHROMIUM WAS FOUND: the journeys in a browser did not run"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a fresh browser window, signed in where a member of staff is given."""
    contexts, complaints = [], []

    def visit(email: str | None = None, *, viewport: dict[str, int] = WIDE, scripts: bool = True) -> Page:
        context = browser.new_context(viewport=viewport, java_script_enabled=scripts, base_url=site.url)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: _complain(complaints, message))
        if email is not None:
            page.goto("/login")
            page.fill("[name=email]", email)
            page.fill("[name=password]", PASSWORD)
            page.click("main button.btn--primary")
            page.wait_for_url(lambda url: "/login" not in url)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not complaints, complaints


def _complain(complaints: list[str], message: ConsoleMessage) -> None:
    if "Content Security Policy" in message.text:
        complaints.append(f"{message.location['url']}: {message.text}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=2)  # noqa: S310
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")

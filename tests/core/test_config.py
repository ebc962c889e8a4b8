from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.config import DEVELOPMENT_MARK, ConfigError, load_settings

ROOT = Path(__file__).parents[2]
KEY = base64.b64encode(bytes(range(32))).decode()
PRODUCTION = {
    "APP_ENV": "production",
    "PUBLIC_URL": "https://tips.example.org/",
    "SECRET_KEY": "an-honest-secret-of-forty-characters-123",
    "VAULT_PEPPER": "another-secret-of-forty-characters-45678",
    "VAULT_KEYS": KEY,
}
DEVELOPMENT = DEVELOPMENT_MARK + "0123456789abcdefghijklmnopqrstuvwxyz"


def test_production_starts_with_honest_secrets(tmp_path):
    settings = load_settings(PRODUCTION, instance_dir=tmp_path)
    assert (settings.production, settings.public_url) == (True, "https://tips.example.org")
    assert settings.vault_keys == (bytes(range(32)),)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"APP_ENV": "staging"}, "APP_ENV must be one of development, production"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL is missing"),
        ({"PUBLIC_URL": "tips.example.org"}, "PUBLIC_URL must be a full address"),
        ({"PUBLIC_URL": "ftp://tips.example.org"}, "PUBLIC_URL must be a full address"),
        ({"PORT": "eighty"}, "PORT must be a whole number"),
        ({"WEB_CONCURRENCY": "-1"}, "WEB_CONCURRENCY must be a whole number"),
        ({"GEOCODER": "google"}, "GEOCODER must be one of offline, nominatim"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must begin with"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": DEVELOPMENT}, "SECRET_KEY is a development secret"),
        ({"SECRET_KEY": "abcdefgh-short"}, "SECRET_KEY is too short"),
        ({"SECRET_KEY": "ab" * 20}, "SECRET_KEY is not random"),
        ({"VAULT_PEPPER": ""}, "VAULT_PEPPER is missing"),
        ({"VAULT_PEPPER": DEVELOPMENT}, "VAULT_PEPPER is a development secret"),
        ({"VAULT_KEYS": ""}, "VAULT_KEYS is missing"),
        ({"VAULT_KEYS": " , "}, "VAULT_KEYS is missing"),
        ({"VAULT_KEYS": f"{KEY},{DEVELOPMENT_MARK}{KEY}"}, "VAULT_KEYS holds a development key"),
        ({"VAULT_KEYS": "not base64!"}, "VAULT_KEYS must be base64"),
        ({"VAULT_KEYS": base64.b64encode(bytes(range(16))).decode()}, "exactly 32 bytes"),
        ({"VAULT_KEYS": base64.b64encode(bytes(32)).decode()}, "exactly 32 bytes"),
    ],
)
def test_an_unusable_setting_is_refused_with_one_sentence_that_names_it(tmp_path, changes, says):
    with pytest.raises(ConfigError) as caught:
        load_settings(PRODUCTION | changes, instance_dir=tmp_path)
    sentence = str(caught.value)
    assert says in sentence
    assert "\n" not in sentence
    for value in changes.values():
        assert not (value and len(value) > 20 and value in sentence), "a secret must not be repeated"


def test_development_makes_its_secrets_once_for_the_owner_alone(tmp_path):
    first, second = load_settings({}, instance_dir=tmp_path), load_settings({}, instance_dir=tmp_path)
    assert first == second
    for name in ("secret_key", "vault_pepper", "vault_keys"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert (tmp_path / name).read_text().startswith(DEVELOPMENT_MARK)


def test_production_refuses_what_development_made(tmp_path):
    load_settings({}, instance_dir=tmp_path)
    for name in ("SECRET_KEY", "VAULT_PEPPER", "VAULT_KEYS"):
        made = (tmp_path / name.lower()).read_text()
        with pytest.raises(ConfigError, match=name):
            load_settings(PRODUCTION | {name: made}, instance_dir=tmp_path)


def test_no_secret_shows_when_settings_are_printed(tmp_path):
    shown = repr(
        load_settings(
            PRODUCTION | {"TWILIO_AUTH_TOKEN": "a-token", "METRICS_TOKEN": "m-token"}, instance_dir=tmp_path
        )
    )
    for secret in (PRODUCTION["SECRET_KEY"], PRODUCTION["VAULT_PEPPER"], "a-token", "m-token", "\\x01\\x02"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////var/lib/w.db", "sqlite:////var/lib/w.db"),
        ("sqlite:///instance/w.db", f"sqlite:///{ROOT}/instance/w.db"),
    ],
)
def test_a_database_address_is_brought_to_the_driver(tmp_path, given, used):
    assert load_settings(PRODUCTION | {"DATABASE_URL": given}, instance_dir=tmp_path).database_url == used


@pytest.mark.parametrize("changes", [{"SECRET_KEY": ""}, {"VAULT_KEYS": DEVELOPMENT_MARK + KEY}])
def test_a_production_start_with_a_bad_secret_ends_with_one_line(changes):
    environment = {"PATH": os.environ["PATH"]} | PRODUCTION | changes
    done = subprocess.run(
        [sys.executable, "-m", "flask", "db", "upgrade"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("Waypost does not start: ")
    assert next(iter(changes)) in line

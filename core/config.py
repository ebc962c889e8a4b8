"""Settings: read once from an environment mapping, checked, frozen."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
KEY_BYTES = 32
SECRET_CHARACTERS = 32
DEVELOPMENT_MARK = "development-"


class ConfigError(Exception):
    """A setting that the product refuses to start with; the message names it."""


@dataclass(frozen=True)
class TwilioSettings:
    """How to reach the SMS provider; `account_sid` empty means that nothing is sent."""

    account_sid: str = ""
    auth_token: str = field(default="", repr=False)
    sender: str = ""
    messaging_service_sid: str = ""
    api_base: str = ""

    @property
    def can_send(self) -> bool:
        """Tell whether an outgoing message has somewhere to go."""
        return bool(self.account_sid and self.auth_token and (self.sender or self.messaging_service_sid))


@dataclass(frozen=True)
class Settings:
    """Everything an operator can set."""

    production: bool
    database_url: str
    secret_key: str = field(repr=False)
    vault_keys: tuple[bytes, ...] = field(repr=False)
    vault_pepper: str = field(repr=False)
    public_url: str
    instance_dir: Path
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 0
    trusted_proxies: int = 0
    twilio: TwilioSettings = TwilioSettings()
    tile_url: str = ""
    geocoder: str = "offline"
    nominatim_url: str = ""
    upload_dir: Path = ROOT / "instance" / "uploads"
    metrics_token: str = field(default="", repr=False)

    @property
    def uses_sqlite(self) -> bool:
        """Tell whether the database is SQLite."""
        return self.database_url.startswith("sqlite")


def load_settings(environment: Mapping[str, str], *, instance_dir: Path = ROOT / "instance") -> Settings:
    """Read the settings of an environment; raise ConfigError with one clear sentence where one is unusable."""
    production = _app_env(environment) == "production"
    port = _integer(environment, "PORT", 8000)
    public_url = environment.get("PUBLIC_URL", "") or (f"http://127.0.0.1:{port}" if not production else "")
    if not public_url:
        raise ConfigError("PUBLIC_URL is missing: set it to the address that residents and Twilio use.")
    if urlsplit(public_url).scheme not in {"http", "https"} or not urlsplit(public_url).netloc:
        raise ConfigError("PUBLIC_URL must be a full address such as https://tips.example.org.")
    secret_source = environment if production else _development_secrets(environment, instance_dir)
    return Settings(
        production=production,
        database_url=_database_url(environment, instance_dir),
        secret_key=_secret(secret_source, "SECRET_KEY", production=production),
        vault_keys=_vault_keys(secret_source, production=production),
        vault_pepper=_secret(secret_source, "VAULT_PEPPER", production=production),
        public_url=public_url.rstrip("/"),
        instance_dir=instance_dir,
        host=environment.get("HOST", "127.0.0.1"),
        port=port,
        workers=_integer(environment, "WEB_CONCURRENCY", 0),
        trusted_proxies=_integer(environment, "TRUSTED_PROXIES", 0),
        twilio=_twilio(environment),
        tile_url=environment.get("TILE_URL", ""),
        geocoder=_choice(environment, "GEOCODER", ("offline", "nominatim")),
        nominatim_url=environment.get("NOMINATIM_URL", ""),
        upload_dir=Path(environment.get("UPLOAD_DIR") or instance_dir / "uploads"),
        metrics_token=environment.get("METRICS_TOKEN", ""),
    )


def settings_or_exit() -> Settings:
    """Read the settings of this process; an unusable one ends it with one clear line."""
    try:
        return load_settings(os.environ)
    except ConfigError as error:
        sys.exit(f"Waypost does not start: {error}")


def _app_env(environment: Mapping[str, str]) -> str:
    return _choice(environment, "APP_ENV", ("development", "production"))


def _choice(environment: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = environment.get(name) or choices[0]
    if value not in choices:
        raise ConfigError(f"{name} must be one of {', '.join(choices)}.")
    return value


def _integer(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, "")
    if not value:
        return default
    if not value.isascii() or not value.isdigit():
        raise ConfigError(f"{name} must be a whole number.")
    return int(value)


def _database_url(environment: Mapping[str, str], instance_dir: Path) -> str:
    url = environment.get("DATABASE_URL", "")
    if not url:
        return f"sqlite:///{instance_dir / 'waypost.db'}"
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        return f"sqlite:///{ROOT / url.removeprefix('sqlite:///')}"
    if url.startswith(("postgres://", "postgresql://")):
        return "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith(("sqlite:", "postgresql+psycopg:")):
        raise ConfigError("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://.")
    return url


def _secret(source: Mapping[str, str], name: str, *, production: bool) -> str:
    value = source.get(name, "")
    if not value:
        raise ConfigError(
            f"{name} is missing: set it to a random text of at least {SECRET_CHARACTERS} characters."
        )
    if production and value.startswith(DEVELOPMENT_MARK):
        raise ConfigError(f"{name} is a development secret: make a new one for production.")
    if len(value) < SECRET_CHARACTERS:
        raise ConfigError(f"{name} is too short: at least {SECRET_CHARACTERS} random characters are needed.")
    if len(set(value)) < 8:
        raise ConfigError(f"{name} is not random: it has fewer than 8 different characters.")
    return value


def _vault_keys(source: Mapping[str, str], *, production: bool) -> tuple[bytes, ...]:
    values = [value.strip() for value in source.get("VAULT_KEYS", "").split(",") if value.strip()]
    if not values:
        raise ConfigError(
            "VAULT_KEYS is missing: set it to one or more base64 keys of 32 bytes, the newest first."
        )
    if production and any(value.startswith(DEVELOPMENT_MARK) for value in values):
        raise ConfigError("VAULT_KEYS holds a development key: make a new one for production.")
    return tuple(_vault_key(value.removeprefix(DEVELOPMENT_MARK)) for value in values)


def _vault_key(value: str) -> bytes:
    try:
        key = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ConfigError("VAULT_KEYS must be base64 text.") from error
    if len(key) != KEY_BYTES or len(set(key)) < 8:
        raise ConfigError("VAULT_KEYS must be random keys of exactly 32 bytes each.")
    return key


def _development_secrets(environment: Mapping[str, str], instance_dir: Path) -> Mapping[str, str]:
    """Fill the secrets that are missing from files made once; each is marked so that production refuses it."""
    makers = {
        "SECRET_KEY": lambda: DEVELOPMENT_MARK + secrets.token_urlsafe(32),
        "VAULT_PEPPER": lambda: DEVELOPMENT_MARK + secrets.token_urlsafe(32),
        "VAULT_KEYS": lambda: DEVELOPMENT_MARK + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
    }
    return {
        name: environment.get(name) or _kept(instance_dir / name.lower(), make())
        for name, make in makers.items()
    }


def _kept(path: Path, fresh: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(fresh)
    try:
        # link, unlike rename, never replaces: of two processes that start at once both read the same secret
        os.link(temporary, path)
    except FileExistsError:
        return path.read_text().strip()
    finally:
        temporary.unlink()
    return fresh


def _twilio(environment: Mapping[str, str]) -> TwilioSettings:
    return TwilioSettings(
        account_sid=environment.get("TWILIO_ACCOUNT_SID", ""),
        auth_token=environment.get("TWILIO_AUTH_TOKEN", ""),
        sender=environment.get("TWILIO_FROM", ""),
        messaging_service_sid=environment.get("TWILIO_MESSAGING_SERVICE_SID", ""),
        api_base=environment.get("TWILIO_API_BASE", "").rstrip("/"),
    )

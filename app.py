"""Waypost's application factory: a table of contents of the product."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from flask import Flask

import accounts.cli
import accounts.views
import cases.api
import cases.cli
import cases.views
import rewards.cli
import rewards.guards
import rewards.views
import tips.api
import tips.cli
import tips.demo
import tips.desk
import tips.desk_names
import tips.jobs
import tips.metrics
import tips.search
import tips.views
import tips.webhooks
from accounts.permissions import csrf_token, signed_in
from core.audit_cli import audit_cli
from core.config import Settings, settings_or_exit
from core.db import init_db
from core.deployment import current_deployment
from core.error_pages import init_error_pages
from core.health import health
from core.jobs import init_jobs
from core.logs import configure_logs
from core.migrating import db_cli
from core.openapi import init_api
from core.present import init_present
from core.serving import die_with_parent, serve, up
from core.sms import make_sender
from core.vault import make_vault
from core.web import init_web
from core.worker import worker
from tips.case_keys import point_keys
from tips.warmup import warm_up

BLUEPRINTS = (
    health,
    accounts.views.blueprint,
    tips.views.blueprint,
    tips.webhooks.blueprint,
    tips.desk.blueprint,
    tips.desk_names.blueprint,
    tips.search.blueprint,
    tips.metrics.blueprint,
    cases.views.blueprint,
    rewards.views.blueprint,
)
API_BLUEPRINTS = (tips.api.blueprint, cases.api.blueprint)
COMMANDS = (
    db_cli,
    audit_cli,
    accounts.cli.accounts_cli,
    tips.cli.tips_cli,
    tips.cli.places_cli,
    tips.cli.vault_cli,
    tips.demo.demo_cli,
    cases.cli.cases_cli,
    rewards.cli.rewards_cli,
    worker,
    serve,
    up,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application of one set of settings."""
    settings = settings or settings_or_exit()
    configure_logs(production=settings.production)
    app = Flask(
        __name__, template_folder="core/templates", static_folder=str(Path(__file__).parent / "static")
    )
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SECRET_KEY"] = settings.secret_key
    app.extensions["settings"] = settings
    app.extensions["vault"] = make_vault(settings.vault_keys, settings.vault_pepper)
    app.extensions["sms_sender"] = make_sender(settings.twilio)
    app.extensions["tips_moved"] = point_keys
    init_db(app)
    init_web(app)
    init_error_pages(app)
    init_present(app)
    init_api(app, API_BLUEPRINTS)
    jobs = init_jobs(app, settings)
    for name, task in tips.jobs.TASKS.items():
        jobs.register(name, partial(tips.jobs.run, app, task))
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    app.jinja_env.globals.update(signed_in=signed_in, csrf_token=csrf_token, deployment=current_deployment)
    return app


def create_warm_app() -> Flask:
    """Build the application of a server process, ready to answer the first tip as fast as the next."""
    die_with_parent()
    app = create_app()
    warm_up(app)
    rewards.guards.look(app)
    return app

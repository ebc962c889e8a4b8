"""`flask accounts …`."""

from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from accounts import services
from accounts.roles import Role
from core.clock import utcnow
from core.db import transaction
from core.errors import AppError

accounts_cli = AppGroup("accounts", help="Accounts of the staff.")


@accounts_cli.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", default="", help="Shown to colleagues; the part before the @ if left out.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Create an account for EMAIL."""
    password = (
        sys.stdin.readline().rstrip("\n")
        if password_stdin
        else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    try:
        with transaction():
            member = services.create_staff(
                email=email,
                name=name,
                role=Role(role),
                password=password,
                vault=current_app.extensions["vault"],
                now=utcnow(),
            )
    except AppError as error:
        messages = getattr(error, "errors", None)
        raise click.ClickException(
            " ".join(sum(messages.values(), [])) if messages else error.detail
        ) from error
    click.echo(f"Created {member.email} as {member.role}.")

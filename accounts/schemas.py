"""What the staff's forms may hold."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate


class SignInSchema(Schema):
    """The sign-in form."""

    class Meta:
        """Ignore what a browser's helpers add."""

        unknown = EXCLUDE

    email = fields.String(required=True, validate=validate.Regexp(r"[^\x00]{1,254}\Z"))
    password = fields.String(required=True, validate=validate.Length(1, 1000))


SIGN_IN = SignInSchema()

"""What can go wrong, named in the language of the product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class AppError(Exception):
    """Base of every refusal that a person may read.

    `status` and `title` are all the edge needs to answer; services only raise.
    """

    status = 400
    title = "This could not be done"

    def __init__(self, detail: str = "", **extra: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.extra = extra


class Invalid(AppError):
    """Input that a schema or a rule refuses, with the messages of each field."""

    status = 422
    title = "Some of what was entered cannot be used"

    def __init__(self, errors: Mapping[str, Sequence[str]], detail: str = "") -> None:
        super().__init__(detail, errors={field: list(messages) for field, messages in errors.items()})
        self.errors = {field: list(messages) for field, messages in errors.items()}


class SignInNeeded(AppError):
    """A page of the staff was asked for without a session."""

    status = 401
    title = "Please sign in"


class NotAllowed(AppError):
    """The person is known but their role does not permit this."""

    status = 403
    title = "You may not do this"


class NotFound(AppError):
    """Nothing by that name, or nothing the person may know of."""

    status = 404
    title = "Nothing found here"


class Conflict(AppError):
    """Somebody else was faster, or the state does not permit the move."""

    status = 409
    title = "This has changed in the meantime"


class TooLarge(AppError):
    """More bytes than the product accepts."""

    status = 413
    title = "That is too large"


class TooMany(AppError):
    """Too many attempts; `retry_after` is in seconds."""

    status = 429
    title = "Too many attempts. Please wait a little"

    def __init__(self, detail: str = "", *, retry_after: int = 60) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(AppError):
    """The database or another part that is needed does not answer."""

    status = 503
    title = "Waypost cannot store anything right now. Please try again in a minute"

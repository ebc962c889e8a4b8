"""How times, amounts and counts read on a screen; templates use these as filters."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from flask import Flask

from core.clock import utcnow
from core.deployment import current_deployment

MINUS = "\N{MINUS SIGN}"
# ISO 4217: every currency that is not counted in hundredths
OTHER_MINOR_DIGITS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND"), 0
    ),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
MINUTE, HOUR, DAY = 60, 3600, 86_400


def amount(minor: int, currency: str) -> str:
    """Write minor units as a grouped amount without the currency code: -1250, "USD" reads −12.50."""
    digits = OTHER_MINOR_DIGITS.get(currency, 2)
    size = Decimal(abs(minor)).scaleb(-digits)
    return f"{MINUS if minor < 0 else ''}{size:,.{digits}f}"


def local_time(moment: datetime, *, seconds: bool = False) -> str:
    """Write a moment in the deployment's time zone, as 22 Nov 2026 14:05."""
    local = moment.astimezone(current_deployment().zone)
    return f"{local.day} {local:%b %Y %H:%M:%S}" if seconds else f"{local.day} {local:%b %Y %H:%M}"


def iso_time(moment: datetime) -> str:
    """Write a moment for machines, in UTC to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age(moment: datetime, now: datetime | None = None) -> str:
    """Say how long ago a moment was, in one unit: now, 5 min, 3 h, 4 d; "in 5 min" when it lies ahead."""
    seconds = ((now or utcnow()) - moment).total_seconds()
    text = _span(abs(seconds))
    return f"in {text}" if seconds <= -MINUTE else text


def distance(metres: float) -> str:
    """Write a distance as people say it: 80 m, 1.2 km, 34 km."""
    if metres < 995:
        return f"{round(metres, -1 if metres >= 100 else 0):.0f} m"
    return f"{metres / 1000:.1f} km" if metres < 9950 else f"{metres / 1000:.0f} km"


def percent(share: float) -> str:
    """Write a probability in whole percent, never 0 % or 100 % for what is not certain."""
    if 0 < share < 1:
        return f"{min(99, max(1, round(share * 100)))} %"
    return f"{round(share * 100)} %"


def counted(number: int, one: str, many: str) -> str:
    """Join a number and the form of its noun that fits, as in 1 tip, 2 tips."""
    return f"{number:,} {one if number == 1 else many}"


def init_present(app: Flask) -> None:
    """Give every template the filters of this module."""
    for filter_ in (amount, local_time, iso_time, age, distance, percent, counted):
        app.add_template_filter(filter_)


def _span(seconds: float) -> str:
    if seconds < MINUTE:
        return "now"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min"
    if seconds < 2 * DAY:
        return f"{seconds // HOUR:.0f} h"
    return f"{seconds // DAY:.0f} d"

"""Draw a voucher's reference as a QR code. PURE."""

from __future__ import annotations

from dataclasses import dataclass

import segno

QUIET = 4


@dataclass(frozen=True, slots=True)
class QrCode:
    """The dark squares of a QR code as one SVG path in a box of `size` units, quiet zone included."""

    size: int
    path: str


def qr_code(reference: str) -> QrCode:
    """Encode a reference at error level Q, so that a creased slip can still be read."""
    code = segno.make_qr(reference, error="q", boost_error=False)
    squares = [
        f"M{column + QUIET} {row + QUIET}h1v1h-1z"
        for row, cells in enumerate(code.matrix)
        for column, dark in enumerate(cells)
        if dark
    ]
    return QrCode(len(code.matrix) + 2 * QUIET, "".join(squares))

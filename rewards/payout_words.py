"""Words for the codes of batches, statements and their lines. PURE."""

from __future__ import annotations

from typing import Final

from rewards.line_matching import WHY_WORDS

BATCH_STATES: Final = {
    "made": ("To approve", "warn"),
    "approved": ("To release", "warn"),
    "released": ("On its way", "info"),
    "settled": ("Settled", "good"),
    "cancelled": ("Cancelled", "plain"),
}
ITEM_STATES: Final = {
    "waiting": ("Waiting", "plain"),
    "instructed": ("On its way", "info"),
    "settled": ("Paid", "good"),
    "rejected": ("Rejected by the bank", "bad"),
    "returned": ("Came back", "bad"),
    "cancelled": ("Cancelled", "plain"),
}
LINE_STATES: Final = {
    "open": ("Waits", "warn"),
    "done": ("Matched", "good"),
    "pending": ("Not booked yet", "plain"),
}
MATCHES: Final = {
    "settle": "Payment of a voucher",
    "returned": "Voucher that came back",
    "fee": "Bank fee",
    "funding": "Money in",
    "defund": "Money taken out",
    "linked": "In the books before",
    "ignored": "Left out",
}
ACCOUNT_KINDS: Final = {"bank": "Bank", "mobile_money": "Mobile money", "agent": "Cash agent"}
FILE_KINDS: Final = {"pain.001": "ISO 20022 payment file", "csv": "CSV file"}
WHYS: Final = dict(WHY_WORDS)

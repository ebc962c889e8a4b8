"""One identifier as it stands in a text."""

from dataclasses import dataclass

ASSURANCES = ("checksum", "registry", "format")
#: No value is longer: an index entry has to fit a page.
LONGEST_VALUE = 512

#: Every kind there is, strongest first: where two overlap, the earlier one keeps the words.
KINDS = (
    "email",
    "url",
    "epc",
    "eth",
    "btc",
    "trx",
    "container",
    "vin",
    "imei",
    "imo",
    "gtin",
    "account",
    "phone",
    "plate",
    "serial",
)


@dataclass(frozen=True, slots=True)
class Observable:
    """Name an identifier found in a text: kind, normal form, place in the original text and how sure it is.

    `start` and `end` are offsets in the text as it was received; `assurance` is "checksum" (its own check
    digits agree), "registry" (it fits a published numbering plan) or "format" (only its shape speaks for it).
    """

    kind: str
    value: str
    start: int
    end: int
    assurance: str

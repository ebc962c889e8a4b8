"""Validate a payout file against the ISO 20022 schema. PURE.

The schema is the standard's own, as the pinned package sepaxml carries it.
"""

from __future__ import annotations

import functools
from importlib.resources import files

from lxml import etree

from rewards.payout_file import PayoutFault

SCHEMA = "schemas/pain.001.001.09.xsd"


def require_valid(data: bytes) -> None:
    """Raise PayoutFault naming the first place where a file is not pain.001.001.09."""
    schema = _schema()
    document = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    if not schema.validate(document):
        first = schema.error_log[0]
        raise PayoutFault(f"The payout file is not valid, line {first.line}: {first.message}")


@functools.cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(files("sepaxml").joinpath(SCHEMA).read_bytes()))

"""Feed a corpus file through the same service as the webhook and the form."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from marshmallow import ValidationError

from core.db import transaction
from core.vault import Vault
from tips.inbound import InboundTip
from tips.schemas import CORPUS_LINE
from tips.services import receive


@dataclass
class Tally:
    """What a replay did; `bad_lines` are (line number, why)."""

    counts: Counter[str] = field(default_factory=Counter)
    bad_lines: list[tuple[int, str]] = field(default_factory=list)


def count_lines(path: Path) -> int:
    """Count the lines of a file."""
    with path.open("rb") as file:
        return sum(1 for _ in file)


def replay(path: Path, *, vault: Vault, tally: Tally) -> Iterator[None]:
    """Take in each line at its own time, one transaction each; yields after each line.

    A line that cannot be read is noted by number and the rest still goes in.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    inbound = read_line(line)
                except ValueError as error:
                    tally.bad_lines.append((number, str(error)))
                else:
                    _take(inbound, vault, tally)
            yield


def read_line(line: bytes) -> InboundTip:
    """Read one line of a corpus; raise ValueError with a plain reason."""
    try:
        data = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON in UTF-8") from error
    if not isinstance(data, dict):
        raise ValueError("it is not a JSON object")
    try:
        inbound: InboundTip = CORPUS_LINE.load(data)
    except ValidationError as error:
        problems = "; ".join(
            f"{name}: {' '.join(map(str, messages))}"
            for name, messages in error.normalized_messages().items()
        )
        raise ValueError(problems) from error
    return inbound


def _take(inbound: InboundTip, vault: Vault, tally: Tally) -> None:
    assert inbound.received_at is not None, "the schema demands it"
    with transaction():
        received = receive(inbound, vault=vault, now=inbound.received_at)
    if not received.is_new:
        tally.counts["known already"] += 1
    elif received.filed is None:
        tally.counts["noise"] += 1
    elif received.filed.relation == "first":
        tally.counts["new case"] += 1
    else:
        tally.counts["joined a case"] += 1

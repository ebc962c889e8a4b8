"""Where else the identifiers of some tips were named: by whom, when, and in which case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import cases.services as case_services
import signals.services as signal_services
from cases.services import TipCase
from core.codes import show_tip_code
from signals.placeholders import link_key
from signals.services import Mentioned
from tips import queries
from tips.models import Tip
from tips.written import as_written

MOST_READ = 60
MOST_SHOWN = 8  # of one identifier
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another tip that names the same thing; `written` only where it writes it differently."""

    code: str
    at: datetime
    place: str | None
    written: str | None
    number: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class AlsoIn:
    """An identifier as the tip that is open writes it, with the newest others that name it."""

    kind: str
    written: str
    key: Key
    others: tuple[Elsewhere, ...]
    more: int


def also_in(tips: Sequence[Tip]) -> tuple[AlsoIn, ...]:
    """Return the identifiers of some tips that others name too, in as many statements for a hundred as for one."""
    ids = [tip.id for tip in tips]
    own = _spelt({tip.id: tip for tip in tips}, signal_services.mentions_of_many("tip", ids))
    if not own:
        return ()
    shared = signal_services.others_sharing_any("tip", ids, limit=MOST_READ)
    others = list(dict.fromkeys(one.subject_id for one in shared if one.subject_kind == "tip"))
    if not others:
        return ()
    found = queries.tips_by_ids(others)
    homes = case_services.case_of_tips(others)
    theirs = signal_services.mentions_of_many("tip", others)
    by_key: dict[Key, list[Elsewhere]] = {}
    for tip_id in others:
        tip = found[tip_id].tip
        for key, written in _spelt({tip_id: tip}, {tip_id: theirs.get(tip_id, ())}).items():
            if key in own:
                by_key.setdefault(key, []).append(_elsewhere(tip, homes.get(tip_id), written, own[key]))
    return tuple(
        AlsoIn(key[0], own[key], key, tuple(by_key[key][:MOST_SHOWN]), max(0, len(by_key[key]) - MOST_SHOWN))
        for key in own
        if key in by_key
    )


def key_of(item: Mentioned) -> Key:
    """Return the form under which two spellings of an identifier meet."""
    return item.kind, link_key(item.kind, item.value) or item.value


def _spelt(tips: Mapping[int, Tip], mentions: Mapping[int, Sequence[Mentioned]]) -> dict[Key, str]:
    return {
        key_of(item): as_written(tips[tip_id].text, item)
        for tip_id, some in mentions.items()
        for item in some
    }


def _elsewhere(tip: Tip, home: TipCase | None, written: str, own: str) -> Elsewhere:
    return Elsewhere(
        code=show_tip_code(tip.code),
        at=tip.received_at,
        place=tip.place_name,
        written=written if written != own else None,
        number=home.number if home else None,
        title=home.title if home else None,
    )

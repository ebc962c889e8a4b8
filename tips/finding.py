"""Answer the search box: a tip by its code, a case by its number, tips by identifiers and by words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

import cases.services as case_services
import signals.services as signal_services
from cases.services import FoundCase
from cases.titles import read_case_number
from core.codes import read_tip_code
from core.db import db
from core.deployment import current_deployment
from core.wordsearch import holds_words, words_of
from signals.asking import identifiers_meant
from signals.placeholders import link_key
from tips import queries
from tips.models import Tip

MOST_TIPS = 50
MOST_CASES = 10
SCANNED = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """What a query brought up; `tip_ids` in the order to show.

    `code` and `number` are set where the query names one tip or one case and nothing else. `more` tells that
    further tips match, `unread` that tips older than the newest 20,000 were not looked through for words.
    """

    code: str | None = None
    number: str | None = None
    cases: tuple[FoundCase, ...] = ()
    tip_ids: tuple[int, ...] = ()
    more: bool = False
    unread: bool = False


def find(query: str) -> Found:
    """Look a query up in every way it may be meant; `query` comes from `core.wordsearch.read_query`."""
    number = read_case_number(query)
    if number is not None and case_services.case_id_by_number(number) is not None:
        return Found(number=number)
    by_code = _tip_by_code(query)
    mentioning = _tips_mentioning(query)
    # a plate may read as a code: then both are shown
    if by_code is not None and set(mentioning) <= {by_code.id}:
        return Found(code=by_code.code)
    words = words_of(query)
    first = [by_code.id] if by_code is not None else []
    ids = tuple(dict.fromkeys([*first, *mentioning, *_tips_saying(words)]))
    return Found(
        cases=case_services.cases_by_title(words, limit=MOST_CASES),
        tip_ids=ids[:MOST_TIPS],
        more=len(ids) > MOST_TIPS,
        unread=bool(words) and _has_older(),
    )


def spans_meant(query: str, tip_ids: Sequence[int]) -> dict[int, list[tuple[int, int, str]]]:
    """Return where each tip mentions an identifier that the query means: start, end and its name."""
    meant = identifiers_meant(query, countries=current_deployment().country_codes)
    keys = {(kind, link_key(kind, value) or value) for kind, value in meant}
    return {
        tip_id: [
            (item.start, item.end, f"{item.kind} {item.value}")
            for item in mentions
            if (item.kind, link_key(item.kind, item.value) or item.value) in keys
        ]
        for tip_id, mentions in signal_services.mentions_of_many("tip", tip_ids).items()
    }


def _tip_by_code(query: str) -> Tip | None:
    code = read_tip_code(query)
    return queries.tip_by_code(code) if code is not None else None


def _tips_mentioning(query: str) -> list[int]:
    meant = identifiers_meant(query, countries=current_deployment().country_codes)
    shared = signal_services.subjects_with(meant, subject_kind="tip", limit=MOST_TIPS + 1)
    return list(dict.fromkeys(one.subject_id for one in shared))


def _tips_saying(words: Sequence[str]) -> Sequence[int]:
    if not words:
        return []
    order = (Tip.received_at.desc(), Tip.id.desc())
    newest = (
        sa.select(Tip.id, Tip.text, Tip.place_name, Tip.received_at)
        .order_by(*order)
        .limit(SCANNED)
        .subquery()
    )
    statement = (
        sa.select(newest.c.id)
        .where(holds_words(words, (newest.c.text, newest.c.place_name)))
        .order_by(newest.c.received_at.desc(), newest.c.id.desc())
        .limit(MOST_TIPS + 1)
    )
    return db.session.scalars(statement).all()


def _has_older() -> bool:
    older = sa.select(Tip.id).order_by(Tip.received_at.desc(), Tip.id.desc()).offset(SCANNED).limit(1)
    return db.session.scalar(older) is not None

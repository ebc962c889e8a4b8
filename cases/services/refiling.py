"""What every act of an officer on the filing of tips is made of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from cases.facts import Actor, Filing
from cases.models import LINKS, Case, CaseLink, TipSuggestion
from cases.services.actions import Image, keep_action
from cases.services.filing import Maker, insert_case, insert_link
from cases.services.moves import record_opening
from cases.services.records import facts_of, live_links, lock_case
from cases.services.rulings import Verdict, keep_rulings
from cases.summary import EMPTY, with_tip
from core import audit
from core.db import db

BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Filed:
    """What an act of filing did: the case that holds the result, a sentence for the toast, the way back."""

    case_id: int
    number: str
    sentence: str
    action_id: int


def open_by_hand(link: CaseLink, *, image: Image, actor: Actor, now: datetime) -> Case:
    """Open a case for the tip of a link; taking the act back retires it where nobody has used it since."""
    facts = facts_of(link)
    summary = with_tip(EMPTY, facts, new_voice=facts.sender_alias is not None or facts.independent)
    case_id, _ = insert_case(summary, now)
    record_opening(case_id, actor_id=actor.id, now=now)
    image.opened = case_id
    return lock_case(case_id)


def voices_in(case_id: int) -> list[str | None]:
    """Return the sender of each tip in a case, None for one that is not known."""
    return [link.sender_alias for link in live_links(case_id)]


def file_by_hand(
    link: CaseLink,
    target: Case,
    *,
    heard: Collection[str | None],
    sentence: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Put the tip of a link into a case whose voices so far are given, confirmed; return the id of the new link."""
    again = link.sender_alias is not None and link.sender_alias in heard
    relation = "first" if not heard else "follow_up" if again else "corroborates"
    filing = Filing("attach", target.id, relation, None, (sentence,), (), BY_HAND)
    link_id = insert_link(facts_of(link), target.id, filing, Maker("user", actor.id), now)
    confirmed = {"confirmed_at": now, "confirmed_by": actor.id}
    db.session.execute(sa.update(LINKS).where(LINKS.c.id == link_id), confirmed)
    return link_id


def rule_on_suggestion(tip_id: int, case_id: int, ruling: str, *, actor: Actor, now: datetime) -> list[int]:
    """Rule on a case that was suggested for a tip, where that stands open; return the ids to clear on undo."""
    statement = sa.select(TipSuggestion).where(
        TipSuggestion.tip_id == tip_id, TipSuggestion.case_id == case_id, TipSuggestion.ruling.is_(None)
    )
    ruled = list(db.session.scalars(statement))
    for suggestion in ruled:
        suggestion.ruling, suggestion.ruled_at, suggestion.ruled_by = ruling, now, actor.id
    return [suggestion.id for suggestion in ruled]


def keep(
    kind: str,
    case: Case,
    tip_id: int | None,
    image: Image,
    *,
    actor: Actor,
    now: datetime,
    sentence: str,
    verdicts: Sequence[Verdict] = (),
) -> Filed:
    """Write an act down with its rulings and its line in the audit trail."""
    action_id = keep_action(kind, case_id=case.id, tip_id=tip_id, image=image, actor_id=actor.id, now=now)
    keep_rulings(verdicts, action_id=action_id, actor=actor, now=now)
    audit.record(
        action=f"filing.{kind}",
        subject=("case", case.number),
        actor_id=actor.id,
        detail={"tip": tip_id, "action": action_id},
        at=now,
    )
    return Filed(case.id, case.number, sentence, action_id)

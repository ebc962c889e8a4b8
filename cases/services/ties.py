"""Link cases that name the same thing, such as a vehicle seen again elsewhere: a link, never a merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from cases.facts import Actor
from cases.models import BY_HAND, TIES, Case, CaseTie
from cases.services.lookup import case_ids_of_tips
from cases.states import MERGED
from cases.ties import STRONG
from core import audit
from core.db import db, insert_once
from core.errors import Conflict, Invalid, NotFound
from signals import services as signals
from signals.placeholders import link_key

MOST_FOLLOWED = 6  # identifiers of one tip
OTHERS_READ = 20  # of each way to spell an identifier, the newest
MOST_TIES = 8  # of one tip
UNDOABLE = ("tied", "confirmed", "dismissed")
Written = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Tied:
    """What was done to a link, and `undo`, the word by which it is taken back."""

    tie_id: int
    number: str
    sentence: str
    undo: str | None


def tie_tip(*, tip_id: int, case_id: int, written: Written | None = None, now: datetime) -> list[int]:
    """Link the case of a tip with the cases of tips that name the same thing; return the ids of new links.

    `written` tells how the tip writes its identifiers, by kind and link key; None where that is not at hand. The
    cost is bounded whatever was seen how often.
    """
    if written is None:
        mentioned = signals.mentions_of(("tip", tip_id))
        written = {
            (one.kind, key): one.value
            for one in mentioned
            if (key := link_key(one.kind, one.value)) is not None
        }
    telling = sorted(identifier for identifier in written if identifier[0] in STRONG)[:MOST_FOLLOWED]
    shared = {
        (kind, key): signals.newest_naming(kind, key, subject_kind="tip", besides=tip_id, limit=OTHERS_READ)
        for kind, key in telling
    }
    homes = case_ids_of_tips({other_tip for found in shared.values() for other_tip, _ in found})
    wanted: dict[tuple[int, str, str], int] = {}
    for (kind, key), found in shared.items():
        for other_tip, _ in found:
            home = homes.get(other_tip)
            if home is not None and home != case_id:
                wanted.setdefault((home, kind, key), other_tip)
    new = []
    for (home, kind, key), other_tip in sorted(wanted.items())[:MOST_TIES]:
        tie_id = _insert((case_id, tip_id), (home, other_tip), kind, key, written[kind, key], now)
        new += [tie_id] if tie_id is not None else []
    return new


def withdraw_ties(tie_ids: Sequence[int]) -> None:
    """Remove links that the machine made as an act moved a tip, unless somebody has ruled on them since."""
    if tie_ids:
        unruled = (CaseTie.confirmed_at.is_(None), CaseTie.dismissed_at.is_(None))
        statement = sa.delete(CaseTie).where(CaseTie.id.in_(tie_ids), *unruled)
        db.session.execute(statement.execution_options(synchronize_session=False))


def tie_by_hand(*, case_id: int, other_id: int, reason: str, actor: Actor, now: datetime) -> Tied:
    """Link two cases because an officer knows why."""
    if survivor_of(case_id) == survivor_of(other_id):
        raise Invalid({"other": ["A case cannot be linked with itself, nor with one that merged into it."]})
    if not reason.strip():
        raise Invalid({"reason": ["Say what links the two cases."]})
    case, other = db.session.get_one(Case, case_id), db.session.get_one(Case, other_id)
    low, high = sorted((case_id, other_id))
    tie_id = insert_once(
        TIES,
        _row(low, high, BY_HAND, "", "", now)
        | {"reason": reason.strip()[:300], "made_by": "user", "made_by_id": actor.id},
    )
    if tie_id is None:
        tie_id = _revive(low, high, reason.strip()[:300], actor, now)
    _note("tied", tie_id, case, other, actor, now)
    return Tied(tie_id, case.number, f"{case.number} linked with {other.number}.", "tied")


def confirm_tie(*, tie_id: int, actor: Actor, now: datetime) -> Tied:
    """Confirm that two cases have to do with each other."""
    tie = _lock(tie_id)
    _refuse_settled(tie)
    tie.confirmed_at, tie.confirmed_by = now, actor.id
    return _settled("confirmed", tie, "Link confirmed.", actor, now)


def dismiss_tie(*, tie_id: int, why: str, actor: Actor, now: datetime) -> Tied:
    """Rule that a link means nothing; the same one never returns."""
    tie = _lock(tie_id)
    if not why.strip():
        raise Invalid({"why": ["Say why the link means nothing."]})
    if tie.dismissed_at is not None:
        raise Conflict("This link was dismissed already.")
    tie.dismissed_at, tie.dismissed_by, tie.dismissed_why = now, actor.id, why.strip()[:300]
    return _settled("dismissed", tie, "Link dismissed. The same one does not come back.", actor, now)


def undo_tie(*, tie_id: int, what: str, actor: Actor, now: datetime) -> Tied:
    """Take back what was done to a link last."""
    tie = _lock(tie_id)
    stands = {
        "tied": tie.kind == BY_HAND and tie.confirmed_at is None and tie.dismissed_at is None,
        "confirmed": tie.confirmed_at is not None and tie.dismissed_at is None,
        "dismissed": tie.dismissed_at is not None,
    }
    if not stands.get(what, False):
        raise Conflict("This link has been changed since, so this cannot be undone.")
    case = db.session.get_one(Case, tie.low_id)
    if what == "tied":
        db.session.delete(tie)
    elif what == "confirmed":
        tie.confirmed_at = tie.confirmed_by = None
    else:
        tie.dismissed_at = tie.dismissed_by = tie.dismissed_why = None
    _note(f"{what}_undone", tie_id, case, db.session.get_one(Case, tie.high_id), actor, now)
    db.session.flush()
    return Tied(tie_id, case.number, "Undone.", None)


def survivor_of(case_id: int) -> int:
    """Follow the merges of a case to the one that holds its tips now."""
    seen: set[int] = set()
    while case_id not in seen:
        seen.add(case_id)
        row = db.session.execute(sa.select(Case.state, Case.survivor_id).where(Case.id == case_id)).first()
        if row is None or row.state != MERGED or row.survivor_id is None:
            return case_id
        case_id = row.survivor_id
    return case_id


def _insert(
    own: tuple[int, int], other: tuple[int, int], kind: str, key: str, shown: str, now: datetime
) -> int | None:
    (low, low_tip), (high, high_tip) = sorted((own, other))
    row = _row(low, high, kind, key, shown, now) | {"low_tip_id": low_tip, "high_tip_id": high_tip}
    tie_id = insert_once(TIES, row)
    if tie_id is not None:
        audit.record(
            action="case.tied", subject=("tie", tie_id), actor_id=None, detail={"cases": [low, high]}, at=now
        )
    return tie_id


def _row(low: int, high: int, kind: str, key: str, shown: str, now: datetime) -> dict[str, object]:
    return {
        "low_id": low,
        "high_id": high,
        "kind": kind,
        "value": key,
        "written": shown,
        "low_tip_id": None,
        "high_tip_id": None,
        "reason": "",
        "made_by": "machine",
        "made_by_id": None,
        "made_at": now,
    }


def _revive(low: int, high: int, reason: str, actor: Actor, now: datetime) -> int:
    """Take up a link by hand that was dismissed; one that stands is refused."""
    statement = sa.select(CaseTie).where(
        CaseTie.low_id == low, CaseTie.high_id == high, CaseTie.kind == BY_HAND
    )
    tie = db.session.scalars(statement.with_for_update()).one()
    if tie.dismissed_at is None:
        raise Conflict("These two cases are linked already.")
    tie.dismissed_at = tie.dismissed_by = tie.dismissed_why = tie.confirmed_at = tie.confirmed_by = None
    tie.reason, tie.made_by_id, tie.made_at = reason, actor.id, now
    db.session.flush()
    return tie.id


def _lock(tie_id: int) -> CaseTie:
    tie = db.session.get(CaseTie, tie_id, with_for_update=True, populate_existing=True)
    if tie is None:
        raise NotFound("There is no such link.")
    return tie


def _refuse_settled(tie: CaseTie) -> None:
    if tie.dismissed_at is not None or tie.confirmed_at is not None:
        raise Conflict("This link was ruled on already.")


def _settled(what: str, tie: CaseTie, sentence: str, actor: Actor, now: datetime) -> Tied:
    db.session.flush()
    case, other = db.session.get_one(Case, tie.low_id), db.session.get_one(Case, tie.high_id)
    _note(what, tie.id, case, other, actor, now)
    return Tied(tie.id, case.number, sentence, what)


def _note(what: str, tie_id: int, case: Case, other: Case, actor: Actor, now: datetime) -> None:
    audit.record(
        action=f"tie.{what}",
        subject=("case", case.number),
        actor_id=actor.id,
        detail={"tie": tie_id, "with": other.number},
        at=now,
    )

"""What an officer decides about one tip: confirm, attach, separate, set aside, correct."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

import cases.services as case_services
from cases.facts import CATEGORIES, Actor
from core import audit
from core.codes import show_tip_code
from core.db import BESIDE_REFERENCES, db
from core.errors import Conflict, Invalid, NotFound
from core.vault import Vault
from tips import queries
from tips.matching.footprint import Footprint
from tips.models import Tip
from tips.rereading import reread
from tips.services import KEY_PURPOSE, facts_of, filing_of, match, tell_case, write_keys
from tips.written import spellings_of


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did, in a sentence, and the address that takes it back."""

    sentence: str
    undo_href: str | None


def confirm(tip: Tip, *, actor: Actor, now: datetime) -> Decided:
    """Confirm that a tip belongs where it lies."""
    done = case_services.confirm_tip(tip_id=tip.id, actor=actor, now=now)
    return Decided(done.sentence, _undo(tip, done.action_id))


def attach(tip: Tip, case_number: str, *, actor: Actor, now: datetime) -> Decided:
    """Move a tip to a case; where the case was suggested, the ruling is kept."""
    _refuse_noise(tip)
    case_id = case_services.case_id_by_number(case_number.strip().upper())
    if case_id is None:
        raise NotFound(f"There is no case {case_number.strip().upper()}.")
    offered = {item.case_id for item in case_services.suggestions_of_tips([tip.id]).get(tip.id, ())}
    if case_id in offered:
        done = case_services.accept_suggestion(tip_id=tip.id, case_id=case_id, actor=actor, now=now)
    else:
        done = case_services.move_tip(tip_id=tip.id, to_case_id=case_id, actor=actor, now=now)
    return Decided(done.sentence, _undo(tip, done.action_id))


def separate(tip: Tip, *, actor: Actor, now: datetime) -> Decided:
    """Open a case of its own for a tip."""
    _refuse_noise(tip)
    done = case_services.move_tip(tip_id=tip.id, to_case_id=None, actor=actor, now=now)
    return Decided(done.sentence, _undo(tip, done.action_id))


def set_aside(tip: Tip, *, actor: Actor, now: datetime) -> Decided:
    """Mark a tip as noise; it leaves its case, stays visible in its lane, and can come back."""
    if tip.is_noise:
        raise Conflict("This tip is set aside already.")
    done = case_services.detach_tip(tip_id=tip.id, reason="not a tip", actor=actor, now=now)
    tip.is_noise, tip.noise_reason, tip.noise_set_by = True, "officer", actor.id
    db.session.flush()
    return Decided(
        f"{show_tip_code(tip.code)} set aside.",
        f"/desk/{show_tip_code(tip.code)}/not-noise?action={done.action_id}",
    )


def bring_back(tip: Tip, *, action_id: int | None, actor: Actor, vault: Vault, now: datetime) -> Decided:
    """Make a tip of what was set aside: back to where it lay, or filed as if it had just come."""
    if not tip.is_noise:
        raise Conflict("This is a tip already.")
    indexed = tip.noise_set_by is not None  # an officer set it aside, so it was filed before
    tip.is_noise, tip.noise_reason, tip.noise_set_by = False, None, actor.id
    db.session.flush()
    undo_href = f"/desk/{show_tip_code(tip.code)}/noise?undo=yes"
    if action_id is not None:
        done = case_services.undo(action_id=action_id, tip_id=tip.id, actor=actor, now=now)
        if tip.id not in case_services.case_of_tips([tip.id]):
            raise Conflict("This act did not set the tip aside.")
        return Decided(done.sentence, undo_href)
    alias = queries.tips_by_ids([tip.id])[tip.id].alias
    footprint = Footprint.from_json(tip.footprint) if indexed else reread(tip, alias=alias)
    secret = vault.derive(KEY_PURPOSE)
    decision = match(footprint, secret=secret, found=spellings_of(tip), later=True)
    filed = case_services.file_tip(facts=facts_of(tip, alias=alias), filing=filing_of(decision), now=now)
    write_keys(tip.id, footprint, case_id=filed.case_id, secret=secret)
    case_services.tie_tip(tip_id=tip.id, case_id=filed.case_id, now=now)
    audit.record(action="tip.brought_back", subject=("tip", tip.id), actor_id=actor.id, at=now)
    return Decided(f"{show_tip_code(tip.code)} filed into {filed.number}.", undo_href)


def correct_category(tip: Tip, category: str, *, actor: Actor, now: datetime) -> Decided:
    """Set a tip's category; the guess before it is kept in the audit trail, to learn from."""
    if category not in CATEGORIES:
        raise Invalid({"category": ["Choose a category from the list."]})
    before = tip.category
    if before == category:
        raise Conflict("The tip has this category already.")
    audit.record(
        action="tip.category_set",
        subject=("tip", tip.id),
        actor_id=actor.id,
        detail={"from": before, "probability": tip.category_probability, "to": category},
        at=now,
    )
    tip.category, tip.category_probability, tip.category_set_by = category, 1.0, actor.id
    tell_case(tip.id)
    undo_href = f"/desk/{show_tip_code(tip.code)}/category?category={before}" if before else None
    return Decided(f"{show_tip_code(tip.code)} is {category} now.", undo_href)


def take_back(tip: Tip, action_id: int, *, actor: Actor, now: datetime) -> Decided:
    """Undo an act of filing."""
    _refuse_noise(tip)
    done = case_services.undo(action_id=action_id, tip_id=tip.id, actor=actor, now=now)
    return Decided(done.sentence, None)


def lock_tip(code: str) -> Tip:
    """Load a tip for a decision; a second decision waits for the first."""
    tip = db.session.scalar(
        sa.select(Tip).where(Tip.code == code.replace("-", "")).with_for_update(**BESIDE_REFERENCES)
    )
    if tip is None:
        raise NotFound("There is no such tip.")
    return tip


def _refuse_noise(tip: Tip) -> None:
    if tip.is_noise:
        raise Conflict("This tip is set aside. Bring it back first.")


def _undo(tip: Tip, action_id: int) -> str:
    return f"/desk/{show_tip_code(tip.code)}/undo/{action_id}"

"""Split several tips off a case in one act, with one way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cases.facts import Actor
from cases.models import Case, CaseLink
from cases.services.actions import Image, end_link
from cases.services.records import live_links, lock_cases, rebuild, refuse_finished, refuse_stale
from cases.services.refiling import Filed, file_by_hand, keep, open_by_hand, rule_on_suggestion, voices_in
from cases.services.rulings import Verdict
from cases.services.ties import tie_tip
from cases.splits import why_not_split
from core.codes import show_tip_code
from core.errors import Conflict, Invalid

SPLIT = "split"
MOST_RULED = 50  # tips of one split that the matcher learns from


def split_case(
    *,
    case_id: int,
    codes: Sequence[str],
    to_case_id: int | None,
    note: str,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Filed:
    """Move some tips of a case, but not all, to a new case or to the one given, in one act.

    Raise Invalid where the choice of tips makes no sense, Conflict where the case was changed since it was shown,
    takes no more changes, or is the one that the tips should go to.
    """
    cases = lock_cases(*{case_id} | ({to_case_id} if to_case_id is not None else set()))
    source = cases[case_id]
    leaving = _leaving(source, codes, version)
    if to_case_id == case_id:
        raise Conflict(f"The tips are in {source.number} already.")
    image = Image()
    if to_case_id is None:
        target = open_by_hand(leaving[0], image=image, actor=actor, now=now)
    else:
        target = cases[to_case_id]
        refuse_finished(target)
    _move_all(leaving, source, target, note.strip().rstrip("."), image, actor, now)
    for case in (source, target):
        rebuild(case)
    for link in leaving:
        image.ties += tie_tip(tip_id=link.tip_id, case_id=target.id, now=now)
    return keep(
        SPLIT,
        source,
        None,
        image,
        actor=actor,
        now=now,
        sentence=_said(leaving, source, target),
        verdicts=_verdicts(leaving, source, target if to_case_id is not None else None),
    )


def _leaving(source: Case, codes: Sequence[str], version: int | None) -> list[CaseLink]:
    """Return the links of the ticked tips in the order they were filed."""
    refuse_finished(source)
    lying = live_links(source.id)
    refusal = why_not_split(codes, {link.code for link in lying})
    if refusal is not None and refusal.guard == "gone":
        raise Conflict(refusal.sentence)
    refuse_stale(source, version)
    if refusal is not None:
        raise Invalid({refusal.guard: [refusal.sentence]})
    ticked = set(codes)
    return [link for link in lying if link.code in ticked]


def _move_all(
    leaving: Sequence[CaseLink],
    source: Case,
    target: Case,
    note: str,
    image: Image,
    actor: Actor,
    now: datetime,
) -> None:
    heard = voices_in(target.id)
    why = f": {note}" if note else ""
    for link in leaving:
        end_link(link, actor_id=actor.id, reason=f"split off into {target.number}{why}", now=now)
        image.ended.append(link.id)
        sentence = f"Split off {source.number} by an officer{why}."
        image.made.append(file_by_hand(link, target, heard=heard, sentence=sentence, actor=actor, now=now))
        heard.append(link.sender_alias)
        image.rulings += rule_on_suggestion(link.tip_id, target.id, "accepted", actor=actor, now=now)


def _verdicts(leaving: Sequence[CaseLink], source: Case, joined: Case | None) -> list[Verdict]:
    """Return what the matcher learns: the tips do not belong where they lay, and do where they were moved to."""
    learnt = leaving[:MOST_RULED]
    verdicts = [Verdict(link.tip_id, source.id, False, "moved_out", link) for link in learnt]
    if joined is not None:
        verdicts += [Verdict(link.tip_id, joined.id, True, "moved_in") for link in learnt]
    return verdicts


def _said(leaving: Sequence[CaseLink], source: Case, target: Case) -> str:
    what = f"Tip {show_tip_code(leaving[0].code)}" if len(leaving) == 1 else f"{len(leaving)} tips"
    return f"{what} split off {source.number} into {target.number}."

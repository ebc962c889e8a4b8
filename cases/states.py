"""The life of a case as one table: from, to, who may, and what must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cases.facts import Actor, CaseFacts

OPEN = "open"
ASSESSING = "assessing"
ACTIVE = "active"
ON_HOLD = "on_hold"
REFERRED = "referred"
PENDING_REVIEW = "pending_review"
CLOSED = "closed"
MERGED = "merged"
STATES = (OPEN, ASSESSING, ACTIVE, ON_HOLD, REFERRED, PENDING_REVIEW, CLOSED, MERGED)
FINISHED = frozenset({CLOSED, MERGED})
UNFINISHED = tuple(state for state in STATES if state not in FINISHED)

LONGEST_HOLD = timedelta(days=90)
UNMERGE_WINDOW = timedelta(days=30)
SHORTEST_REASON = 3

OFFICER = "officer"
SUPERVISOR = "supervisor"
CASEWORKERS = frozenset({OFFICER, SUPERVISOR})
SUPERVISORS = frozenset({SUPERVISOR})


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody typed to go with a move; `survivor_*` describe the case that takes over in a merge."""

    reason: str = ""
    review_on: date | None = None
    agency: str = ""
    contact: str = ""
    disclosure: str = ""
    survivor_id: int | None = None
    survivor_state: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a guard may look at."""

    case: CaseFacts
    actor: Actor
    ask: Ask
    now: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a move is not allowed; `guard` names the rule, `sentence` tells a person what to do."""

    guard: str
    sentence: str


Check = Callable[[Situation], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Guard:
    """A named condition; one that judges typed words is asked only when the move is made."""

    name: str
    check: Check
    about_words: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One allowed change of state; `asks` names the fields that its form shows."""

    start: str
    to: str
    roles: frozenset[str]
    label: str
    guards: tuple[Guard, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A move as a screen shows it: possible at once, or with what still stands in its way."""

    to: str
    label: str
    asks: tuple[str, ...]
    refusals: tuple[Refusal, ...]

    @property
    def allowed(self) -> bool:
        """Tell whether nothing stands in the way."""
        return not self.refusals


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one asked move; `known` is false where the table has no such move."""

    known: bool
    permitted: bool
    refusals: tuple[Refusal, ...]
    next_states: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """Tell whether the move may be made."""
        return self.known and self.permitted and not self.refusals


def _unless(holds: bool, sentence: str) -> tuple[str, ...]:
    return () if holds else (sentence,)


def _has_assignee(s: Situation) -> tuple[str, ...]:
    return _unless(s.case.assignee_id is not None, "Assign the case to somebody first.")


def _has_category(s: Situation) -> tuple[str, ...]:
    return _unless(s.case.category is not None, "Set the category of goods.")


def _is_corroborated(s: Situation) -> tuple[str, ...]:
    enough = s.case.senders >= 2 or s.case.notes >= 1 or s.actor.role == SUPERVISOR
    return _unless(
        enough,
        "Only one sender has reported this: add a note that says what supports it, or ask a supervisor.",
    )


def _has_reason(s: Situation) -> tuple[str, ...]:
    return _unless(len(s.ask.reason.strip()) >= SHORTEST_REASON, "Give a reason.")


def _has_review_date(s: Situation) -> tuple[str, ...]:
    day, today = s.ask.review_on, s.now.date()
    good = day is not None and today < day <= today + LONGEST_HOLD
    return _unless(good, f"Choose a review date within {LONGEST_HOLD.days} days.")


def _names_receiver(s: Situation) -> tuple[str, ...]:
    told = s.ask.agency.strip() and s.ask.contact.strip() and s.ask.disclosure.strip()
    return _unless(bool(told), "Name the receiving agency, the contact there, and what is disclosed.")


def _list_complete(s: Situation) -> tuple[str, ...]:
    return s.case.gaps


def _is_own_case(s: Situation) -> tuple[str, ...]:
    own = s.actor.role == SUPERVISOR or (s.actor.id is not None and s.actor.id == s.case.assignee_id)
    return _unless(own, "Only the assigned officer or a supervisor may ask for review.")


def _second_person(s: Situation) -> tuple[str, ...]:
    involved = {s.case.assignee_person, s.case.disposition_person} - {None}
    return _unless(
        s.actor.person_id not in involved,
        "Somebody else has to close it: you worked on this case or chose its outcome.",
    )


def _survivor_is_live(s: Situation) -> tuple[str, ...]:
    if s.ask.survivor_id is None:
        return ("Choose the case that takes over.",)
    return _unless(
        s.ask.survivor_state is not None and s.ask.survivor_state not in FINISHED,
        "The case that takes over has to be an unfinished one.",
    )


def _came_from_there(to: str) -> Guard:
    def check(s: Situation) -> tuple[str, ...]:
        return _unless(s.case.came_from == to, f"It was {words(s.case.came_from or OPEN)} before.")

    return Guard("came_from", check)


def _in_unmerge_window(s: Situation) -> tuple[str, ...]:
    entered = s.case.entered_at
    return _unless(
        entered is not None and s.now - entered <= UNMERGE_WINDOW,
        f"A merge can be taken back for {UNMERGE_WINDOW.days} days.",
    )


def _survivor_not_closed(s: Situation) -> tuple[str, ...]:
    return _unless(s.case.survivor_state != CLOSED, "The case that took over has been closed since.")


def _no_reward_paid(s: Situation) -> tuple[str, ...]:
    return _unless(not s.case.reward_paid, "A reward of this case has been paid.")


def _is_empty(s: Situation) -> tuple[str, ...]:
    return _unless(s.case.tips == 0, "It still holds tips: use the closing list.")


HAS_ASSIGNEE = Guard("has_assignee", _has_assignee)
HAS_CATEGORY = Guard("has_category", _has_category)
IS_CORROBORATED = Guard("is_corroborated", _is_corroborated)
HAS_REASON = Guard("has_reason", _has_reason, about_words=True)
HAS_REVIEW_DATE = Guard("has_review_date", _has_review_date, about_words=True)
NAMES_RECEIVER = Guard("names_receiver", _names_receiver, about_words=True)
LIST_COMPLETE = Guard("list_complete", _list_complete)
IS_OWN_CASE = Guard("is_own_case", _is_own_case)
SECOND_PERSON = Guard("second_person", _second_person)
SURVIVOR_IS_LIVE = Guard("survivor_is_live", _survivor_is_live, about_words=True)
IN_UNMERGE_WINDOW = Guard("in_unmerge_window", _in_unmerge_window)
SURVIVOR_NOT_CLOSED = Guard("survivor_not_closed", _survivor_not_closed)
NO_REWARD_PAID = Guard("no_reward_paid", _no_reward_paid)
IS_EMPTY = Guard("is_empty", _is_empty)

_REFER = (NAMES_RECEIVER,)
_REFER_ASKS = ("agency", "contact", "disclosure")
_HOLD = (HAS_REASON, HAS_REVIEW_DATE)
_REVIEW = (IS_OWN_CASE, LIST_COMPLETE)
_UNMERGE = (IN_UNMERGE_WINDOW, SURVIVOR_NOT_CLOSED)

TABLE = (
    Rule(OPEN, ASSESSING, CASEWORKERS, "Start assessing", (HAS_ASSIGNEE,)),
    Rule(OPEN, MERGED, CASEWORKERS, "Merge into another case", (SURVIVOR_IS_LIVE,), ("survivor",)),
    Rule(OPEN, CLOSED, CASEWORKERS, "Close the empty case", (IS_EMPTY,)),
    Rule(ASSESSING, ACTIVE, CASEWORKERS, "Make active", (HAS_CATEGORY, IS_CORROBORATED)),
    Rule(ASSESSING, REFERRED, SUPERVISORS, "Refer to another agency", _REFER, _REFER_ASKS),
    Rule(ASSESSING, ON_HOLD, CASEWORKERS, "Put on hold", _HOLD, ("reason", "review_on")),
    Rule(ASSESSING, PENDING_REVIEW, CASEWORKERS, "Ask for review", _REVIEW),
    Rule(ASSESSING, MERGED, SUPERVISORS, "Merge into another case", (SURVIVOR_IS_LIVE,), ("survivor",)),
    Rule(ACTIVE, REFERRED, SUPERVISORS, "Refer to another agency", _REFER, _REFER_ASKS),
    Rule(ACTIVE, ON_HOLD, CASEWORKERS, "Put on hold", _HOLD, ("reason", "review_on")),
    Rule(ACTIVE, PENDING_REVIEW, CASEWORKERS, "Ask for review", _REVIEW),
    Rule(ACTIVE, MERGED, SUPERVISORS, "Merge into another case", (SURVIVOR_IS_LIVE,), ("survivor",)),
    Rule(ON_HOLD, ASSESSING, CASEWORKERS, "Take up again", (_came_from_there(ASSESSING),)),
    Rule(ON_HOLD, ACTIVE, CASEWORKERS, "Take up again", (_came_from_there(ACTIVE),)),
    Rule(REFERRED, ACTIVE, SUPERVISORS, "Recall", (HAS_REASON,), ("reason",)),
    Rule(REFERRED, PENDING_REVIEW, SUPERVISORS, "Ask for review", (LIST_COMPLETE,)),
    Rule(PENDING_REVIEW, ACTIVE, SUPERVISORS, "Send back", (HAS_REASON,), ("reason",)),
    Rule(PENDING_REVIEW, CLOSED, SUPERVISORS, "Close the case", (SECOND_PERSON, LIST_COMPLETE)),
    Rule(CLOSED, ACTIVE, SUPERVISORS, "Reopen", (HAS_REASON, NO_REWARD_PAID), ("reason",)),
    Rule(MERGED, OPEN, CASEWORKERS, "Take the merge back", (_came_from_there(OPEN), *_UNMERGE)),
    Rule(MERGED, ASSESSING, SUPERVISORS, "Take the merge back", (_came_from_there(ASSESSING), *_UNMERGE)),
    Rule(MERGED, ACTIVE, SUPERVISORS, "Take the merge back", (_came_from_there(ACTIVE), *_UNMERGE)),
)
_BY_START = {start: tuple(rule for rule in TABLE if rule.start == start) for start in STATES}


def words(state: str) -> str:
    """Say a state as a person would."""
    return state.replace("_", " ")


def offers(case: CaseFacts, actor: Actor, now: datetime) -> tuple[Offer, ...]:
    """List the moves that this person's role has from here, each with what still stands in its way."""
    situation = Situation(case, actor, Ask(), now)
    return tuple(
        Offer(rule.to, rule.label, rule.asks, _refusals(rule, situation, typed=False))
        for rule in _BY_START[case.state]
        if actor.role in rule.roles and not _leads_elsewhere(rule, case)
    )


def decide(case: CaseFacts, actor: Actor, to: str, ask: Ask, now: datetime) -> Verdict:
    """Judge one asked move, listing every refusal and the states that can follow instead."""
    rules = _BY_START[case.state]
    next_states = tuple(
        rule.to for rule in rules if actor.role in rule.roles and not _leads_elsewhere(rule, case)
    )
    rule = next((rule for rule in rules if rule.to == to), None)
    if rule is None:
        return Verdict(False, False, (), next_states)
    if actor.role not in rule.roles:
        who = " or ".join(sorted(rule.roles))
        return Verdict(True, False, (Refusal("role", f"This takes a {who}."),), next_states)
    return Verdict(True, True, _refusals(rule, Situation(case, actor, ask, now), typed=True), next_states)


def _refusals(rule: Rule, situation: Situation, *, typed: bool) -> tuple[Refusal, ...]:
    asked = (guard for guard in rule.guards if typed or not guard.about_words)
    return tuple(Refusal(guard.name, sentence) for guard in asked for sentence in guard.check(situation))


def _leads_elsewhere(rule: Rule, case: CaseFacts) -> bool:
    """Hide the ways back to states in which the case never was."""
    return case.state in (ON_HOLD, MERGED) and rule.to != case.came_from

"""What has to be settled before a case may be closed, each missing item as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SHORTEST_SUMMARY = 100
GRADES = ("decisive", "useful", "known", "none", "misleading")


@dataclass(frozen=True, slots=True)
class Disposition:
    """How a case ended; `reward` is yes, no or board (somebody has to decide), `group` is for statistics."""

    key: str
    label: str
    reward: str
    group: str
    takes_goods: bool = False


DISPOSITIONS = {
    disposition.key: disposition
    for disposition in (
        Disposition("seizure_arrest", "Seizure with arrest", "yes", "enforced", takes_goods=True),
        Disposition("seizure", "Seizure without arrest", "yes", "enforced", takes_goods=True),
        Disposition("arrest", "Arrest only", "yes", "enforced"),
        Disposition("disrupted", "Disrupted or warned", "board", "enforced"),
        Disposition("fined", "Compounded or fined", "yes", "enforced"),
        Disposition("referred_out", "Referred out", "board", "referred"),
        Disposition("lawful", "Lawful trade", "no", "no_offence"),
        Disposition("unfounded", "Unfounded", "no", "no_offence"),
        Disposition("insufficient", "Insufficient information", "no", "unresolved"),
        Disposition("malicious", "Malicious report", "no", "no_offence"),
    )
}


@dataclass(frozen=True, slots=True)
class SeizureFacts:
    """A seized lot as the closing list sees it: quantity in thousandths of the unit, value in minor units."""

    label: str
    quantity_thousandths: int | None
    unit: str | None
    value_minor: int | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """The state of the closing form; `grades` maps each tip code of the case to its grade or None."""

    disposition: str | None
    summary: str
    seizures: tuple[SeizureFacts, ...]
    nil_seizures: bool
    grades: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the closing list; `gaps` are empty once it is settled."""

    key: str
    label: str
    gaps: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Tell whether the line is settled."""
        return not self.gaps


def checklist(facts: ClosingFacts) -> tuple[Item, ...]:
    """Go through the closing list in the order of the form."""
    return (
        Item("disposition", "Outcome chosen", _disposition_gaps(facts)),
        Item("summary", "Summary written", _summary_gaps(facts)),
        Item("seizures", "Seizures recorded", _seizure_gaps(facts)),
        Item("grades", "Every tip graded", _grade_gaps(facts)),
    )


def missing(facts: ClosingFacts) -> tuple[str, ...]:
    """List every missing item; empty means that the case may be closed."""
    return tuple(gap for item in checklist(facts) for gap in item.gaps)


def _disposition_gaps(facts: ClosingFacts) -> tuple[str, ...]:
    return () if facts.disposition in DISPOSITIONS else ("Choose an outcome from the list.",)


def _summary_gaps(facts: ClosingFacts) -> tuple[str, ...]:
    short = SHORTEST_SUMMARY - len(facts.summary.strip())
    if short <= 0:
        return ()
    return (f"Write a summary of at least {SHORTEST_SUMMARY} characters; {short} to go.",)


def _seizure_gaps(facts: ClosingFacts) -> tuple[str, ...]:
    disposition = DISPOSITIONS.get(facts.disposition or "")
    if not facts.seizures:
        if disposition is not None and disposition.takes_goods:
            return (f"Record what was seized: the outcome is “{disposition.label}”.",)
        return () if facts.nil_seizures else ("Record what was seized, or tick that nothing was.",)
    if facts.nil_seizures:
        return ("Seizures are recorded, yet “nothing was seized” is ticked.",)
    return tuple(gap for seizure in facts.seizures for gap in _lot_gaps(seizure))


def _lot_gaps(seizure: SeizureFacts) -> tuple[str, ...]:
    gaps = []
    if not seizure.quantity_thousandths or seizure.quantity_thousandths <= 0 or not seizure.unit:
        gaps.append(f"Measure “{seizure.label}”: quantity and unit.")
    if seizure.value_minor is None or seizure.value_minor < 0 or not seizure.currency:
        gaps.append(f"Value “{seizure.label}”: amount and currency.")
    return tuple(gaps)


def _grade_gaps(facts: ClosingFacts) -> tuple[str, ...]:
    return tuple(
        f"Grade the contribution of tip {code}."
        for code, grade in sorted(facts.grades.items())
        if grade not in GRADES
    )

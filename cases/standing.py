"""Title and priority of a case from what its tips say and what officers decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cases.priority import Evidence, Priority, assess
from cases.summary import Summary
from cases.titles import case_title


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands in a list."""

    title: str
    priority: Priority


def standing(summary: Summary, *, category_set: str | None, confirmed: bool, opened_at: datetime) -> Standing:
    """Name and rank a case; a category set by an officer is certain."""
    evidence = Evidence(
        category=category_set or summary.category,
        category_probability=1.0 if category_set else summary.category_probability,
        senders=summary.senders,
        confirmed=confirmed,
        event_at=summary.event_at,
        reported_at=summary.last_tip_at or opened_at,
    )
    return Standing(case_title(evidence.category, summary.place), assess(evidence))

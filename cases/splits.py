"""Which tips may leave a case together in one act."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cases.states import Refusal

MOST_SPLIT = 200


def why_not_split(ticked: Sequence[str], lying: Collection[str]) -> Refusal | None:
    """Say why the ticked tips may not be split off a case that holds the lying ones, None where they may.

    The guard is "ticked" where the choice itself is wrong and "gone" where the case is no longer as it was shown.
    """
    if not ticked:
        return Refusal("ticked", "Tick the tips that are to be split off.")
    if len(ticked) > MOST_SPLIT:
        return Refusal("ticked", f"Split off at most {MOST_SPLIT} tips at once.")
    gone = [code for code in ticked if code not in lying]
    if gone:
        return Refusal(
            "gone", f"{len(gone)} of the ticked tips left this case in the meantime. Look at it again."
        )
    if len(set(ticked)) == len(lying):
        return Refusal("ticked", "Leave at least one tip in the case. To move all of them, merge the case.")
    return None

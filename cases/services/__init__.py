"""What cases do, split by subject; other packages import from here alone."""

from cases.services.casework import assign, claim, set_category, set_priority, set_unit
from cases.services.closing import SeizureEntry, grade_tip, record_seizure, set_outcome, withdraw_seizure
from cases.services.figures import Outcomes, count_by_outcome
from cases.services.filing import file_tip, refresh_tip, renew_suggestions
from cases.services.finding import FoundCase, cases_by_title
from cases.services.handover import propose_advance
from cases.services.links import (
    accept_suggestion,
    confirm_case,
    confirm_tip,
    detach_tip,
    move_tip,
    reject_suggestion,
)
from cases.services.lookup import (
    LinkView,
    SuggestionView,
    TipCase,
    case_ids_of_tips,
    case_of_tips,
    links_of_case,
    newest_tips_of_cases,
    suggestions_of_tips,
)
from cases.services.moves import Moved, close, offers, reopen, transition
from cases.services.notes import SavedNote, add_note, edit_note
from cases.services.refiling import Filed
from cases.services.routing_setup import LoadedRouting, load_routing
from cases.services.rulings import Ruling, rulings
from cases.services.splitting import split_case
from cases.services.tied import TieView, ties_of_case
from cases.services.ties import Tied, confirm_tie, dismiss_tie, tie_by_hand, tie_tip, undo_tie
from cases.services.undo import case_of_action, undo
from cases.services.waiting import (
    Cursor,
    Waiting,
    Wanted,
    case_id_by_number,
    count_in_view,
    decisions_since,
    tips_in_view,
)

__all__ = [
    "Cursor",
    "Filed",
    "FoundCase",
    "LinkView",
    "LoadedRouting",
    "Moved",
    "Outcomes",
    "Ruling",
    "SavedNote",
    "SeizureEntry",
    "SuggestionView",
    "TieView",
    "Tied",
    "TipCase",
    "Waiting",
    "Wanted",
    "accept_suggestion",
    "add_note",
    "assign",
    "case_id_by_number",
    "case_ids_of_tips",
    "case_of_action",
    "case_of_tips",
    "cases_by_title",
    "claim",
    "close",
    "confirm_case",
    "confirm_tie",
    "confirm_tip",
    "count_by_outcome",
    "count_in_view",
    "decisions_since",
    "detach_tip",
    "dismiss_tie",
    "edit_note",
    "file_tip",
    "grade_tip",
    "links_of_case",
    "load_routing",
    "move_tip",
    "newest_tips_of_cases",
    "offers",
    "propose_advance",
    "record_seizure",
    "refresh_tip",
    "reject_suggestion",
    "renew_suggestions",
    "reopen",
    "rulings",
    "set_category",
    "set_outcome",
    "set_priority",
    "set_unit",
    "split_case",
    "suggestions_of_tips",
    "tie_by_hand",
    "tie_tip",
    "ties_of_case",
    "tips_in_view",
    "transition",
    "undo",
    "undo_tie",
    "withdraw_seizure",
]

"""Words for the codes that the reward pages show. PURE."""

from __future__ import annotations

from typing import Final

REASONS: Final = {
    "below_threshold": "Below the score that is paid",
    "no_eligible_tip": "No tip can be paid",
    "no_reward_outcome": "This outcome earns no reward",
    "nothing_to_pay": "The policy gives nothing for it",
    "paid_in_advance": "The advance covers it",
    "above_cap": "The cap of the case is used up",
    "merged": "Same sender, counted with the earlier tip",
    "after_action": "Came after the first enforcement act",
    "already_known": "Already known",
    "public": "Public knowledge",
    "official": "From an official or their household",
    "offender": "From somebody who took part",
    "duty_to_report": "The sender had a duty to report",
    "victim": "From the victim",
    "paid_elsewhere": "Paid elsewhere",
    "proved_false": "Proved false",
    "duplicate": "Repeats another tip",
}

STATES: Final = {
    "draft": ("Waiting for funds", "warn"),
    "proposed": ("To approve", "warn"),
    "approved": ("Approved", "info"),
    "claimed": ("To pay", "warn"),
    "instructed": ("On its way", "info"),
    "paid": ("Paid", "good"),
    "settled": ("Settled", "good"),
    "declined": ("Declined", "bad"),
    "withdrawn": ("Withdrawn", "plain"),
    "cancelled": ("Cancelled", "bad"),
    "expired": ("Lapsed", "plain"),
    "nothing": ("No share", "plain"),
}

KINDS: Final = {
    "fund": "Money in",
    "defund": "Money given back",
    "reserve": "Reserved",
    "release": "Released",
    "approve": "Approved",
    "withhold": "Tax withheld",
    "remit": "Tax remitted",
    "instruct": "Sent out",
    "settle": "Paid",
    "rejected": "Payment rejected",
    "returned": "Payment came back",
    "fee": "Bank fee",
    "clawback_raised": "Owed back",
    "clawback_received": "Paid back",
    "clawback_written_off": "Written off",
    "forfeit": "Lapsed",
    "cancel": "Approval cancelled",
    "reverse": "Reversed",
}

GRADES: Final = {
    "decisive": "Decisive",
    "useful": "Useful",
    "known": "Known already",
    "none": "No help",
    "misleading": "Misleading",
}

CHANNELS: Final = {"sms": "SMS", "web": "Web form", "whatsapp": "WhatsApp", "api": "App", "replay": "Replay"}

# the units that a seizure may be measured in, by their codes of UN/ECE Recommendations 20 and 21
MEASURES: Final = {
    "KGM": "kilograms",
    "GRM": "grams",
    "TNE": "tonnes",
    "LTR": "litres",
    "MTQ": "cubic metres",
    "H87": "pieces",
    "CT": "cartons",
    "PK": "packs",
    "BG": "bags",
    "HEA": "head",
}

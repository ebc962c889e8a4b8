"""Words for codes that officers read. Pure."""

from __future__ import annotations

CHANNEL_WORDS = {"sms": "SMS", "whatsapp": "WhatsApp", "web": "web form"}
RELATION_WORDS = {
    "first": "first report",
    "corroborates": "another voice on the same",
    "follow_up": "same sender again",
}
PLACE_SOURCES = {
    "device": "the phone",
    "coordinates": "coordinates in the words",
    "plus_code": "a plus code",
    "map_link": "a map link",
    "mgrs": "a grid reference",
    "photo": "the photo",
    "place": "a name in the words",
    "place_offset": "a way from a name in the words",
    "officer": "an officer",
}
NOISE_WORDS = {
    "greeting": "Only a greeting.",
    "wrong_number": "Meant for somebody else.",
    "advert": "An advertisement.",
    "abuse": "Abuse without a report.",
    "test": "A test message.",
    "thanks": "Only thanks.",
    "reward_question": "A question about rewards.",
    "service_complaint": "A complaint for another office.",
    "bare_reply": "A bare reply.",
    "chat": "Private talk.",
    "other": "No report in it.",
    "officer": "An officer set it aside.",
}
LANGUAGE_NAMES = {
    "ar": "Arabic", "bn": "Bengali", "en": "English", "es": "Spanish", "fr": "French", "hi": "Hindi", "id": "Indonesian",
    "km": "Khmer", "lo": "Lao", "ms": "Malay", "my": "Burmese", "pt": "Portuguese", "ru": "Russian", "sw": "Swahili",
    "th": "Thai", "tr": "Turkish", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip

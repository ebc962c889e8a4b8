"""Take private keys and seed phrases out of a text before anything is kept of it."""

import re
from collections.abc import Iterator

from signals.crypto import private_keys
from signals.cues import Cue, Cues
from signals.folding import fold

_HEX_KEY = re.compile(r"(?<![0-9A-Za-z])(?:0x)?[0-9a-fA-F]{64}(?![0-9A-Za-z])")
_REACH = 30
#: Words for a seed phrase (BIP-39), in the languages of the borders.
_PHRASE_CUE = re.compile(
    r"seed[ -]?(?:phrase|words?)|seed\s?[:=]|mnemonic|(?:recovery|secret|backup|wallet) (?:phrase|words?)|(?:12|24) words"
    r"|(?:frase|palabras) (?:semilla|secretas?|de recuperaci[oó]n)|frase[ -](?:semente|de recupera[cç][aã]o)"
    r"|phrase (?:secr[eè]te|de r[eé]cup[eé]ration)|(?:сид|seed)[ -]?фраз\w*|мнемо\w+|kurtarma (?:ifadesi|kelimeleri)"
    r"|助记词|助記詞|عبارة (?:الاسترداد|السر)|frasa (?:pemulihan|benih)|c[uụ]m t[uừ] kh[oô]i ph[uụ]c|सीड फ्रेज|সিড ফ্রেজ",
    re.IGNORECASE,
)
_WORD = r"(?:\d{1,2}[.):]? ?)?[^\W\d_]{3,8}"
_PHRASE = re.compile(
    rf"(?<!\w){_WORD}(?:[\s,;|]{{1,3}}{_WORD}){{11,23}}|[\u4e00-\u9fff](?:[\s,，、]{{1,2}}[\u4e00-\u9fff]){{11,23}}"
)
#: How far behind the word for it a phrase may begin, and how long one can be.
_PHRASE_AFTER = 60
_PHRASE_LENGTH = 400
_MOST_CUES = 20

REDACTED = "[private key removed]"


def redact_secrets(text: str) -> str:
    """Replace private keys by a note; whoever holds one holds the money, so no copy may stay with us."""
    if len(text) < 24:
        return text
    folded = fold(text)
    spans = [*private_keys(folded.text), *_phrases(folded.text)]
    matches = list(_HEX_KEY.finditer(folded.text))
    if matches:
        cues = Cues(folded.text)
        spans.extend(m.span() for m in matches if cues.before(m.start(), Cue.SECRET, _REACH) is not None)
    for start, end in sorted(spans, reverse=True):
        first, last = folded.span(start, end)
        text = text[:first] + REDACTED + text[last:]
    return text


def _phrases(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of twelve to twenty-four words that follow a word for seed phrase."""
    done = 0
    for cue in list(_PHRASE_CUE.finditer(text))[:_MOST_CUES]:
        begin = max(cue.end(), done)
        found = _PHRASE.search(text, begin, begin + _PHRASE_AFTER + _PHRASE_LENGTH)
        if found is not None and found.start() - begin <= _PHRASE_AFTER:
            done = found.end()
            yield found.span()

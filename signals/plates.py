"""Recognise vehicle plates: the formats of the deployment's countries, and any other beside a word for plate."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from signals.cues import DECISIVE, Cue, Cues
from signals.observable import Observable
from signals.placeholders import is_blank
from signals.plate_patterns import plate_regex

_GROUP = "[A-Za-z0-9\u0400-\u04ff]"
_GENERIC = re.compile(
    rf"(?<![A-Za-z0-9@#_+/.=])(?<![A-Za-z0-9]-){_GROUP}{{1,9}}(?: ?[-./|] ?{_GROUP}{{1,7}}| {_GROUP}{{1,5}}){{0,3}}"
    r"(?![A-Za-z0-9_@+]|[.,:]\d)"
)
_JOINT = re.compile(r"[ ./|-]+")
_CUE_REACH = 34
_CUE_AFTER = 10
_NEAR = 45
_NEAR_AFTER = 24
_YEAR = re.compile(r"^(?:19[5-9]|20[0-4])\d$")
#: Letters before or after a number that say it is a measure, a currency, a road or a model.
_NOT_LETTERS = frozenset(
    "KM KMS KG KGS MT MTS LT LTS LTR CM MM CC HP GB MB TB MAH USD EUR GBP MXN THB MMK VND CNY RMB INR PKR BDT KES TZS"
    " UGX KSH USH TSH XOF XAF CFA NGN GHS ZAR BRL PYG ARS COP VES BOB PEN MYR IDR TRY RUB UAH SAR AED TL RM RS RP AM PM"
    " HRS HR MIN SEC EXIT GATE PIER UNIT KILO ROAD RD HWY DOCK LOT NO NUM NRO ID OF AT TO IN ON BY IS THE AND FOR AK"
    " AR RPG PKM SVD TNT PVC LED LCD DVD CPU USB SIM GPS TV PC RAM SSD LP GAS OIL AA AAA DE LA EL EN LAS LOS DEL POR"
    " CON UN UNA A Y O E DES LES SUR PAR UNE ET KWA NA YA WA DI KE DAN VE BU CI ISO USDT BTC ETH COVID FIFA MGRS UTM"
    " GRID ROOM SHOP STALL ZONE CAMP BLOCK WARD RN BR AH NH SH PY CA HIGHWAY ROUTE PART PAGE FROM WITH ABOUT ALMOST"
    " UNOS CASI COMO HACE TIPO TYPE SIZE TIP CASE APP MON TUE WED THU FRI SAT SUN JAN FEB MAR APR MAY JUN JUL AUG SEP"
    " OCT NOV DEC ENE ABR AGO DIC YEAR YR TEN TWO ONE SIX CALL TEXT TEL CEL MAS MAX OVER ONLY JUST PLUS ALL LIKE"
    " GOT HAD HAS WAS ARE OUT PER VAN CAR BUS CAN BOX BAG MAN MEN DAY AÑO XL XXL".split()
)
_MODELS = re.compile(
    r"^(?:F\d{3}|RAV4|CX\d|AK4\d|AR1\d|M16|M4A1|G3|IPHONE\d+\w*|[A-Z]\d|A\d{2}|S\d{2}|RTX\d+|GTX\d+|MT\d{2}|CBR\d+|YBR\d+|GN125|CG\d{3}"
    r"|BR\d{3}|RN\d{1,3}|C4|MP\d|PM\d+|H\d{3}N?\d?|COVID19|B12|TNT\d*|\d{1,3}(?:K|KG|KM|M|MM|CM|L|LT|G|X|V|W|TH|ST|ND|RD|AM|PM|MIN|HRS|HR|H|PCS|KVA|CC|HP|GB|MB|MAH))$"
)
_THAI_WORDS = frozenset(
    "คน รถ กม มม ซม กก ขน พบ ครบ จบ ลบ ตก นม ผม หก สน มก ธค กค มค กพ พค เม สค กย ตค พย คบ ลง อก สด".split()
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Describe one string that could be a plate, with what its shape and its surroundings say."""

    written: str
    value: str
    start: int
    end: int
    known: bool

    @property
    def digits(self) -> int:
        return sum(char.isdigit() for char in self.value)

    @property
    def groups(self) -> list[str]:
        return [group for group in _JOINT.split(self.written) if group]

    @property
    def is_spaced(self) -> bool:
        return " " in self.written

    @property
    def is_upper(self) -> bool:
        return self.written == self.written.upper()


def plates(text: str, cues: Cues, countries: tuple[str, ...]) -> Iterator[Observable]:
    """Yield the plates of a folded text; `countries` are the deployment's ISO alpha-2 codes."""
    taken: list[tuple[int, int]] = []
    for candidate in _candidates(text, cues, countries):
        if taken and any(start < candidate.end and candidate.start < end for start, end in taken):
            continue
        if _is_plate(candidate, cues):
            taken.append((candidate.start, candidate.end))
            assurance = "registry" if candidate.known else "format"
            yield Observable("plate", candidate.value, candidate.start, candidate.end, assurance)


def _candidates(text: str, cues: Cues, countries: tuple[str, ...]) -> Iterator[_Candidate]:
    regex = plate_regex(countries)
    if regex is not None:
        for match in regex.finditer(text):
            yield _Candidate(match.group(), normal_form(match.group()), match.start(), match.end(), True)
    if not cues.has(Cue.PLATE | Cue.VEHICLE):
        return
    for match in _GENERIC.finditer(text):
        found = _shorten(match, cues)
        if found is not None:
            yield found


def normal_form(written: str) -> str:
    """Write a plate without blanks and punctuation, in upper case."""
    return "".join(char for char in written.upper() if char.isalnum() or "\u0900" <= char <= "\u0dff")


def _shorten(match: re.Match[str], cues: Cues) -> _Candidate | None:
    """Drop words that only follow a plate, and leading ones, from a run of groups."""
    text, offset = match.group(), match.start()
    spans = [(m.start(), m.end()) for m in re.finditer(rf"{_GROUP}+", text)]
    while spans and not _may_belong(text[slice(*spans[0])], len(spans) > 1):
        spans.pop(0)
    if not spans:
        return None
    last = 0
    for i in range(1, len(spans)):
        joint = text[spans[i - 1][1] : spans[i][0]]
        group = text[slice(*spans[i])]
        if joint == " " and not (
            any(char.isdigit() for char in group) or (group.isupper() and len(group) <= 3)
        ):
            break
        last = i
    while last and not any(char.isdigit() for char in text[spans[0][0] : spans[last][1]]):
        last -= 1
    start, end = spans[0][0], spans[last][1]
    written = text[start:end]
    return _Candidate(written, normal_form(written), offset + start, offset + end, False)


def _may_belong(group: str, followed: bool) -> bool:
    if any(char.isdigit() for char in group):
        return True
    return followed and len(group) <= 3 and group.upper() not in _NOT_LETTERS


def _is_plate(candidate: _Candidate, cues: Cues) -> bool:
    digits, total = candidate.digits, len(candidate.value)
    if not 4 <= total <= 16 or digits < 2 or is_blank(candidate.value):
        return False
    own = cues.before(candidate.start, Cue.PLATE, _CUE_REACH)
    other = cues.before(candidate.start, DECISIVE & ~Cue.PLATE, _CUE_REACH)
    if own is not None and (other is None or own <= other):
        return _fits_beside_a_word(candidate, own)
    if other is not None and other <= 20:
        return False
    if own is None and cues.after(candidate.end, Cue.PLATE, _CUE_AFTER) is not None and digits < total:
        return not _is_something_else(candidate, cues)
    return not _is_something_else(candidate, cues) and _speaks_for_itself(candidate, cues)


def _fits_beside_a_word(candidate: _Candidate, distance: int) -> bool:
    if candidate.known:
        return candidate.digits < len(candidate.value) or distance <= 12
    groups = candidate.groups
    if candidate.digits == len(candidate.value):
        return distance <= 6 and len(candidate.value) <= 8
    if _MODELS.match(candidate.value) and candidate.is_spaced is False and len(candidate.value) < 5:
        return False
    if (
        any(group.upper() in _NOT_LETTERS for group in groups)
        and candidate.is_spaced
        and not candidate.is_upper
    ):
        return False
    return len(candidate.value) <= 10


def _is_something_else(candidate: _Candidate, cues: Cues) -> bool:
    """Say whether the string reads as a measure, a road, a model, a year or the number of a place."""
    value, groups = candidate.value, candidate.groups
    if _MODELS.match(value):
        return True
    letters = [group.upper() for group in groups if group.isalpha()]
    if any(group in _NOT_LETTERS for group in letters) and not (
        candidate.is_upper and "-" in candidate.written
    ):
        return True
    if candidate.is_spaced and any(_YEAR.match(group) for group in groups) and len(groups) == 2:
        return True
    if letters and letters[0] in _THAI_WORDS and candidate.is_spaced:
        return True
    measured = value.isascii() or not value[-4:].isdigit()
    if measured and value[-1].isdigit() and cues.after(candidate.end, Cue.UNIT, 1) is not None:
        return True
    return cues.before(candidate.start, Cue.PLACEWORD, 2) is not None and len(value) < 6


def _speaks_for_itself(candidate: _Candidate, cues: Cues) -> bool:
    """Say whether a string without a word for plate beside it is one all the same."""
    near = (
        cues.before(candidate.start, Cue.VEHICLE, _NEAR) is not None
        or cues.after(candidate.end, Cue.VEHICLE, _NEAR_AFTER) is not None
    )
    digits, total = candidate.digits, len(candidate.value)
    has_letters = digits < total
    if not candidate.known:
        return (
            near
            and has_letters
            and 5 <= total <= 9
            and digits >= 3
            and (candidate.is_upper and (not candidate.is_spaced or len(candidate.groups) <= 3))
        )
    somewhere = near or cues.has(Cue.VEHICLE)
    if not has_letters:
        return somewhere and "-" in candidate.written and digits >= 6
    if not candidate.value.isascii():
        return _is_foreign_script_plate(candidate, near, somewhere)
    if digits < 3 and total < 6:
        return False
    if candidate.is_spaced:
        return (near and candidate.is_upper and total >= 5) or (
            somewhere and candidate.is_upper and total >= 6
        )
    if candidate.is_upper:
        return total >= 6 or somewhere
    return somewhere and total >= 6


def _is_foreign_script_plate(candidate: _Candidate, near: bool, somewhere: bool) -> bool:
    if candidate.is_spaced and not somewhere:
        return False
    return candidate.digits >= 3 and (somewhere or len(candidate.value) >= 7)

"""Find numbers that are a date, time, price, quantity or position, and so no identifier."""

import re

_PLUS_CODE = r"[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,4}"
_MGRS = (
    r"\d{1,2}[C-HJ-NP-X]\s?[A-HJ-NP-Z][A-HJ-NP-V]\s?"
    r"(?:\d{3}\s?\d{3}|\d{4}\s?\d{4}|\d{5}\s?\d{5})(?!\d)"
)
_DECIMAL_DEGREES = (
    r"(?<![\d.])[-+]?\d{1,3}[.,]\d{3,8}\s?°?\s{0,3}[NSEWO]?\s{0,3}[,;/ ]\s{0,3}[NSEWO]?\s?"
    r"[-+]?\d{1,3}[.,]\d{3,8}(?![\d.])"
)
_ONE_DECIMAL = r"(?<![\d.])[-+]?\d{1,3}\.\d{4,8}(?![\d.]|-\d)"
_SEXAGESIMAL = r"\d{1,3}\s?°\s?\d{1,2}(?:[.,]\d+)?\s?['’′]?\s?(?:\d{1,2}(?:[.,]\d+)?\s?[\"”″]?)?"
_SPACED_DEGREES = r"(?<![\d-])\d{1,3}[ :]\d{1,2}(?:[ :]\d{1,2})?(?:\.\d+)?\s?['\"]?\s?[NSEWO]\b"
_LEADING_LETTER = r"\b[NSEWO]\s?\d{1,3}[ °]\s?\d{1,2}\.\d{2,}"
_DATE = (
    r"(?<![\w-])(?:(?:19|20|25)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])([-/.])(?:0?[1-9]|[12]\d|3[01])\2(?:(?:19|20|25)\d\d|\d\d)"
    r"|20[0-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?![\w-]|[/.]\d)"
)
_HAN_DATE = r"\d{2,4}\s?年\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?[日号])?"
_TIME = (
    r"(?<![\d.,-])(?:[01]?\d|2[0-4])[:.h][0-5]\d(?::[0-5]\d)?"
    r"(?:\s?(?:[ap]\.?m\b|hrs?\b|h\b|uhr\b|น\.))?(?![\d-]|[.:]\d)"
)
_CURRENCY = (
    r"(?:US\$|R\$|[$€£¥฿₫₭៛₹₦₱₲₵₺₽₴₸৳﷼]|\b(?:USD|EUR|GBP|MXN|THB|MMK|LAK|KHR|VND|CNY|RMB|INR|PKR|BDT|KES|KSH"
    r"|TZS|UGX|UGS|USH|TSH|XOF|XAF|FCFA|CFA|NGN|GHS|ZAR|BRL|PYG|ARS|COP|VES|BOB|PEN|MYR|RM|IDR|RP|RS|TK|TRY"
    r"|RUB|UAH|SAR|AED|IQD|IRR|SYP|LBP|JOD|EGP|SDG|LYD|TND|DZD|MAD|HNL|GTQ|HTG|DOP|NPR|LKR|AFN|ETB|RWF|BIF"
    r"|CDF|ZMW|MZN|ZMK|BWP|MWK|GEL|AMD|AZN|KZT|UZS|KGS|TJS|TMT|MNT|MDL|RON|BGN|RSD|ALL|MKD|BAM|PLN|HUF)\.?)"
)
_PRICE_BEFORE = _CURRENCY + r"\s?\d[\d.,' ]{0,16}+"
_PRICE_AFTER = r"(?<![\w.,'-])\d[\d.,']{0,16}+\s?[kKmM]?\s?(?:" + _CURRENCY + r"|/-)"
_GROUPED = r"(?<![\w.,-])\d{1,3}(?:[.,']\d{3}){1,3}(?:[.,]00?)?(?![\w.,-]{0,6}\d)"
_MEASURE = (
    r"(?<![\w-])\d{1,9}+(?:[.,]\d{1,6}+)?\s?(?:kgs?|km|kms|mts?|tons?|lts?|ltrs?|litres?|liters?|cm|mm|hp|cc|mah|gb|tb"
    r"|mph|kph|volts?|watts?|x)(?![\w+])(?:\s?\d+)?"
)

_MASK = re.compile(
    "|".join(
        f"(?:{part})"
        for part in (
            _PLUS_CODE,
            _MGRS,
            _SEXAGESIMAL,
            _DECIMAL_DEGREES,
            _ONE_DECIMAL,
            _SPACED_DEGREES,
            _LEADING_LETTER,
            _HAN_DATE,
            _PRICE_BEFORE,
            _PRICE_AFTER,
            _GROUPED,
            _MEASURE,
            _TIME,
        )
    ),
    re.IGNORECASE,
)
_DATE_MASK = re.compile(_DATE)


def masked_spans(text: str) -> list[tuple[int, int]]:
    """List the spans of a folded text that hold a date, time, price, quantity or position, in order."""
    spans = [match.span() for match in _MASK.finditer(text)]
    spans.extend(match.span() for match in _DATE_MASK.finditer(text))
    return sorted(spans)

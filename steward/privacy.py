"""Personal data in what customers write: found and masked before it reaches the bot, its logs or a model.

People at the desk see what was typed; machines that only have to understand the wish do not need it.
"""

from __future__ import annotations

import re

_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![\w@.,-])\+?\(?\d[\d ().\-/]*\d(?![\w@])")
_DATE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}")
_CARD_DIGITS = range(13, 20)
# National numbers with their area code and international ones (E.164 allows 15 digits).
_PHONE_DIGITS = range(8, 16)


def mask(text: str) -> str:
    """The text with card numbers, e-mail addresses and telephone numbers as `[card]`, `[email]`, `[phone]`.

    A card number has 13 to 19 digits and a right check digit (ISO/IEC 7812-1, Luhn). Dates, prices, sizes and
    short numbers stay.
    """
    return _NUMBER.sub(_masked, _EMAIL.sub("[email]", text))


def _masked(found: re.Match[str]) -> str:
    written = found.group()
    digits = re.sub(r"\D", "", written)
    if len(digits) in _CARD_DIGITS and _luhn(digits):
        return "[card]"
    if len(digits) in _PHONE_DIGITS and not _DATE.fullmatch(written):
        return "[phone]"
    return written


def _luhn(digits: str) -> bool:
    """Whether the last digit checks the others."""
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    plain = (int(digit) for digit in digits[-1::-2])
    return (sum(value - 9 if value > 9 else value for value in doubled) + sum(plain)) % 10 == 0

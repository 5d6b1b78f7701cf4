"""Which passwords are good enough: long ones that are more than what everybody knows about their owner."""

from __future__ import annotations

import re

SHORTEST = 12
LONGEST = 200
_LEFT = 8
_DIFFERENT = 5
_COMMON = ("password", "passwort", "welcome", "steward", "letmein", "qwerty", "12345678")


def weakness(password: str, email: str, name: str) -> str | None:
    """What is wrong with a new password, as a sentence; None when it will do.

    Length counts, composition does not. The words of the name and the address, and a few that everybody
    tries, do not count towards it.
    """
    if len(password) < SHORTEST:
        return f"The password has {len(password)} characters; at least {SHORTEST} are needed."
    if len(password) > LONGEST:
        return f"The password has {len(password)} characters; {LONGEST} are allowed."
    left = password.lower()
    for word in sorted(_known(email, name), key=len, reverse=True):
        left = left.replace(word, "")
    if len(left) < _LEFT:
        return "The password is little more than a name, an address or a word that everybody tries."
    if len(set(left)) < _DIFFERENT:
        return f"The password repeats itself; use at least {_DIFFERENT} different characters."
    return None


def _known(email: str, name: str) -> set[str]:
    """The words of four letters or more that a guess about this person begins with."""
    words = re.split(r"[\W_]+", f"{email} {name}".lower())
    return {word for word in words if len(word) >= 4} | set(_COMMON)

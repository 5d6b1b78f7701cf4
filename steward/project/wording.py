"""The words that operators write: made plain, and refused where a file or a chat could not hold them."""

from __future__ import annotations

import re
from string import Formatter

from steward.catalogue.table import REPLY_LIMIT
from steward.errors import ProjectError

_ENTITY = re.compile(r"\[[^\]]*\][({]")
_SPACE = re.compile(r"[^\S\n]+")


def plain(text: str, field: str) -> str:
    """A text for customers without blanks around its lines; raises ProjectError for what no file can hold."""
    lines = [_SPACE.sub(" ", line).strip() for line in text.replace("\r\n", "\n").split("\n")]
    cleaned = "\n".join(lines).strip()
    if any(not one.isprintable() and one != "\n" for one in cleaned):
        raise ProjectError("it has signs that cannot be shown; expected text", field=field)
    return cleaned


def example(text: str, field: str = "texts") -> str:
    """A message as an example on one line; raises ProjectError for what cannot be one."""
    cleaned = " ".join(plain(text, field).split())
    if not cleaned:
        raise ProjectError("an example is empty; expected a customer's words", field=field)
    if cleaned.startswith("/"):
        raise ProjectError(f'"{cleaned}" begins with a slash; expected a customer\'s words', field=field)
    if _ENTITY.search(cleaned):
        message = f'"{cleaned}" marks a word with brackets; expected the words alone'
        raise ProjectError(message, field=field)
    return cleaned


def one_line(text: str, field: str, may_be_empty: bool = False) -> str:
    """A text on one line; raises ProjectError for an empty one, unless that may be."""
    cleaned = " ".join(plain(text, field).split())
    if not cleaned and not may_be_empty:
        raise ProjectError("empty; expected some words", field=field)
    return cleaned


def placeholders(text: str) -> frozenset[str]:
    """The names in braces that a response fills in."""
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
    except ValueError:
        return frozenset()


def filled(text: str, known: frozenset[str], field: str) -> str:
    """The text, if it can be shown and filled in with what is known; raises ProjectError otherwise."""
    if not text:
        raise ProjectError("empty; expected what the bot says", field=field)
    if len(text) > REPLY_LIMIT:
        message = f"{len(text)} characters; expected at most {REPLY_LIMIT}, more is not read in a chat"
        raise ProjectError(message, field=field)
    try:
        named = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        raise ProjectError("a brace without its other one; expected both, or none", field=field) from None
    odd = sorted(named - known)
    if odd:
        may = f"only {' and '.join(f'{{{name}}}' for name in sorted(known))}" if known else "none"
        raise ProjectError(f"{{{odd[0]}}} stands for nothing here; expected {may}", field=field)
    return text

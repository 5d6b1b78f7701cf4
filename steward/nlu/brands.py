"""Other makers' and sellers' names, read alike: which of them a message names does not change its topic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# A name of each kind that the sentence encoder knows well.
_STANDS_FOR = {"maker": "Samsung", "seller": "Amazon"}


def alike(text: str) -> str:
    """The text with every brand replaced by the one that stands for its kind."""
    return _WORD.sub(lambda match: _brand(match[0]) or match[0], text)


@lru_cache(maxsize=1)
def brands() -> Mapping[str, str]:
    """What each well-known name is read as."""
    stored = yaml.safe_load((Path(__file__).parent / "brands.yml").read_text("utf-8"))
    return {name: _STANDS_FOR[kind] for kind, names in stored.items() for name in names.split()}


def _brand(word: str) -> str | None:
    known, plain = brands(), word.lower().replace("’", "'")
    return known.get(plain) or known.get(plain.removesuffix("'s"))

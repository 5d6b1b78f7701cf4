"""The shop's facts as its files have them now, and the words for button titles."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from steward.catalogue import Catalogue
from steward.live import Live, live_catalogue
from steward.settings import load_settings
from steward.words import OF_MODEL, Words, load_words

_of_this_turn: ContextVar[Catalogue | None] = ContextVar("_of_this_turn", default=None)


@lru_cache(maxsize=1)
def live() -> Live[Catalogue]:
    """The catalogue that goes with its files; raises CatalogueError with every fault to begin with."""
    found = live_catalogue(load_settings())
    found.watch()
    return found


def catalogue() -> Catalogue:
    """The shop's catalogue: the newest, or within `one_catalogue` always the same."""
    return _of_this_turn.get() or live().now


@contextmanager
def one_catalogue() -> Iterator[Catalogue]:
    """Answer from one catalogue inside the block, whatever becomes of the files meanwhile."""
    token = _of_this_turn.set(live().now)
    try:
        yield catalogue()
    finally:
        _of_this_turn.reset(token)


@lru_cache(maxsize=1)
def words() -> Words:
    """The responses that the bot's model was made with: those are what it says."""
    return load_words(Path(os.environ.get(OF_MODEL) or load_settings().domain))


def title_of(topic: str) -> str | None:
    """What a button that leads to a topic is called; None for a topic that buttons do not lead to."""
    own = catalogue().own_topics.get(topic)
    return own.title if own else words().get(f"utter_title_{topic}")

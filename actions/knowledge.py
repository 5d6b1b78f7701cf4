"""The shop's facts and the words for button titles, loaded once for the whole action server."""

from __future__ import annotations

from functools import lru_cache

from steward.catalogue import Catalogue, load_catalogue
from steward.settings import load_settings
from steward.words import Words, load_words


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The shop's catalogue; raises CatalogueError with every fault when a file does not hold."""
    return load_catalogue(load_settings().catalogue)


@lru_cache(maxsize=1)
def words() -> Words:
    """The responses of `domain.yml`."""
    return load_words(load_settings().domain)


def title_of(topic: str) -> str | None:
    """What a button that leads to a topic is called; None for a topic that buttons do not lead to."""
    own = catalogue().own_topics.get(topic)
    return own.title if own else words().get(f"utter_title_{topic}")

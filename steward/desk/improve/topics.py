"""The topics that a message can be labelled with: those of domain.yml, as the file has them now."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from steward.desk.improve.suggesting import OUT_OF_SCOPE
from steward.desk.improve.turns import UNSURE_INTENT
from steward.errors import ConfigurationError

_NO_LABELS = frozenset({UNSURE_INTENT, OUT_OF_SCOPE})
_TITLE = "utter_title_"


@dataclass(frozen=True)
class Topic:
    """A topic's word, what people call it, and whether the shop made it itself, without code."""

    name: str
    title: str
    own: bool = False


async def _none() -> Iterable[Topic]:
    return ()


class Topics:
    """Reads the topics from a domain file and the shop's own ones from a table beside the catalogue.

    `planned` gives those that are not in the files yet. A file is read again when it has changed.
    """

    def __init__(
        self, domain: Path, own: Path, planned: Callable[[], Awaitable[Iterable[Topic]]] = _none
    ) -> None:
        self._files = (domain, own)
        self._seen: tuple[int, ...] = ()
        self._topics: tuple[Topic, ...] = ()
        self.planned = planned

    async def all(self) -> tuple[Topic, ...]:
        """Every topic in the order of their titles; raises ConfigurationError when a file cannot be read."""
        seen = tuple(_changed_at(path) for path in self._files)
        if seen != self._seen:
            self._topics = await asyncio.to_thread(_read, *self._files)
            self._seen = seen
        known = {topic.name: topic for topic in (*await self.planned(), *self._topics)}
        return tuple(sorted(known.values(), key=lambda topic: (topic.title.casefold(), topic.name)))

    async def has(self, name: str) -> bool:
        """Whether there is such a topic."""
        return any(topic.name == name for topic in await self.all())

    async def title(self, name: str) -> str:
        """What people call a topic, also one that is no longer there."""
        return next((topic.title for topic in await self.all() if topic.name == name), _title(name))


def _read(domain: Path, own: Path) -> tuple[Topic, ...]:
    titles = _own(own)
    try:
        content: Any = yaml.safe_load(domain.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{domain} cannot be read: {error}") from None
    content = content if isinstance(content, dict) else {}
    responses = content.get("responses") or {}
    found = []
    for entry in content.get("intents") or ():
        name = str(next(iter(entry)) if isinstance(entry, dict) else entry)
        if name not in _NO_LABELS:
            variants = responses.get(_TITLE + name) or [{}]
            title = titles.get(name) or str(variants[0].get("text") or "").strip() or _title(name)
            found.append(Topic(name, title, name in titles))
    return tuple(found)


def _own(path: Path) -> dict[str, str]:
    """The shop's own topics with their titles."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from None
    return {row["topic"]: row.get("title") or "" for row in rows if row.get("topic")}


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()

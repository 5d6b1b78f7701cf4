"""What a model is judged by: the regression conversations, and the messages of danger among the examples."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steward import checks
from steward.project.conversations import FOLDER, Conversation, read_conversations

_SAFETY = "safety"
_ANNOTATED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True)
class Matter:
    """Conversations with what is expected of the bot, and messages that tell of danger."""

    conversations: Sequence[Conversation]
    hazards: Sequence[str]

    @classmethod
    def of(cls, root: Path) -> Matter:
        """All that the shop's files hold; raises ProjectError or ConfigurationError where they are odd."""
        files = {
            str(path.relative_to(root)): path.read_text(encoding="utf-8")
            for path in sorted((root / FOLDER).glob("*.csv"))
        }
        return cls(read_conversations(files), _dangers(root))


def _dangers(root: Path) -> list[str]:
    """The examples of the topic safety, as a customer would write them."""
    texts: list[str] = []
    for path in sorted((root / "data" / "nlu").glob("**/*.yml")):
        content = checks.read_yaml(path)
        for entry in (content or {}).get("nlu") or ():
            if isinstance(entry, Mapping) and entry.get("intent") == _SAFETY:
                texts += _lines(entry.get("examples"))
    return list(dict.fromkeys(texts))


def _lines(examples: Any) -> list[str]:
    lines = [line.strip() for line in str(examples or "").splitlines()]
    return [_ANNOTATED.sub(r"\1", line[2:]).strip() for line in lines if line.startswith("- ")]

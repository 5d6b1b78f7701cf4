"""The words for customers, read from `domain.yml` by the parts that are not Rasa."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from steward.errors import ConfigurationError

Response = Mapping[str, Any]

OF_MODEL = "STEWARD_MODEL_DOMAIN"
"""The variable that tells an action server which domain file the model of its bot was made of."""


class Words:
    """The responses of a domain file, by name."""

    def __init__(self, responses: Mapping[str, list[Response]]) -> None:
        self._responses = responses

    def say(self, name: str, **values: object) -> str:
        """The first variant of a response with its `{placeholders}` filled in.

        Raises ConfigurationError when the response or a value for a placeholder is missing.
        """
        text = self.get(name)
        if text is None:
            raise ConfigurationError(f"domain.yml has no response {name}; add it under responses.")
        try:
            return text.format(**values).strip()
        except (KeyError, IndexError, ValueError) as error:
            raise ConfigurationError(
                f"The response {name} in domain.yml cannot be filled in: {error}."
            ) from None

    def get(self, name: str) -> str | None:
        """The first variant's text as written, or None."""
        variants = self._responses.get(name)
        return str(variants[0].get("text", "")).strip() if variants else None

    def buttons(self, name: str) -> list[dict[str, str]]:
        """The first variant's buttons, `{title, payload}` each."""
        variants = self._responses.get(name) or [{}]
        return [dict(button) for button in variants[0].get("buttons", ())]

    def starting(self, prefix: str) -> dict[str, str]:
        """The texts of all responses whose name starts with the prefix, keyed by the rest of the name."""
        names = (name for name in self._responses if name.startswith(prefix))
        return {name[len(prefix) :]: self.get(name) or "" for name in names}


def load_words(domain: Path) -> Words:
    """Read a domain file; raises ConfigurationError with the place where it does not parse."""
    try:
        content = yaml.safe_load(domain.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{domain} is missing; it holds every word that the bot says.") from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{domain} is not valid YAML: {error}") from None
    responses = content.get("responses") if isinstance(content, dict) else None
    if not isinstance(responses, dict):
        raise ConfigurationError(f"{domain} has no section named responses.")
    return Words(responses)

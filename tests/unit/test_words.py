"""Every response that the code speaks is in domain.yml, and nothing there is spoken by nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from steward.errors import ConfigurationError
from steward.words import Words, load_words

ROOT = Path(__file__).resolve().parents[2]
RESPONSES = load_words(ROOT / "domain.yml").starting("")


def _spoken_by_code() -> set[str]:
    """Names as written in the code; one that ends in "_" is the beginning of several."""
    sources = [*ROOT.glob("actions/*.py"), *ROOT.glob("steward/desk/**/*.py")]
    return {
        name
        for source in sources
        for name in re.findall(r"[\"`](utter_\w+)", source.read_text(encoding="utf-8"))
    }


def _listed_for_validation() -> set[str]:
    stories = yaml.safe_load((ROOT / "data/stories/spoken_by_actions.yml").read_text(encoding="utf-8"))[
        "stories"
    ]
    return {step["action"] for story in stories for step in story["steps"]}


def test_every_response_that_the_code_names_exists() -> None:
    for name in _spoken_by_code():
        found = (
            any(response.startswith(name) for response in RESPONSES)
            if name.endswith("_")
            else name in RESPONSES
        )
        assert found, f"domain.yml has no response {name}"


def test_every_response_is_listed_for_rasas_own_validation() -> None:
    assert _listed_for_validation() == set(RESPONSES)


def test_a_missing_response_is_named() -> None:
    with pytest.raises(ConfigurationError, match="utter_nothing"):
        Words({}).say("utter_nothing")


def test_a_missing_value_is_named() -> None:
    with pytest.raises(ConfigurationError, match="position"):
        Words({"utter_a": [{"text": "Number {position}"}]}).say("utter_a")


def test_a_domain_that_does_not_parse_says_where(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_text("responses:\n  utter_a: [\n")
    with pytest.raises(ConfigurationError, match="line 3"):
        load_words(tmp_path / "domain.yml")

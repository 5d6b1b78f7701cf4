"""Settings come from the environment, refuse what is odd, and are all documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from steward.errors import ConfigurationError
from steward.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]


def test_without_an_environment_everything_is_in_the_project_on_loopback() -> None:
    settings = load_settings({})
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.home == ROOT / ".steward"
    assert settings.database_url.endswith(".steward/steward.db")
    assert settings.bot_url == "http://127.0.0.1:8081"


def test_the_other_ports_follow_from_the_desks() -> None:
    settings = load_settings({"PORT": "9000"})
    assert (settings.bot_port, settings.actions_port, settings.bot_url) == (
        9001,
        9002,
        "http://127.0.0.1:9001",
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "eighty", "PORT must be a number"),
        ("PORT", "80.5", "PORT must be a whole number"),
        ("PORT", "70000", "PORT must lie between 1 and 65533"),
        ("STEWARD_BOT_TIMEOUT", "0", "STEWARD_BOT_TIMEOUT must lie between"),
        ("STEWARD_REOPEN_HOURS", "-1", "STEWARD_REOPEN_HOURS must lie between"),
    ],
)
def test_an_odd_value_is_refused_by_name(name: str, value: str, expected: str) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        load_settings({name: value})


OIDC = {
    "STEWARD_OIDC_ISSUER": "https://id.example/realm",
    "STEWARD_OIDC_CLIENT_ID": "desk",
    "STEWARD_OIDC_CLIENT_SECRET": "hush",
}


def test_without_an_issuer_there_is_no_single_sign_on() -> None:
    assert load_settings({"STEWARD_OIDC_CLIENT_ID": "desk"}).single_sign_on is None


def test_single_sign_on_takes_invited_people_alone_unless_domains_are_named() -> None:
    rules = load_settings(OIDC).single_sign_on
    assert rules is not None
    assert (rules.issuer, rules.domains, rules.role) == ("https://id.example/realm", (), "agent")
    assert "hush" not in repr(load_settings(OIDC))
    more = {"STEWARD_OIDC_DOMAINS": "Shop.example, other.example", "STEWARD_OIDC_ROLE": "lead"}
    rules = load_settings(OIDC | more).single_sign_on
    assert rules is not None
    assert (rules.domains, rules.role) == (("shop.example", "other.example"), "lead")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"STEWARD_OIDC_ISSUER": "http://id.example"}, "STEWARD_OIDC_ISSUER must be an https"),
        ({"STEWARD_OIDC_ISSUER": "id.example"}, "STEWARD_OIDC_ISSUER must be an https"),
        ({"STEWARD_OIDC_CLIENT_ID": ""}, "STEWARD_OIDC_CLIENT_ID is needed"),
        ({"STEWARD_OIDC_CLIENT_SECRET": ""}, "STEWARD_OIDC_CLIENT_SECRET is needed"),
        ({"STEWARD_OIDC_ROLE": "admin"}, "STEWARD_OIDC_ROLE must be one of agent, lead, operator"),
    ],
)
def test_single_sign_on_that_cannot_work_or_gives_too_much_is_refused(change, expected) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        load_settings(OIDC | change)


def test_an_empty_value_means_the_default() -> None:
    assert load_settings({"PORT": ""}).port == 8080


def test_every_setting_is_documented() -> None:
    source = (ROOT / "steward" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"([A-Z][A-Z_]+)"', source))
    page = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.M))
    assert names
    assert names <= documented

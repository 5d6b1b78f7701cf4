"""What the environment decides: where things are, which port, which database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from steward.errors import ConfigurationError

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """One running Steward. Ports are TCP ports, times seconds unless the name says hours."""

    root: Path
    home: Path
    host: str
    port: int
    database_url: str
    bot_url: str
    bot_timeout: float
    reopen_hours: float

    @property
    def bot_port(self) -> int:
        """The Rasa server's port, on loopback only."""
        return self.port + 1

    @property
    def actions_port(self) -> int:
        """The action server's port, on loopback only."""
        return self.port + 2

    @property
    def catalogue(self) -> Path:
        """The folder of the shop's facts."""
        return self.root / "data" / "catalogue"

    @property
    def domain(self) -> Path:
        """The file with every word that the bot says."""
        return self.root / "domain.yml"


def load_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; raises ConfigurationError naming the variable that is odd."""
    root = Path(env.get("STEWARD_ROOT") or _ROOT).resolve()
    home = Path(env.get("STEWARD_HOME") or root / ".steward").expanduser().resolve()
    port = _whole(env, "PORT", 8080, low=1, high=65533)
    return Settings(
        root=root,
        home=home,
        host=env.get("STEWARD_HOST") or "127.0.0.1",
        port=port,
        database_url=env.get("DATABASE_URL") or f"sqlite:///{home / 'steward.db'}",
        bot_url=env.get("BOT_URL") or f"http://127.0.0.1:{port + 1}",
        bot_timeout=_number(env, "STEWARD_BOT_TIMEOUT", 8.0, low=0.1, high=120.0),
        reopen_hours=_number(env, "STEWARD_REOPEN_HOURS", 24.0, low=0.0, high=8760.0),
    )


def _whole(env: Mapping[str, str], name: str, default: int, *, low: int, high: int) -> int:
    value = _number(env, name, float(default), low=low, high=high)
    if value != int(value):
        raise ConfigurationError(f"{name} must be a whole number; it is {env[name]!r}.")
    return int(value)


def _number(env: Mapping[str, str], name: str, default: float, *, low: float, high: float) -> float:
    text = env.get(name) or ""
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise ConfigurationError(f"{name} must be a number; it is {text!r}.") from None
    if not low <= value <= high:
        raise ConfigurationError(f"{name} must lie between {low:g} and {high:g}; it is {text!r}.")
    return value

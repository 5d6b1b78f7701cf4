"""The processes of a Steward: how each is started, where it listens, what a bot is asked before it serves."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from steward import checks
from steward.catalogue import Catalogue, load_catalogue
from steward.errors import StewardError
from steward.memory import THROW_AWAY
from steward.run.generations import DESK, free_memory
from steward.run.supervisor import Service
from steward.settings import Settings
from steward.training import models
from steward.training.bot import Asker, CandidateError, actions_arguments, bot_arguments, write_endpoints
from steward.training.registry import DOMAIN, Registry
from steward.training.serving import SHADOW_TOKEN
from steward.words import OF_MODEL

_WARM_UP = ("hello", "how much does it cost")
_SLOTS = 50
# Clear danger in plain words; no shop's data may keep a bot from knowing it.
_DANGER = "there are flames and smoke coming out of it"


class NoPorts(StewardError):
    """No two ports are free beside those of this Steward."""


@dataclass(frozen=True)
class Probe:
    """A question with a known answer: what the metadata of one of the replies must have."""

    text: str
    expected: Mapping[str, Any]

    def fault(self, asker: Asker, sender: str) -> str | None:
        """What is wrong with the answer, as a sentence; None when it is as expected."""
        try:
            answer = asker.ask(sender, self.text)
        except CandidateError as error:
            return str(error)
        if any(all(_has(meta, *wish) for wish in self.expected.items()) for meta in answer.meta):
            return None
        wanted = ", ".join(f"{name} {value}" for name, value in self.expected.items())
        return f"Asked {self.text!r} it gave {_told(answer.meta)} instead of {wanted}."


class Services:
    """Makes the services of one Steward. A slot is a pair of ports, counted from those beside the desk's."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._registry = Registry(settings.home)
        self._logs = settings.home / "logs"
        self._token = secrets.token_urlsafe(24)

    def desk(self) -> Service:
        """The desk. It stops before the bots, so that it never sees one fail on the way down."""
        settings = self._settings
        return Service(
            name=DESK,
            module="steward.desk",
            arguments=(),
            port=settings.port,
            path="/health/ready",
            host="127.0.0.1" if settings.host in ("", "0.0.0.0", "::", "localhost") else settings.host,
            log=self._logs / "desk.log",
            folder=settings.root,
            env={
                "PYTHONUNBUFFERED": "1",
                "SANIC_ACCESS_LOG": "false",
                "STEWARD_HOME": str(settings.home),
                SHADOW_TOKEN: self._token,
            },
            grace=10.0,
        )

    def services(self, model: str, slot: int) -> tuple[Service, Service]:
        """The bot and the action server of a model; the bot starts if the registry knows the archive."""
        bot_port, actions_port = self._ports(slot)
        settings, known_as = self._settings, "" if slot == 0 else f" of model {model}"
        endpoints = settings.home / f"endpoints{_numbered(slot)}.yml"
        write_endpoints(settings.root, endpoints, actions_port, settings.memory)
        bot = self._rasa(
            name=f"bot{known_as}",
            port=bot_port,
            arguments=bot_arguments(settings.root, self._registry.archive(model), bot_port, endpoints),
            log=f"bot{_numbered(slot)}.log",
            allow=lambda: self._registry.verify(model),
        )
        domain = self._registry.kept(model, DOMAIN) or settings.domain
        actions = Service(
            name=f"action server{known_as}",
            module="rasa_sdk",
            arguments=actions_arguments(actions_port),
            port=actions_port,
            path="/health",
            log=self._logs / f"actions{_numbered(slot)}.log",
            folder=settings.root,
            env={**models.rasa_environment(), "SANIC_HOST": "127.0.0.1", OF_MODEL: str(domain)},
            rank=1,
        )
        return bot, actions

    def shadow(self, model: str, slot: int) -> Service:
        """A bot that only reads; who asks it shows the token that the desk has from its environment."""
        port, actions_port = self._ports(slot)
        settings = self._settings
        endpoints = settings.home / f"endpoints{_numbered(slot)}.yml"
        write_endpoints(settings.root, endpoints, actions_port)
        served = bot_arguments(settings.root, self._registry.archive(model), port, endpoints)
        return self._rasa(
            name=f"shadow bot of model {model}",
            port=port,
            arguments=(*served, "--enable-api", "--auth-token", f"@{SHADOW_TOKEN}"),
            log=f"bot{_numbered(slot)}.log",
            allow=lambda: self._registry.verify(model),
            env={SHADOW_TOKEN: self._token},
        )

    def slot(self, taken: set[int]) -> int:
        """The first pair of ports that is neither taken nor used by somebody else."""
        for slot in range(_SLOTS):
            if slot not in taken and all(checks.is_free(port) for port in self._ports(slot)):
                return slot
        raise NoPorts(
            f"No two free ports were found between {self._ports(0)[0]} and {self._ports(_SLOTS)[0]}."
        )

    def warm(self, port: int) -> bool:
        """Have a bot do everything once, as a sender that no conversation has; whether it answered.

        The first message through a fresh bot takes several times as long as the next ones.
        """
        asker, sender = Asker(port), f"{THROW_AWAY}warm-up-{secrets.token_hex(4)}"
        try:
            return all([asker.ask(sender, text).text for text in _WARM_UP])
        except CandidateError:
            return False
        finally:
            asker.close()

    def faults(self, port: int) -> list[str]:
        """What is wrong with a bot's answers to a price, to clear danger and to the wish for a person."""
        asker = Asker(port)
        try:
            found = [
                probe.fault(asker, f"{THROW_AWAY}probe-{secrets.token_hex(4)}")
                for probe in probes(load_catalogue(self._settings.catalogue))
            ]
        finally:
            asker.close()
        return [fault for fault in found if fault]

    def free_memory(self) -> int | None:
        """How many megabytes are free."""
        return free_memory()

    def _ports(self, slot: int) -> tuple[int, int]:
        return self._settings.bot_port + 2 * slot, self._settings.actions_port + 2 * slot

    def _rasa(
        self,
        *,
        name: str,
        port: int,
        arguments: tuple[str, ...],
        log: str,
        allow: Callable[[], object],
        env: Mapping[str, str] | None = None,
    ) -> Service:
        return Service(
            name=name,
            module="rasa",
            arguments=arguments,
            port=port,
            path="/webhooks/rest/",
            log=self._logs / log,
            folder=self._settings.root,
            env={**models.rasa_environment(), **(env or {})},
            rank=1,
            allow=allow,
        )


def probes(catalogue: Catalogue) -> list[Probe]:
    """Questions that any model of this shop must answer in one way."""
    asked = [Probe(_DANGER, {"act": "safety"}), Probe("/human", {"act": "handoff"})]
    priced = next((one for one in catalogue.products.values() if catalogue.price(one.sku)), None)
    if priced is not None:
        expected = {"act": "answer", "topic": "price", "skus": [priced.sku]}
        asked.insert(0, Probe(f"how much is the {priced.name}?", expected))
    return asked


def _has(meta: Mapping[str, Any], name: str, value: object) -> bool:
    return bool(meta.get(name) == value)


def _told(metas: tuple[Mapping[str, Any], ...]) -> str:
    """The acts and topics of the replies, for a person."""
    told = [f"{meta.get('act')} about {meta.get('topic') or 'nothing'}" for meta in metas]
    return " and ".join(told) if told else "no answer that its actions signed"


def _numbered(slot: int) -> str:
    return f"-{slot}" if slot else ""

"""What operations asks: is it alive, is it ready, what has it done."""

from __future__ import annotations

import asyncio
from typing import Literal

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, text

from steward.desk.api.http import answer, desk_of
from steward.desk.api.operations import Who, operation
from steward.live import faults_of

health = Blueprint("health")


class Liveness(msgspec.Struct):
    """The process answers."""

    status: Literal["live"]


class Readiness(msgspec.Struct):
    """What answers; `actions` is null when it is not known where the action server is."""

    status: Literal["ready", "not ready"]
    database: bool
    bot: bool
    actions: bool | None
    agents_online: int


@operation(health, "GET", "/health/live", who=Who.ANYONE, gives=Liveness)
async def live(_request: Request) -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@operation(health, "GET", "/health/ready", who=Who.ANYONE, gives=Readiness, also={503: Readiness})
async def ready(request: Request) -> HTTPResponse:
    """The database answers, so conversations are safe; whether the bot does is told beside it."""
    desk = desk_of(request)
    database, bot, actions = await asyncio.gather(
        desk.store.database.answers(), desk.bot.alive(), desk.bot.actions_alive()
    )
    shape = {
        "status": "ready" if database else "not ready",
        "database": database,
        "bot": bot,
        "actions": actions,
        "agents_online": desk.presence.count(),
    }
    return answer(shape, 200 if database else 503)


@operation(health, "GET", "/metrics", who=Who.ANYONE, gives=str, media="text/plain")
async def metrics(request: Request) -> HTTPResponse:
    """Counts for Prometheus."""
    desk = desk_of(request)
    waiting = sum(one.waiting for one in await desk.store.lists.waiting())
    gauges = {
        "queue_length": waiting,
        "agents_online": desk.presence.count(),
        "catalogue_faults": len(faults_of(desk.facts)),
        "catalogue_loaded_timestamp_seconds": round(desk.facts.since, 3),
    }
    serving, shadow = desk.bot.serving, desk.bot.shadow
    models = {"serving": serving.model} if serving else {}
    if shadow is not None:
        models["shadow"] = shadow.model
    newest = desk.retraining.newest
    told = desk.metrics.text(gauges, models, newest.state if newest else None)
    return text(told, content_type="text/plain; version=0.0.4; charset=utf-8")

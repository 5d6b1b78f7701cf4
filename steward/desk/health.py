"""What operations asks: is it alive, is it ready, what has it done."""

from __future__ import annotations

import asyncio

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, text

from steward.desk.http import answer, desk_of

health = Blueprint("health")


@health.get("/health/live")
async def live(_request: Request) -> HTTPResponse:
    """The process answers."""
    return answer({"status": "live"})


@health.get("/health/ready")
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


@health.get("/metrics")
async def metrics(request: Request) -> HTTPResponse:
    """Counts for Prometheus."""
    desk = desk_of(request)
    waiting = sum(one.waiting for one in await desk.store.lists.waiting())
    gauges = {"queue_length": waiting, "agents_online": desk.presence.count()}
    return text(desk.metrics.text(gauges), content_type="text/plain; version=0.0.4; charset=utf-8")

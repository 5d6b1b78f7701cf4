"""The board: who is there, who waits, and how the day goes, for those who lead."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sanic import Blueprint, Request

from steward.clock import now
from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.conversation import Conversation, State
from steward.desk.queue import board
from steward.desk.service import Desk
from steward.desk.shapes import Moment, time_text

board_api = Blueprint("board", url_prefix="/api/v1/desk")

_TIMERS = 50


class BoardAgent(shapes.TeamMember):
    """One of the team, with the day so far."""

    handled_today: int
    resolved_today: int
    first_response_median: int | None
    state_since: Moment | None


class SkillQueue(msgspec.Struct):
    """Who waits for one skill; null is for whoever comes."""

    skill: str | None
    waiting: int
    longest_wait: int
    broken: int
    warned: int


class QueueNow(msgspec.Struct):
    """Who waits now: how many, for how many seconds, and how many first answers are late or soon will be."""

    waiting: int
    longest_wait: int
    broken: int
    warned: int
    by_skill: list[SkillQueue]
    timers: list[shapes.Card]


class SkillDay(msgspec.Struct):
    """The day's numbers of one skill."""

    skill: str | None
    handoffs: int
    answered: int
    wait_median: int | None
    wait_p90: int | None
    first_response_median: int | None


class HourView(msgspec.Struct):
    """An hour of the day."""

    at: Moment
    handoffs: int
    accepted: int
    wait_median: int | None


class Today(msgspec.Struct):
    """The day's numbers. `within_target` is the share of first answers in time, `csat` of helpful ones."""

    handoffs: int
    accepted: int
    answered: int
    resolved: int
    deferred: int
    wait_median: int | None
    wait_p90: int | None
    first_response_median: int | None
    within_target: float | None
    csat: float | None
    rated: int
    by_skill: list[SkillDay]
    hours: list[HourView]


class Target(msgspec.Struct):
    """What was promised: seconds until the first answer, and how long before that a warning comes."""

    first_response_seconds: int
    warn_seconds: int


class Board(msgspec.Struct):
    """Everything that a lead sees at a glance."""

    now: Moment
    target: Target
    agents: list[BoardAgent]
    queue: QueueNow
    today: Today


@operation(board_api, "GET", "/board", who=Who.AGENT, permission=Permission.LEAD, gives=Board)
async def show_board(request: Request) -> Board:
    """Who is online, who waits and for how long, and the day's numbers, as of now."""
    desk = desk_of(request)
    zone = ZoneInfo(desk.catalogue.opening.time_zone)
    at = now()
    rules = desk.dispatch.rules
    start = board.day_start(at, zone)
    happenings = await desk.store.figures.happened(start)
    return Board(
        now=_time(at),
        target=Target(rules.first_response_seconds, rules.warn_seconds),
        agents=await _agents(desk, board.shares(happenings)),
        queue=_queue(desk, await desk.store.figures.owed(), at),
        today=_today(
            happenings,
            board.day_hours(start, at, zone),
            rules.first_response_seconds * 1000,
            await desk.store.figures.ratings(start),
        ),
    )


async def _agents(desk: Desk, shares: dict[str, board.Share]) -> list[BoardAgent]:
    await desk.dispatch.look()
    agents = []
    for member in desk.dispatch.team_shape():
        share = shares.get(member["id"], board.Share())
        agents.append(
            BoardAgent(
                **member,
                handled_today=share.handled,
                resolved_today=share.resolved,
                first_response_median=share.first_response_median,
                state_since=time_text(desk.dispatch.presence.since(member["id"])),
            )
        )
    return agents


def _queue(desk: Desk, owed: tuple[Conversation, ...], at: int) -> QueueNow:
    due = {one.id: desk.dispatch.first_response_due(one) for one in owed}
    promises = [
        board.Promise(
            one.queued_at or one.handed_at or at, one.skill, due[one.id], one.state is not State.AGENT
        )
        for one in owed
    ]
    everybody, by_skill = board.queue(promises, at, desk.dispatch.rules.warn_seconds * 1000)
    timed = sorted((one for one in owed if due[one.id]), key=lambda one: due[one.id] or 0)
    return QueueNow(
        everybody.waiting,
        everybody.longest_wait,
        everybody.broken,
        everybody.warned,
        [
            SkillQueue(skill, one.waiting, one.longest_wait, one.broken, one.warned)
            for skill, one in sorted(by_skill.items(), key=_by_skill)
        ],
        [msgspec.convert(desk.card(one), shapes.Card) for one in timed[:_TIMERS]],
    )


def _today(
    happenings: tuple[board.Happening, ...], starts: list[int], target: int, ratings: tuple[int, int]
) -> Today:
    numbers, by_skill = board.today(happenings, target)
    helpful, rated = ratings
    return Today(
        handoffs=numbers.handoffs,
        accepted=numbers.accepted,
        answered=numbers.answered,
        resolved=numbers.resolved,
        deferred=numbers.deferred,
        wait_median=numbers.wait_median,
        wait_p90=numbers.wait_p90,
        first_response_median=numbers.first_response_median,
        within_target=numbers.within / numbers.answered if numbers.answered else None,
        csat=helpful / rated if rated else None,
        rated=rated,
        by_skill=[
            SkillDay(
                skill, one.handoffs, one.answered, one.wait_median, one.wait_p90, one.first_response_median
            )
            for skill, one in sorted(by_skill.items(), key=_by_skill)
        ],
        hours=[
            HourView(_time(one.at), one.handoffs, one.accepted, one.wait_median)
            for one in board.hours(happenings, starts)
        ],
    )


def _by_skill(item: tuple[str | None, Any]) -> str:
    """Who is for anybody comes first."""
    return item[0] or ""


def _time(milliseconds: int) -> str:
    return time_text(milliseconds) or ""

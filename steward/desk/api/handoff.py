"""Who has a conversation: taking it, letting it go, and the team and rules behind that.

Every decision carries the epoch that it was made under; one made on what is no longer so is refused with
409 and says why (`taken`, `stale`, `full`, `unreachable`).
"""

from __future__ import annotations

import functools
from typing import Annotated, Any, Literal

import msgspec
from sanic import Blueprint, Request

from steward.clock import now
from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.entry import acted, agent_of
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.conversation import (
    Accepted,
    Declined,
    Event,
    Held,
    Reopened,
    Resolved,
    Returned,
    TookOver,
    Transferred,
    Undone,
)
from steward.desk.queue.routing import Presence, Rules
from steward.desk.store import Claim, Work
from steward.desk.store.notes import keep_note
from steward.desk.workspace.notes import new_note
from steward.errors import ConversationError

_SCOPE = "handoffs:accept"

handoff_api = Blueprint("handoff", url_prefix="/api/v1/desk")
_decision = functools.partial(
    operation,
    handoff_api,
    "POST",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope=_SCOPE,
    gives=shapes.OneCard,
)


class Decision(msgspec.Struct):
    """The epoch that an agent decided on."""

    epoch: shapes.Whole


class Hold(Decision):
    """Whether the customer is asked for a moment."""

    held: bool


class Transfer(Decision):
    """Whom to pass the conversation to: exactly one of a colleague's id and a skill."""

    agent: shapes.Line | None = None
    skill: shapes.Line | None = None
    note: shapes.Text | None = None


class Return(Decision):
    """Back to the bot, with a note for whoever comes next."""

    note: shapes.Text | None = None


class Resolve(Decision):
    """How it ended."""

    reason: Literal["answered", "no_reply", "duplicate", "spam", "follow_up", "other"] | None = None


class Availability(msgspec.Struct):
    """How the agent is."""

    state: Literal["online", "away", "offline"]


Skills = Annotated[dict[shapes.Line, shapes.Line], msgspec.Meta(max_length=200)]


class QueueRules(msgspec.Struct):
    """How the queue is run.

    `capacity` is for agents who have none of their own; `skills` tells which skill a topic or a reason
    needs, beyond skills that are named like them.
    """

    routing: Literal["manual", "offer"] = "manual"
    offer_seconds: Annotated[int, msgspec.Meta(ge=5, le=600)] = 30
    capacity: Annotated[int, msgspec.Meta(ge=1, le=100)] = 5
    longest_wait_minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 15
    grace_seconds: Annotated[int, msgspec.Meta(ge=1, le=600)] = 30
    lost_minutes: Annotated[int, msgspec.Meta(ge=1, le=240)] = 5
    first_response_seconds: Annotated[int, msgspec.Meta(ge=10, le=86_400)] = 120
    warn_seconds: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 30
    skills: Skills = {}


@_decision("/conversations/{conversation_id}/accept", body=Decision)
async def accept(request: Request, conversation_id: str, body: Decision) -> dict[str, Any]:
    """Take a waiting conversation. Of several who do it at once one gets it; the others are told who."""
    agent = agent_of(request)
    event = Accepted(now(), body.epoch, agent.id, agent.name)
    return await _act(request, conversation_id, event, claim=desk_of(request).dispatch.claim(agent))


@_decision("/conversations/{conversation_id}/takeover", body=Decision)
async def take_over(request: Request, conversation_id: str, body: Decision) -> dict[str, Any]:
    """Take a conversation from the bot. Leads may have more of those than their capacity."""
    agent = agent_of(request)
    event = TookOver(now(), body.epoch, agent.id, agent.name)
    claim = desk_of(request).dispatch.claim(agent, free_choice=True)
    return await _act(request, conversation_id, event, claim=claim)


@_decision("/conversations/{conversation_id}/reopen", body=Decision)
async def reopen(request: Request, conversation_id: str, body: Decision) -> dict[str, Any]:
    """Take a resolved conversation up again."""
    agent = agent_of(request)
    event = Reopened(now(), body.epoch, agent.id, agent.name)
    claim = desk_of(request).dispatch.claim(agent, free_choice=True)
    return await _act(request, conversation_id, event, claim=claim)


@_decision("/conversations/{conversation_id}/decline", body=Decision)
async def decline(request: Request, conversation_id: str, body: Decision) -> dict[str, Any]:
    """Let an offer go: the conversation keeps its place and somebody else is asked."""
    event = Declined(now(), body.epoch, agent_of(request).id)
    return await _act(request, conversation_id, event)


@_decision("/conversations/{conversation_id}/hold", body=Hold)
async def hold(request: Request, conversation_id: str, body: Hold) -> dict[str, Any]:
    """Ask the customer for a moment, or be back."""
    agent = agent_of(request)
    event = Held(now(), body.epoch, agent.id, agent.name, body.held)
    return await _act(request, conversation_id, event)


@_decision("/conversations/{conversation_id}/transfer", body=Transfer)
async def transfer(request: Request, conversation_id: str, body: Transfer) -> dict[str, Any]:
    """Pass the conversation to a colleague or to whoever has a skill, with the note or not at all."""
    agent, dispatch = agent_of(request), desk_of(request).dispatch
    if (body.agent is None) == (body.skill is None):
        message = "Send either agent or skill."
        raise ConversationError("invalid", message, status=400, field="agent")
    to_agent = ""
    if body.agent is not None:
        member = await dispatch.member(body.agent)
        if member is None or member.id == agent.id:
            raise ConversationError("unreachable", "Nobody with that id can take it.", field="agent")
        to_agent = member.name
    elif body.skill is not None and not await dispatch.knows(body.skill):
        raise ConversationError("unreachable", "Nobody in the team has that skill.", field="skill")
    event = Transferred(now(), body.epoch, agent.id, agent.name, body.agent, to_agent, body.skill)
    return await _act(request, conversation_id, event, note=body.note)


@_decision("/conversations/{conversation_id}/return", body=Return)
async def give_back(request: Request, conversation_id: str, body: Return) -> dict[str, Any]:
    """Give the conversation back to the bot."""
    event = Returned(now(), body.epoch, agent_of(request).id)
    return await _act(request, conversation_id, event, note=body.note)


@_decision("/conversations/{conversation_id}/resolve", body=Resolve)
async def resolve(request: Request, conversation_id: str, body: Resolve) -> dict[str, Any]:
    """Be done with the conversation."""
    event = Resolved(now(), body.epoch, agent_of(request).id, body.reason)
    return await _act(request, conversation_id, event)


@_decision("/conversations/{conversation_id}/undo", body=Decision)
async def undo(request: Request, conversation_id: str, body: Decision) -> dict[str, Any]:
    """Take back one's own last resolve or transfer, while nobody has touched the conversation since.

    The conversation was theirs a moment ago, so their capacity does not stand against it.
    """
    agent = agent_of(request)
    event = Undone(now(), body.epoch, agent.id, agent.name)
    return await _act(request, conversation_id, event)


@operation(handoff_api, "GET", "/team", who=Who.AGENT, scope="team:read", gives=shapes.Team)
async def team(request: Request) -> dict[str, Any]:
    """Everybody who answers, whether they are there, and the skills that they have."""
    dispatch = desk_of(request).dispatch
    await dispatch.look()
    skills = sorted({skill for member in dispatch.team for skill in member.skills})
    return {"agents": dispatch.team_shape(), "skills": skills}


@operation(
    handoff_api,
    "PUT",
    "/presence",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope=_SCOPE,
    body=Availability,
    gives=Availability,
)
async def set_presence(request: Request, body: Availability) -> Availability:
    """Say whether one takes work. A person's word holds as long as their socket; another system's stays."""
    agent, dispatch = agent_of(request), desk_of(request).dispatch
    dispatch.presence.say(agent.id, Presence(body.state), lasting=agent.kind == "desk")
    dispatch.wake()
    return body


@operation(handoff_api, "GET", "/settings", who=Who.AGENT, permission=Permission.ANSWER, gives=QueueRules)
async def settings(request: Request) -> Rules:
    """How the queue is run."""
    return desk_of(request).dispatch.rules


@operation(
    handoff_api,
    "PUT",
    "/settings",
    who=Who.AGENT,
    permission=Permission.LEAD,
    body=QueueRules,
    gives=QueueRules,
)
async def set_settings(request: Request, body: QueueRules) -> Rules:
    """Run the queue by other rules; what is left out gets its default."""
    dispatch, chosen = desk_of(request).dispatch, msgspec.structs.asdict(body)
    before = msgspec.to_builtins(dispatch.rules)
    changed = {name: value for name, value in chosen.items() if value != before[name]}
    await dispatch.change(Rules(**chosen), acted(request, "settings.changed", "queue", changed))
    return dispatch.rules


async def _act(
    request: Request,
    conversation_id: str,
    event: Event,
    *,
    claim: Claim | None = None,
    note: str | None = None,
) -> dict[str, Any]:
    desk, kept = desk_of(request), None
    also: list[Work] = []
    if note is not None:
        kept = new_note(conversation_id, now(), agent_of(request), shapes.words(note, "note"))
        also.append(functools.partial(keep_note, note=kept))
    committed = await desk.commit(conversation_id, event, claim=claim, also=also)
    if kept is not None:
        await desk.notes.tell(kept)
    return {"conversation": desk.card(committed.outcome.after)}

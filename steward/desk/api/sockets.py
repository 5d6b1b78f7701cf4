"""The two WebSockets: a customer's conversation, and an agent's desk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import ExitStack, suppress
from typing import Any

from sanic import Blueprint, Request

from steward.desk import shapes
from steward.desk.accounts.agents import SESSION_SECONDS, session_topic, token_hash
from steward.desk.accounts.permissions import Permission, may
from steward.desk.api.desk import desk_api
from steward.desk.api.entry import COOKIE
from steward.desk.api.http import desk_of, expect_socket, query
from steward.desk.bus import DESK, OPERATORS, Closed, Subscription, agent_topic
from steward.desk.commits import Happened, Typing
from steward.desk.conversation import Conversation, State
from steward.desk.queue.places import Place, QueueNews
from steward.desk.queue.routing import Presence
from steward.desk.service import Desk
from steward.desk.store import Agent, StoreUnavailable
from steward.desk.workspace.reading import Read
from steward.errors import ConversationError

_AUTH_SECONDS = 5.0
_TYPING_EVERY = 1.0
_GOING_AWAY = 1001
_REFUSED = 4401

sockets = Blueprint("sockets", url_prefix="/api/v1")
sockets.on_request(expect_socket)


@sockets.websocket("/conversations/<conversation_id:str>/socket")
async def customer_socket(request: Request, ws: Any, conversation_id: str) -> None:
    """The customer's side: the token first, then a snapshot, then everything as it happens."""
    desk = desk_of(request)
    try:
        after = shapes.whole(query(request, "after"), "after")
        frame = shapes.decode(_bytes(await ws.recv(timeout=_AUTH_SECONDS)), shapes.CustomerFrame)
        await desk.customers.authorise(conversation_id, frame.token if frame.type == "auth" else None)
        with desk.bus.subscribe(conversation_id) as news:
            conversation, messages = await desk.store.conversations.snapshot(conversation_id, after)
            view = await desk.customers.view(conversation, messages)
            await _send(ws, {"type": "snapshot", **view})
            side = _CustomerSide(desk, ws, conversation_id, news, conversation.seq, conversation.epoch)
            await _both(ws, side.tell(), side.listen())
    except ConversationError as refusal:
        await _send_error(ws, refusal)
        await ws.close(_REFUSED, refusal.code)


@desk_api.websocket("/socket")
async def agent_socket(request: Request, ws: Any) -> None:
    """An agent's side: the queue and the team first, then everything as it happens.

    The open socket is the presence. Who improves the bot hears of that, too, or alone if they answer nobody.
    """
    desk = desk_of(request)
    agent: Agent = request.ctx.agent
    token = request.cookies.get(COOKIE) or ""
    if not may(agent.role, Permission.ANSWER):
        await _operators_side(desk, ws, agent, token)
        return
    desk.presence.arrive(ws, agent.id)
    desk.dispatch.wake()
    try:
        with ExitStack() as stack:
            topics = [DESK, agent_topic(agent.id)]
            if may(agent.role, Permission.IMPROVE):
                topics.append(OPERATORS)
            heard = [stack.enter_context(desk.bus.subscribe(topic)) for topic in topics]
            session = stack.enter_context(desk.bus.subscribe(session_topic(token_hash(token))))
            await _begin_with_agent(desk, ws, agent)
            told = (_tell_agent(ws, one, agent) for one in heard)
            await _both(ws, *told, _listen_to_agent(desk, ws, agent), _last(ws, session))
    finally:
        desk.improve.look(agent, None)
        desk.presence.leave(ws)
        desk.onlookers.leave(ws)
        desk.dispatch.wake()


async def _operators_side(desk: Desk, ws: Any, agent: Agent, token: str) -> None:
    """Who improves the bot and answers nobody: no queue, no conversations, and no presence."""
    try:
        with (
            desk.bus.subscribe(OPERATORS) as improving,
            desk.bus.subscribe(session_topic(token_hash(token))) as session,
        ):
            await _both(ws, _tell_agent(ws, improving, agent), _answer_pings(ws), _last(ws, session))
    finally:
        desk.improve.look(agent, None)


async def _frames(ws: Any) -> AsyncIterator[shapes.AgentFrame]:
    """What an agent's page sends, until the connection ends; a frame that cannot be read is refused."""
    while (data := await ws.recv()) is not None:
        try:
            frame = shapes.decode(_bytes(data), shapes.AgentFrame)
        except ConversationError as refusal:
            await _send_error(ws, refusal)
        else:
            yield frame


async def _answer_pings(ws: Any) -> None:
    async for frame in _frames(ws):
        if frame.type == "ping":
            await _send(ws, {"type": "pong"})


class _CustomerSide:
    """One customer's socket; `seq` and `epoch` are the newest that it was told."""

    def __init__(
        self, desk: Desk, ws: Any, conversation_id: str, news: Subscription, seq: int, epoch: int
    ) -> None:
        self._desk = desk
        self._ws = ws
        self._id = conversation_id
        self._news = news
        self._seq = seq
        self._epoch = epoch
        self._typed = 0.0

    async def tell(self) -> None:
        """Send what happens until there is no more news."""
        while True:
            try:
                item = await self._news.get()
            except Closed:
                return
            match item:
                case Happened():
                    await self._tell_happened(item)
                case Place():
                    await _send(self._ws, {"type": "queue", **item.shape()})
                case Read():
                    await _send(self._ws, {"type": "read", "by": "agent", "seq": item.seq})
                case Typing():
                    await _send(self._ws, {"type": "typing", "from": item.sender})

    async def listen(self) -> None:
        """Do what the customer sends until the connection ends."""
        while True:
            data = await self._ws.recv()
            if data is None:
                return
            try:
                await self._do(shapes.decode(_bytes(data), shapes.CustomerFrame))
            except ConversationError as refusal:
                await _send_error(self._ws, refusal)
            except StoreUnavailable:
                message = "The service cannot reach its database; try again soon."
                await _send_error(self._ws, ConversationError("unavailable", message))

    async def _do(self, frame: shapes.CustomerFrame) -> None:
        match frame.type:
            case "message":
                key = shapes.idempotency_key(frame.key)
                body = shapes.NewMessage(frame.text, frame.payload, frame.files)
                seq = await self._desk.customers.write(self._id, body, key, self)
                await _send(self._ws, {"type": "ack", "key": frame.key, "seq": seq})
            case "read":
                await self._desk.receipts.by_customer(self._id, frame.seq)
            case "typing":
                self._type()
            case "ping":
                await _send(self._ws, {"type": "pong"})
            case _:
                message = "The type must be message, read, typing or ping."
                raise ConversationError("invalid", message, status=400, field="type")

    def _type(self) -> None:
        if time.monotonic() - self._typed < _TYPING_EVERY:
            return
        self._typed = time.monotonic()
        frame = {"type": "typing", "conversation_id": self._id, "from": "customer"}
        self._desk.bus.publish(DESK, shapes.encode(frame))

    async def _tell_happened(self, news: Happened) -> None:
        outcome = news.committed.outcome
        after = outcome.after
        if after.epoch > self._epoch or (
            after.epoch == self._epoch and _face(after) != _face(outcome.before)
        ):
            self._epoch = after.epoch
            await _send(self._ws, {"type": "state", **await self._desk.customers.standing(after)})
        messages = [item for item in news.committed.messages if item.message.seq > self._seq]
        if messages and messages[0].message.seq != self._seq + 1:
            # Another commit was announced late: the store has all of them in order.
            _, missed = await self._desk.store.conversations.snapshot(self._id, self._seq)
            messages = list(missed)
        for item in messages:
            self._seq = item.message.seq
            own = news.origin is self and item.message.draft.sender == "customer"
            if not own:
                shape = shapes.message_shape(item, self._desk.files.link)
                await _send(self._ws, {"type": "message", "message": shape})


async def _begin_with_agent(desk: Desk, ws: Any, agent: Agent) -> None:
    """What an agent needs to see first: the queue, the team, what they are asked to take."""
    queue = await desk.places.queue()
    await _send(ws, _queue_frame(queue, agent))
    await desk.dispatch.look()
    await _send(ws, {"type": "presence", "agents": desk.dispatch.team_shape()})
    for card in queue.cards:
        if card["offered"] and card["offered"]["agent"]["id"] == agent.id:
            await _send(ws, desk.dispatch.offer_frame(card))


async def _tell_agent(ws: Any, news: Subscription, agent: Agent) -> None:
    while True:
        try:
            item = await news.get()
        except Closed:
            return
        await ws.send(shapes.encode(_queue_frame(item, agent)) if isinstance(item, QueueNews) else item)


async def _listen_to_agent(desk: Desk, ws: Any, agent: Agent) -> None:
    async for frame in _frames(ws):
        desk.onlookers.touch(ws)
        if frame.type == "presence":
            desk.presence.say(agent.id, Presence(frame.state))
            desk.dispatch.wake()
        elif frame.type == "viewing":
            desk.onlookers.view(ws, agent, frame.conversation_id)
        elif frame.type == "typing" and frame.conversation_id:
            if desk.onlookers.type(ws, agent, frame.conversation_id):
                await _type(desk, agent, frame.conversation_id)
        elif frame.type == "ping":
            await _send(ws, {"type": "pong"})


async def _type(desk: Desk, agent: Agent, conversation_id: str) -> None:
    """Show the customer that the agent writes, if the conversation is theirs."""
    with suppress(ConversationError, StoreUnavailable):
        conversation = await desk.store.conversations.get(conversation_id)
        if conversation.state is State.AGENT and conversation.agent_id == agent.id:
            desk.bus.publish(conversation_id, Typing("agent"))


async def _last(ws: Any, session: Subscription) -> None:
    """Returns when the session ends or allows something else, and tells the page so."""
    with suppress(asyncio.TimeoutError):
        try:
            await asyncio.wait_for(session.get(), SESSION_SECONDS)
        except Closed:
            return
    await _send(ws, {"type": "session"})


async def _both(ws: Any, *sides: Coroutine[Any, Any, None]) -> None:
    """Run the sides of a socket until one ends, then end them all."""
    tasks = [asyncio.ensure_future(side) for side in sides]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if not task.cancelled():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await ws.close(_GOING_AWAY, "going away")


def _face(conversation: Conversation) -> tuple[object, ...]:
    """What the customer sees of where the conversation stands."""
    return conversation.state, conversation.held, conversation.due_at


def _queue_frame(news: QueueNews, agent: Agent) -> dict[str, Any]:
    return {"type": "queue", "counts": news.counts(agent.id), "cards": news.cards}


def _bytes(data: str | bytes | None) -> bytes:
    if data is None:
        raise ConversationError("unauthorised", "Send the token within 5 seconds.", status=401)
    return data.encode("utf-8", "replace") if isinstance(data, str) else data


async def _send(ws: Any, frame: dict[str, Any]) -> None:
    await ws.send(shapes.encode(frame))


async def _send_error(ws: Any, refusal: ConversationError) -> None:
    error = shapes.error_shape(refusal.code, str(refusal), refusal.field)
    await _send(ws, {"type": "error", **error})

"""The agents' API. Everything but signing in needs a session; everything that changes needs `X-Steward`."""

from __future__ import annotations

from urllib.parse import urlsplit

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, empty

from steward.desk import shapes
from steward.desk.agents import SESSION_SECONDS
from steward.desk.conversation import Accepted, AgentWrote, Event, Resolved, Returned, State, TookOver
from steward.desk.http import address_of, answer, desk_of, expect_socket, query
from steward.desk.service import Typing, now, takes
from steward.desk.store import Agent
from steward.errors import ConversationError

COOKIE = "steward_session"
_BASE = "/api/v1/desk"
_READING = ("GET", "HEAD")

desk_api = Blueprint("desk", url_prefix=_BASE)


@desk_api.on_request
async def guard(request: Request) -> None:
    """Let nobody in without a session, and no other site act with the session of one who has it."""
    if request.method not in _READING and request.headers.get("x-steward") != "1":
        raise ConversationError("forbidden", "Send the header X-Steward: 1.", status=403)
    if request.path == _BASE + "/socket":
        expect_socket(request)
    if "upgrade" in request.headers and not _same_site(request):
        raise ConversationError("forbidden", "The socket opens from the desk's own page only.", status=403)
    if request.path == _BASE + "/session" and request.method == "POST":
        return
    agent = await desk_of(request).accounts.session(request.cookies.get(COOKIE))
    if agent is None:
        raise ConversationError("unauthorised", "Sign in first.", status=401)
    request.ctx.agent = agent


@desk_api.post("/session")
async def sign_in(request: Request) -> HTTPResponse:
    """Sign in; the session is the cookie."""
    body = shapes.decode(request.body, shapes.SignIn)
    accounts = desk_of(request).accounts
    agent, token = await accounts.sign_in(body.email, body.password, address_of(request))
    return answer({"agent": shapes.agent_shape(agent)}, headers=_cookie(request, token, SESSION_SECONDS))


@desk_api.get("/session")
async def whose_session(request: Request) -> HTTPResponse:
    """Who is signed in."""
    return answer({"agent": shapes.agent_shape(request.ctx.agent)})


@desk_api.delete("/session")
async def sign_out(request: Request) -> HTTPResponse:
    """Sign out; the session's sockets close."""
    desk = desk_of(request)
    token = request.cookies.get(COOKIE) or ""
    await desk.accounts.sign_out(token)
    desk.bus.close(session_topic(token))
    return empty(headers=_cookie(request, "", 0))


@desk_api.get("/conversations")
async def listed(request: Request) -> HTTPResponse:
    """The cards of one view."""
    return answer(await desk_of(request).listed(query(request, "view") or "queue", _agent(request)))


@desk_api.get("/conversations/<conversation_id:str>")
async def opened(request: Request, conversation_id: str) -> HTTPResponse:
    """One conversation with its transcript and what is known about it."""
    after = shapes.whole(query(request, "after"), "after")
    return answer(await desk_of(request).opened(conversation_id, after, _agent(request)))


@desk_api.post("/conversations/<conversation_id:str>/accept")
async def accept(request: Request, conversation_id: str) -> HTTPResponse:
    """Take a waiting conversation."""
    epoch = shapes.decode(request.body, shapes.Epoch).epoch
    return await _act(request, conversation_id, takes(Accepted, epoch, _agent(request)))


@desk_api.post("/conversations/<conversation_id:str>/takeover")
async def take_over(request: Request, conversation_id: str) -> HTTPResponse:
    """Take a conversation from the bot."""
    epoch = shapes.decode(request.body, shapes.Epoch).epoch
    return await _act(request, conversation_id, takes(TookOver, epoch, _agent(request)))


@desk_api.post("/conversations/<conversation_id:str>/return")
async def give_back(request: Request, conversation_id: str) -> HTTPResponse:
    """Give the conversation back to the bot."""
    epoch = shapes.decode(request.body, shapes.Epoch).epoch
    return await _act(request, conversation_id, Returned(now(), epoch, _agent(request).id))


@desk_api.post("/conversations/<conversation_id:str>/resolve")
async def resolve(request: Request, conversation_id: str) -> HTTPResponse:
    """Be done with the conversation."""
    epoch = shapes.decode(request.body, shapes.Epoch).epoch
    return await _act(request, conversation_id, Resolved(now(), epoch, _agent(request).id))


@desk_api.post("/conversations/<conversation_id:str>/messages")
async def send(request: Request, conversation_id: str) -> HTTPResponse:
    """Answer the customer."""
    text = shapes.words(shapes.decode(request.body, shapes.AgentMessage).text, "text")
    key = shapes.idempotency_key(request.headers.get("idempotency-key"))
    agent = _agent(request)
    event = AgentWrote(now(), agent.id, agent.name, text)
    return answer({"seq": await desk_of(request).agent_wrote(conversation_id, event, text, key)}, 201)


@desk_api.post("/conversations/<conversation_id:str>/typing")
async def typing(request: Request, conversation_id: str) -> HTTPResponse:
    """Show the customer that the agent is writing; only the owner is shown."""
    desk = desk_of(request)
    conversation = await desk.state(conversation_id)
    if conversation.state is not State.AGENT or conversation.agent_id != _agent(request).id:
        raise ConversationError("not_owner", "The conversation is not yours; take it over first.")
    desk.bus.publish(conversation_id, Typing("agent"))
    return empty()


def session_topic(token: str) -> str:
    """The bus topic that is closed when the session ends."""
    return "session " + token


async def _act(request: Request, conversation_id: str, event: Event) -> HTTPResponse:
    desk = desk_of(request)
    committed = await desk.commit(conversation_id, event)
    return answer({"conversation": desk.card(committed.outcome.after)})


def _agent(request: Request) -> Agent:
    agent: Agent = request.ctx.agent
    return agent


def _same_site(request: Request) -> bool:
    origin = urlsplit(request.headers.get("origin") or "")
    return bool(origin.netloc) and origin.netloc == request.host


def _cookie(request: Request, token: str, age: int) -> dict[str, str]:
    """A cookie that scripts cannot read and other sites cannot send."""
    secure = "; Secure" if request.scheme in ("https", "wss") else ""
    return {"Set-Cookie": f"{COOKIE}={token}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}"}

"""Signing in and out: with a password, or with a company account at an identity provider."""

from __future__ import annotations

import logging

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, empty, redirect

from steward.desk import shapes
from steward.desk.accounts.agents import SESSION_SECONDS
from steward.desk.accounts.oidc import SIGN_IN_SECONDS, SignInFailed
from steward.desk.api import account_shapes as shape
from steward.desk.api.entry import COOKIE, agent_of, arrival_of
from steward.desk.api.http import address_of, answer, desk_of, query
from steward.desk.api.operations import Who, operation
from steward.desk.store import Agent
from steward.errors import ConversationError

session_api = Blueprint("session", url_prefix="/api/v1/desk")

_LOG = logging.getLogger("steward.desk.session")
_STATE_COOKIE = "steward_sign_in"
_CALLBACK = "/api/v1/desk/session/oidc/callback"


@operation(session_api, "POST", "/session", who=Who.ANYONE, body=shapes.SignIn, gives=shape.SignedIn)
async def sign_in(request: Request, body: shapes.SignIn) -> HTTPResponse:
    """Sign in; the session is the cookie."""
    _expect_own_page(request)
    accounts = desk_of(request).accounts
    agent, token = await accounts.sign_in(body.email, body.password, arrival_of(request))
    return signed_in(request, agent, token)


@operation(session_api, "GET", "/session", who=Who.AGENT, gives=shape.SignedIn)
async def whose_session(request: Request) -> HTTPResponse:
    """Who is signed in, and what they may do."""
    return answer(shape.SignedIn(shape.signed_in_agent(agent_of(request))))


@operation(session_api, "DELETE", "/session", who=Who.AGENT, status=204)
async def sign_out(request: Request) -> HTTPResponse:
    """Sign out; the session's sockets close."""
    await desk_of(request).accounts.sign_out(request.cookies.get(COOKIE) or "")
    return empty(headers={"Set-Cookie": session_cookie(request, "", 0)})


@operation(session_api, "GET", "/session/providers", who=Who.ANYONE, gives=shape.Providers)
async def providers(request: Request) -> object:
    """The identity providers with which agents can sign in."""
    rules = desk_of(request).settings.single_sign_on
    if rules is None:
        return {"providers": []}
    url = f"{session_api.url_prefix}/session/oidc/start"
    return {"providers": [{"id": "oidc", "name": rules.name, "url": url}]}


@operation(session_api, "GET", "/session/oidc/start", who=Who.ANYONE, status=302)
async def start_sign_in(request: Request) -> HTTPResponse:
    """Go to the identity provider; it sends the browser back to the callback."""
    desk = desk_of(request)
    try:
        state, address = await desk.sign_on.begin(_callback(request), address_of(request))
    except SignInFailed as failure:
        _LOG.warning("A sign-in could not begin: %s", failure)
        return redirect(_back(failure.code))
    response = redirect(address)
    response.headers["Set-Cookie"] = _state_cookie(request, state, SIGN_IN_SECONDS)
    return response


@operation(session_api, "GET", "/session/oidc/callback", who=Who.ANYONE, status=302)
async def end_sign_in(request: Request) -> HTTPResponse:
    """Come back from the identity provider; on to the desk, signed in or with the reason why not."""
    desk = desk_of(request)
    state = query(request, "state") or ""
    try:
        identity = await desk.sign_on.finish(
            state, request.cookies.get(_STATE_COOKIE) or "", query(request, "code") or "", _callback(request)
        )
        agent, token = await desk.accounts.sign_in_as(identity, desk.sign_on.rules, arrival_of(request))
    except SignInFailed as failure:
        _LOG.warning("A sign-in failed: %s", failure)
        response = redirect(_back(failure.code))
    except ConversationError as refusal:
        response = redirect(_back(refusal.code))
    else:
        _LOG.info("Signed in with the identity provider: agent %s.", agent.id)
        response = redirect("/desk")
        response.headers.add("Set-Cookie", session_cookie(request, token, SESSION_SECONDS))
    response.headers.add("Set-Cookie", _state_cookie(request, "", 0))
    return response


def signed_in(request: Request, agent: Agent, token: str, status: int = 200) -> HTTPResponse:
    """The answer that begins a session."""
    headers = {"Set-Cookie": session_cookie(request, token, SESSION_SECONDS)}
    return answer(shape.SignedIn(shape.signed_in_agent(agent)), status, headers=headers)


def session_cookie(request: Request, token: str, age: int) -> str:
    """A cookie that scripts cannot read and other sites cannot send."""
    return f"{COOKIE}={token}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{_secure(request)}"


def _state_cookie(request: Request, state: str, age: int) -> str:
    """What ties the way back to the browser that set out; it comes along when the provider sends it back."""
    return (
        f"{_STATE_COOKIE}={state}; Path={_CALLBACK}; Max-Age={age}; HttpOnly; SameSite=Lax{_secure(request)}"
    )


def _secure(request: Request) -> str:
    return "; Secure" if request.scheme in ("https", "wss") else ""


def _expect_own_page(request: Request) -> None:
    """A form on another site must not sign its visitor in to an account of its choice."""
    if request.headers.get("x-steward") != "1":
        raise ConversationError("forbidden", "Send the header X-Steward: 1.", status=403)


def _callback(request: Request) -> str:
    return f"{request.scheme}://{request.host}{_CALLBACK}"


def _back(code: str) -> str:
    return f"/desk#/sign-in/{code}"

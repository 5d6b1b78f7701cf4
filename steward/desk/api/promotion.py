"""The operators' API: which model customers get, going back, and a candidate that reads along."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from sanic import Blueprint, Request

from steward.desk import shapes
from steward.desk.accounts.permissions import ROLES, Permission
from steward.desk.api.entry import acted, agent_of
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.improve.promotion import rollout_shape
from steward.desk.store import Difference
from steward.errors import ConversationError
from steward.training.registry import UnknownModel
from steward.training.serving import Person, RolloutRefused

T = TypeVar("T")

promotion_api = Blueprint("promotion", url_prefix="/api/v1/desk")

Reason = Annotated[str, msgspec.Meta(max_length=500)]


class Why(msgspec.Struct):
    """Why it is done: needed where the gate holds something against the model."""

    reason: Reason = ""


class By(msgspec.Struct):
    """Who asked; without an id it was somebody at the command line."""

    id: str | None
    name: str


class Promotion(msgspec.Struct):
    """One change of the model that customers get, and how far it is; `before` is the model it replaces."""

    request: str
    model: str
    before: str | None
    kind: Literal["promote", "rollback", "first"]
    by: By
    reason: str
    state: Literal["starting", "warming", "probing", "switched", "draining", "done", "failed"]
    text: str
    at: shapes.Moment
    asked_at: shapes.Moment
    overridden: list[str]


class OnePromotion(msgspec.Struct):
    """The change that was begun."""

    promotion: Promotion


class WantedShadow(msgspec.Struct):
    """The candidate that is to read along, or null for none."""

    model: shapes.Line | None


class Read(msgspec.Struct):
    """How a model read a message; the topic is null where it was not sure enough to act."""

    topic: str | None
    skus: list[str]
    confidence: float | None


class DifferenceView(msgspec.Struct):
    """A message that the two models read differently."""

    at: shapes.Moment
    text: str
    conversation_id: str
    serving: Read
    candidate: Read


class ShadowView(msgspec.Struct):
    """What the candidate has read beside the serving model, since when, and where it differed.

    The newest hundred differences are shown. `dropped` is what it was not given, since customers went first.
    The numbers are those of `of`, which read along last when none does now. `text` says why one that was
    wanted does not read.
    """

    model: str | None
    of: str | None
    state: Literal["off", "starting", "reading"]
    text: str
    since: shapes.Moment | None
    seen: int
    dropped: int
    different: int
    differences: list[DifferenceView]


@operation(
    promotion_api,
    "POST",
    "/improve/models/{model_id}/promote",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    body=Why,
    gives=OnePromotion,
    status=202,
)
async def promote_model(request: Request, model_id: str, body: Why) -> dict[str, Any]:
    """Have customers get a model.

    The new model is started beside the old one, warmed and probed; then it gets the new questions, and the
    old one finishes those it has. How far it is comes as `promotion` frames.
    """
    agent = agent_of(request)
    reason = _reason(body)
    may = {permission.value for permission in ROLES.get(agent.role, ())}
    rollout = await _answered(
        desk_of(request).promotions.promote(model_id, Person(agent.name, agent.id), reason, may)
    )
    detail = {"reason": reason, "overridden": list(rollout.overridden)}
    entry = acted(request, "model.promotion_asked", f"model {model_id}", detail)
    await desk_of(request).store.audit.record(entry)
    return {"promotion": rollout_shape(rollout)}


@operation(
    promotion_api,
    "POST",
    "/improve/rollback",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    body=Why,
    gives=OnePromotion,
    status=202,
)
async def roll_back(request: Request, body: Why) -> dict[str, Any]:
    """Have customers get the model that they had before."""
    agent = agent_of(request)
    reason = _reason(body)
    rollout = await _answered(desk_of(request).promotions.rollback(Person(agent.name, agent.id), reason))
    entry = acted(request, "model.rollback_asked", f"model {rollout.model}", {"reason": reason})
    await desk_of(request).store.audit.record(entry)
    return {"promotion": rollout_shape(rollout)}


@operation(
    promotion_api,
    "PUT",
    "/improve/shadow",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    body=WantedShadow,
    gives=ShadowView,
)
async def choose_shadow(request: Request, body: WantedShadow) -> ShadowView:
    """Have a candidate read what customers write beside the serving model, or none."""
    agent, desk = agent_of(request), desk_of(request)
    await _answered(desk.shadow.wish(body.model, Person(agent.name, agent.id)))
    subject = f"model {body.model}" if body.model else "no model"
    await desk.store.audit.record(acted(request, "shadow.chosen", subject))
    return await _shown(request)


@operation(
    promotion_api,
    "GET",
    "/improve/shadow",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    gives=ShadowView,
)
async def show_shadow(request: Request) -> ShadowView:
    """What the candidate read differently from the serving model."""
    return await _shown(request)


async def _shown(request: Request) -> ShadowView:
    seen = await desk_of(request).shadow.seen()
    counts = seen.counts
    return ShadowView(
        model=seen.model,
        of=counts.model,
        state=seen.state,
        text=seen.text,
        since=shapes.time_text(counts.since) if counts.model else None,
        seen=counts.seen,
        dropped=counts.dropped,
        different=seen.different,
        differences=[_difference(one) for one in seen.differences],
    )


def _difference(one: Difference) -> DifferenceView:
    return DifferenceView(
        at=str(shapes.time_text(one.at)),
        text=one.text,
        conversation_id=one.conversation_id,
        serving=Read(**one.serving),
        candidate=Read(**one.candidate),
    )


def _reason(body: Why) -> str:
    return shapes.words(body.reason, "reason") if body.reason.strip() else ""


async def _answered(work: Awaitable[T]) -> T:
    """What the work gives; what it is refused for becomes the API's error."""
    try:
        return await work
    except RolloutRefused as refusal:
        raise ConversationError(refusal.code, str(refusal)) from None
    except UnknownModel as error:
        raise ConversationError("unknown_model", str(error)) from None

"""The operators' API: the models that there are, and the report on each."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any, Literal

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, html

from steward.catalogue import Catalogue
from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.api.promotion import Promotion
from steward.desk.improve.promotion import rollout_shape
from steward.errors import ConversationError
from steward.live import Live, faults_of
from steward.settings import Settings
from steward.training.models import fingerprint
from steward.training.registry import ARCHIVE, REPORT, ModelRecord, Registry, UnknownModel

models_api = Blueprint("models", url_prefix="/api/v1/desk")

_FAULTS_TOLD = 10
# The report is a page without scripts; the desk may show it in a frame of its own.
_REPORT_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    ),
    "X-Frame-Options": "SAMEORIGIN",
    "Cache-Control": "no-store",
}


class ModelFigures(msgspec.Struct):
    """How a model does on its own examples, each read without having been learned; shares from 0 to 1.

    Of all, `accuracy` is understood (between `low` and `high`), `coverage` is sure enough to be answered.
    """

    accuracy: float
    low: float
    high: float
    examples: int
    topics: int
    threshold: float
    coverage: float


class GateReason(msgspec.Struct):
    """What is held against a model, and the permission that may set it aside with a reason."""

    code: str
    text: str
    overridable_by: Literal["improve", "administer"]


class GateView(msgspec.Struct):
    """Whether a model may serve."""

    passed: bool
    reasons: list[GateReason]


class PastPromotion(msgspec.Struct):
    """That customers were given the model."""

    at: shapes.Moment
    by: str
    reason: str
    kind: Literal["promote", "rollback", "first"]


class Model(msgspec.Struct):
    """A model. `fits_data` says whether it is made of the shop's files as they are; sizes are bytes.

    Without a `gate` nobody has judged it, and without figures it learned no topics.
    """

    id: str
    trained_at: shapes.Moment
    by: str
    data_commit: str | None
    fits_data: bool
    serving: bool
    shadow: bool
    seconds: float
    size: int
    report: bool
    figures: ModelFigures | None
    gate: GateView | None
    promotions: list[PastPromotion]


class ServedFacts(msgspec.Struct):
    """Since when the shop's facts are served as they are. With `faults`, the files have changed since then.

    Each fault tells its file, line and column; at most ten of `count` are told.
    """

    since: shapes.Moment
    faults: list[str]
    count: int


class ModelList(msgspec.Struct):
    """The models, the newest first; which serves, which served before, the newest promotion, and the facts.

    `managed` is false where the bot is not run beside this desk: then no model can be promoted here.
    """

    models: list[Model]
    serving: str | None
    previous: str | None
    promotion: Promotion | None
    managed: bool
    facts: ServedFacts


@operation(
    models_api,
    "GET",
    "/improve/models",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    gives=ModelList,
)
async def models(request: Request) -> dict[str, Any]:
    """The models that there are."""
    desk = desk_of(request)
    shadow, rollout = await desk.shadow.seen(), await desk.promotions.newest()
    said = desk.bot.serving
    found = await asyncio.to_thread(_found, desk.settings, said.model if said else None, shadow.model)
    promotion = rollout_shape(rollout) if rollout else None
    facts = _facts_shape(desk.facts)
    return {**found, "promotion": promotion, "managed": desk.bot.managed, "facts": facts}


@operation(
    models_api,
    "GET",
    "/improve/models/{model_id}/report",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    media="text/html",
)
async def model_report(request: Request, model_id: str) -> HTTPResponse:
    """What gets better with a model and what worse, as a page to read."""
    return html(
        await asyncio.to_thread(_report, desk_of(request).settings, model_id), headers=_REPORT_HEADERS
    )


def _facts_shape(facts: Live[Catalogue]) -> dict[str, Any]:
    found = faults_of(facts)
    return {
        "since": shapes.time_text(int(facts.since * 1000)),
        "faults": found[:_FAULTS_TOLD],
        "count": len(found),
    }


def _found(settings: Settings, serving: str | None, shadow: str | None) -> dict[str, Any]:
    registry = Registry(settings.home)
    current, previous = registry.current(), registry.previous()
    serving = serving or (current.id if current else None)
    try:
        made_of = fingerprint(settings.root)
    except FileNotFoundError:
        # A file was replaced this instant: whatever fitted a moment ago fits no longer.
        made_of = ""
    shapes_of = [_shape(registry, one, made_of, serving, shadow) for one in registry.models()]
    return {"models": shapes_of, "serving": serving, "previous": previous.id if previous else None}


def _shape(
    registry: Registry, record: ModelRecord, made_of: str, serving: str | None, shadow: str | None
) -> dict[str, Any]:
    figures = record.figures
    named = ModelFigures.__struct_fields__
    archive = registry.kept(record.id, ARCHIVE)
    return {
        "id": record.id,
        "trained_at": shapes.time_text(record.trained_at),
        "by": record.by,
        "data_commit": record.data_commit,
        "fits_data": record.fingerprint == made_of,
        "serving": record.id == serving,
        "shadow": record.id == shadow,
        "seconds": record.seconds,
        "size": archive.stat().st_size if archive else 0,
        "report": registry.kept(record.id, REPORT) is not None,
        "figures": {name: getattr(figures, name) for name in named} if figures else None,
        "gate": asdict(record.gate) if record.gate else None,
        "promotions": [{**asdict(one), "at": shapes.time_text(one.at)} for one in record.promotions],
    }


def _report(settings: Settings, model_id: str) -> str:
    try:
        path = Registry(settings.home).kept(model_id, REPORT)
    except UnknownModel as error:
        raise ConversationError("not_found", str(error), status=404) from None
    if path is None:
        message = "This model has no report: nobody has judged it."
        raise ConversationError("not_found", message, status=404)
    return path.read_text(encoding="utf-8")

"""The operators' API: training a model, and how far that is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from sanic import Blueprint, Request

from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.entry import acted, agent_of
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.api.promotion import By
from steward.desk.improve.trainings import training_shape

trainings_api = Blueprint("trainings", url_prefix="/api/v1/desk")


class NewTraining(msgspec.Struct):
    """There is nothing to choose: a model is made of the shop's files as they are."""


class Training(msgspec.Struct):
    """A training. `text` says what is done now, and at the end what came of it; `model` is what was made."""

    id: str
    state: Literal["running", "done", "failed", "cancelled"]
    stage: str
    progress: Annotated[float, msgspec.Meta(ge=0, le=1)]
    text: str
    started_at: shapes.Moment
    ended_at: shapes.Moment | None
    by: By
    model: str | None


class OneTraining(msgspec.Struct):
    """A training as it stands."""

    training: Training


class TrainingList(msgspec.Struct):
    """The newest trainings, the newest first."""

    trainings: list[Training]


class TrainingWithLog(msgspec.Struct):
    """A training and the end of what it wrote."""

    training: Training
    log: str


@operation(
    trainings_api,
    "POST",
    "/improve/trainings",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    body=NewTraining,
    gives=OneTraining,
    status=202,
)
async def begin_training(request: Request, body: NewTraining) -> dict[str, Any]:
    """Train a model of the shop's files as they are, and judge it.

    Customers keep the model that they have. How far it is comes as `training` frames. Only one training runs
    at a time.
    """
    desk = desk_of(request)
    training = await desk.retraining.begin(agent_of(request))
    await desk.store.audit.record(acted(request, "training.begun", f"training {training.id}"))
    return {"training": training_shape(training)}


@operation(
    trainings_api,
    "GET",
    "/improve/trainings",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    gives=TrainingList,
)
async def trainings(request: Request) -> dict[str, Any]:
    """The newest trainings."""
    return {"trainings": [training_shape(one) for one in await desk_of(request).retraining.all()]}


@operation(
    trainings_api,
    "GET",
    "/improve/trainings/{training_id}",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    gives=TrainingWithLog,
)
async def one_training(request: Request, training_id: str) -> dict[str, Any]:
    """How far a training is, and what it wrote."""
    retraining = desk_of(request).retraining
    training = await retraining.get(training_id)
    return {"training": training_shape(training), "log": await retraining.log(training_id)}


@operation(
    trainings_api,
    "POST",
    "/improve/trainings/{training_id}/cancel",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    gives=OneTraining,
    status=202,
)
async def cancel_training(request: Request, training_id: str) -> dict[str, Any]:
    """Have a training stop; everything stays as it was."""
    desk = desk_of(request)
    training = await desk.retraining.cancel(training_id)
    await desk.store.audit.record(acted(request, "training.cancelled", f"training {training_id}"))
    return {"training": training_shape(training)}

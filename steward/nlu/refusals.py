"""Errors of components, told as Rasa tells its own: one sentence, not the name of a node in its graph."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rasa.shared.exceptions import RasaException

from steward.errors import StewardError


class Refused(StewardError, RasaException):
    """A component that cannot be made, trained or loaded; the sentence says what to do."""


@contextmanager
def told_by_rasa() -> Iterator[None]:
    """Lets Steward's errors reach whoever called Rasa; it replaces all but its own by a general one."""
    try:
        yield
    except StewardError as error:
        raise Refused(str(error)) from error

"""Rasa's check of what an action returned, at the price of what there is to check.

`jsonschema.validate` holds the schema against the metaschema at each call: most of the time that Rasa spends
on a message. The schema does not change while the bot runs, so a validator made once reports the same faults.
Slots and responses, which is what our actions return, take no more than a look.
"""

from __future__ import annotations

from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction

_SCHEMA = RemoteAction.action_response_format_spec()
_VALIDATOR = validator_for(_SCHEMA)(_SCHEMA)
_SLOT_KEYS = frozenset({"event", "timestamp", "name", "value"})


def check_result(_: RemoteAction, result: dict[str, Any]) -> bool:
    """True for a well-formed result; raises jsonschema's ValidationError as Rasa's own check does."""
    if not sets_slots_and_responds(result):
        _VALIDATOR.validate(result)
    return True


def sets_slots_and_responds(result: object) -> bool:
    """Whether the result plainly is slot events and responses, all of which the schema allows."""
    if not isinstance(result, dict):
        return False
    events, responses = result.get("events", []), result.get("responses", [])
    return (
        isinstance(events, list)
        and isinstance(responses, list)
        and all(_is_slot(event) for event in events)
        and all(isinstance(response, dict) for response in responses)
    )


def use_one_validator() -> None:
    """Make every remote action of this process use the validator made here."""
    RemoteAction._validate_action_result = check_result


def _is_slot(event: object) -> bool:
    return (
        isinstance(event, dict)
        and event.get("event") == "slot"
        and isinstance(event.get("name"), str)
        and "value" in event
        and type(event.get("timestamp")) in (int, float, type(None))
        and event.keys() <= _SLOT_KEYS
    )

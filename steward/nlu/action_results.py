"""Rasa's check of what an action returned, without checking the constant schema itself again for every message.

`jsonschema.validate` holds the schema against the metaschema at each call: most of the time that Rasa spends on a
message. The schema does not change while the bot runs, so a validator made once reports the same faults.
"""

from __future__ import annotations

from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction

_SCHEMA = RemoteAction.action_response_format_spec()
_VALIDATOR = validator_for(_SCHEMA)(_SCHEMA)


def check_result(_: RemoteAction, result: dict[str, Any]) -> bool:
    """True for a well-formed result; raises jsonschema's ValidationError as Rasa's own check does."""
    _VALIDATOR.validate(result)
    return True


def use_one_validator() -> None:
    """Make every remote action of this process use the validator made here."""
    RemoteAction._validate_action_result = check_result

"""Tokens and sentences of a message, by spaCy's rules for English; no downloaded model is needed."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from spacy.language import Language
from spacy.tokens import Doc


@lru_cache(maxsize=1)
def english() -> Language:
    """The one spaCy pipeline of this process: English token rules and sentence ends."""
    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    return pipeline


def read(text: str) -> Doc:
    """The message as spaCy sees it: tokens with their places, and sentences."""
    return english()(text)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class Reader(Tokenizer):
    """Gives Rasa the tokens that spaCy finds."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The settings that Rasa expects of any tokenizer; Steward needs none of its own."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @staticmethod
    def required_packages() -> list[str]:
        """A new spaCy means training again."""
        return ["spacy"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Reader:
        """Called by Rasa, in training and when a model is loaded."""
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The tokens of one text of the message; blanks are not tokens."""
        tokens = english().make_doc(message.get(attribute))
        return [Token(token.text, token.idx) for token in tokens if not token.is_space]

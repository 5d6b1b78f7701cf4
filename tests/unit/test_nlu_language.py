"""Messages in other languages are told from English ones."""

from __future__ import annotations

import pytest
from rasa.shared.nlu.training_data.message import Message

from steward.nlu.language import LanguageDetector, language_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Wie viel kostet der Staubsauger?", "de"),
        ("Guten Tag, ich hätte eine Frage", "de"),
        ("¿Puedo devolver el aspirador si no me gusta?", "es"),
        ("Hola", "es"),
        ("Bonjour, combien coûte le thermostat ?", "fr"),
        ("vorrei sapere quanto costa la lavastoviglie", "it"),
        ("hoeveel kost de stofzuiger", "nl"),
        ("Bom dia, quanto custa o aspirador?", "pt"),
        ("Dzień dobry, ile kosztuje odkurzacz?", "pl"),
        ("Сколько стоит посудомойка?", "ru"),
        ("こんにちは", "ja"),
    ],
)
def test_a_foreign_message_gets_its_language(text: str, code: str) -> None:
    assert language_of(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "hi",
        "ok",
        "no",
        "fine",
        "later",
        "price?",
        "is the zefyr mini any good",
        "my name is José Müller",
        "do u hav teh dishwasher in stok",
        "how much is the Crema One",
        "r u open 2day",
        "tempo manual",
        "I live in La Spezia, do you deliver",
        "stop",
        "",
        "300",
        "e4 error",
        "does it do café au lait",
        "ciao",
        "gtg ciao",
        "ok merci, bye",
        "hasta la vista",
        "voila it works",
        "danke mate",
        "muchas gracias for the help",
        "das auto mode",
    ],
)
def test_english_is_never_taken_for_another_language(text: str) -> None:
    assert language_of(text) is None


def test_a_foreign_message_becomes_other_language() -> None:
    message = Message(
        {"text": "Wann ist das wieder lieferbar?", "intent": {"name": "availability", "confidence": 0.5}}
    )
    LanguageDetector().process([message])
    assert message.get("intent")["name"] == "other_language"
    assert message.get("language") == "de"


def test_a_product_name_does_not_make_a_message_foreign() -> None:
    mentions = [{"start": 0, "end": 9}]
    message = Message(
        {"text": "Crema One", "mentions": mentions, "intent": {"name": "inform", "confidence": 0.9}}
    )
    LanguageDetector().process([message])
    assert message.get("intent")["name"] == "inform"


def test_english_that_the_model_takes_for_foreign_is_asked_about() -> None:
    message = Message({"text": "what is this about", "intent": {"name": "other_language", "confidence": 0.9}})
    LanguageDetector().process([message])
    assert message.get("intent")["name"] == "nlu_fallback"

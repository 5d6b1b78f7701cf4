"""An e-mail to a customer says what was answered, leads back, and cannot be bent by what somebody wrote."""

from __future__ import annotations

import re
import socket

import pytest

from steward.desk.integrations.mail import Answer, Unsent, hand_over, letter
from steward.desk.store import Mail
from steward.errors import ConfigurationError
from steward.settings import MailServer, load_settings
from steward.words import load_words

WORDS = load_words(load_settings({}).domain)
LINK = "https://alder.example/help#steward=abc.def"


def mail(**changes: object) -> Mail:
    values = {
        "id": "m1",
        "conversation_id": "c1",
        "address": "robin@example.org",
        "name": "Robin",
        "after_seq": 3,
        "up_to_seq": 5,
        "made_at": 1_795_000_000_000,
        "tries": 1,
    }
    return Mail(**{**values, **changes})  # type: ignore[arg-type]


def test_it_has_the_shops_words_the_answers_and_the_link() -> None:
    answers = [Answer("Lena", "It fits."), Answer("Sam", "And it is in stock.")]
    message = letter(WORDS, "help@alder.example", mail(), answers, LINK)
    plain = message.get_body(("plain",)).get_content()
    assert plain.index("Hello Robin,") < plain.index("It fits.") < plain.index("And it is in stock.")
    assert "Lena, Sam from Alder Home" in plain and LINK in plain
    page = message.get_body(("html",)).get_content()
    assert re.findall(r'href="([^"]+)"', page) == [LINK]
    assert "<script" not in page and "<img" not in page


def test_who_gave_no_name_is_greeted_without_one() -> None:
    message = letter(WORDS, "help@alder.example", mail(name=None), [Answer("Lena", "Yes.")], LINK)
    assert message["To"] == "robin@example.org"
    assert message.get_body(("plain",)).get_content().startswith("Hello,\r\n") or message.get_body(
        ("plain",)
    ).get_content().startswith("Hello,\n")


def test_what_an_agent_wrote_stays_text() -> None:
    message = letter(
        WORDS, "help@alder.example", mail(), [Answer("L<b>", 'a < b & "c"\n<a href="x">y</a>')], LINK
    )
    page = message.get_body(("html",)).get_content()
    assert "a &lt; b &amp; &quot;c&quot;<br>&lt;a href=&quot;x&quot;&gt;y&lt;/a&gt;" in page
    assert "L&lt;b&gt;" in page


def test_the_same_mail_has_the_same_id_however_often_it_is_made() -> None:
    first, again = (letter(WORDS, "help@alder.example", mail(), [], LINK) for _ in range(2))
    assert first["Message-ID"] == again["Message-ID"] == "<m1@alder.example>"


def test_a_server_that_does_not_answer_leaves_the_mail_for_later() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    server = MailServer("127.0.0.1", port, "none", "", "", "help@alder.example")
    with pytest.raises(Unsent):
        hand_over(server, letter(WORDS, server.sender, mail(), [Answer("Lena", "Yes.")], LINK))


@pytest.mark.parametrize(
    ("url", "port", "encryption"),
    [
        ("smtp://help%40alder.example:pass%2Fword@mail.alder.example", 587, "starttls"),
        ("smtps://help%40alder.example:pass%2Fword@mail.alder.example", 465, "tls"),
        ("smtp://help%40alder.example:pass%2Fword@127.0.0.1:2525", 2525, "none"),
    ],
)
def test_the_mail_server_is_read_from_its_address(url: str, port: int, encryption: str) -> None:
    server = load_settings({"STEWARD_SMTP_URL": url}).mail
    assert server is not None
    assert (server.port, server.encryption, server.sender) == (port, encryption, "help@alder.example")
    assert server.password == "pass/word" and "pass/word" not in repr(server)


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"STEWARD_SMTP_URL": "mail.alder.example"}, "STEWARD_SMTP_URL"),
        ({"STEWARD_SMTP_URL": "smtp://mail.alder.example:port"}, "STEWARD_SMTP_URL"),
        ({"STEWARD_SMTP_URL": "http://mail.alder.example"}, "STEWARD_SMTP_URL"),
        ({"STEWARD_SMTP_URL": "smtp://mail.alder.example"}, "STEWARD_MAIL_FROM"),
        ({"STEWARD_PUBLIC_URL": "alder.example"}, "STEWARD_PUBLIC_URL"),
        ({"STEWARD_PUBLIC_URL": "https://alder.example/#chat"}, "STEWARD_PUBLIC_URL"),
        ({"STEWARD_PROMISE_HOURS": "0"}, "STEWARD_PROMISE_HOURS"),
        ({"STEWARD_HOURS": "sometimes"}, "STEWARD_HOURS"),
    ],
)
def test_an_odd_setting_is_named(env: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        load_settings(env)

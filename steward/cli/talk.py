"""The command to chat with the bot in the terminal, with the evidence for each answer shown."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from steward.cli import output
from steward.cli.bots import some_bot
from steward.cli.command import DONE, MODELS, STOPPED, Command, complete
from steward.console import Console
from steward.errors import StewardError
from steward.settings import Settings

if TYPE_CHECKING:
    from steward.training.bot import Answer

_PROMPT = "you  "
_INDENT = " " * len(_PROMPT)
_REMEMBERED = 1000
_READINGS = 3
_HELP = """\
  :new    begin a new conversation; the bot forgets this one
  :why    show or hide why the bot says what it says
  :quit   leave (so does Ctrl-D)
  1, 2 …  press the button with that number"""


class Bot(Protocol):
    """What can be talked to."""

    def ask(self, sender: str, message: str) -> Answer:
        """Its answer to a message."""


class Talk:
    """A conversation with a bot: what is typed goes in, lines to read (or JSON) come out."""

    def __init__(
        self, bot: Bot, say: Callable[[str], None], *, why: bool = True, as_json: bool = False
    ) -> None:
        self._bot = bot
        self._say = say
        self._why = why
        self._json = as_json
        self._buttons: Sequence[Mapping[str, str]] = ()
        self._begin()

    def hear(self, typed: str) -> bool:
        """Do what was typed; False when it was the wish to leave.

        Raises CandidateError when the bot does not answer.
        """
        text = typed.strip()
        if text in (":quit", ":q"):
            return False
        if text == ":new":
            self._begin()
            self._say("A new conversation begins.")
        elif text == ":why":
            self._why = not self._why
            self._say(f"Evidence is {'shown' if self._why else 'hidden'}.")
        elif text.startswith(":"):
            self._say(_HELP)
        elif text:
            self._ask(text)
        return True

    def _begin(self) -> None:
        from steward.memory import THROW_AWAY

        self._sender = f"{THROW_AWAY}talk-{secrets.token_hex(6)}"
        self._buttons = ()

    def _ask(self, text: str) -> None:
        message = self._pressed(text) or text.lstrip("/ ") or "?"
        answer = self._bot.ask(self._sender, message)
        self._buttons = answer.buttons
        if self._json:
            self._say(json.dumps(as_object(text, answer), ensure_ascii=False))
        else:
            self._say("\n".join(lines_of(answer, output.paint(), why=self._why)))

    def _pressed(self, text: str) -> str | None:
        """What the button sends whose number was typed."""
        if not text.isdecimal() or not 0 < int(text) <= len(self._buttons):
            return None
        button = self._buttons[int(text) - 1]
        return button.get("payload") or button.get("title")


def lines_of(answer: Answer, colours: output.Paint, *, why: bool) -> Iterator[str]:
    """An answer to read: the bot's words, its buttons with numbers, and the evidence."""
    for number, paragraph in enumerate(filter(None, answer.text.splitlines())):
        yield output.wrapped(paragraph, _INDENT, _INDENT if number else "bot  ")
    for number, button in enumerate(answer.buttons, 1):
        yield f"{_INDENT}{colours(f'[{number}]', 'bold')} {output.plain(str(button.get('title', '')))}"
    if why:
        for line in evidence(answer):
            yield colours(f"{_INDENT}{line}", "faint")


def evidence(answer: Answer) -> Iterator[str]:
    """Why the bot says what it says, in a few lines."""
    for meta in answer.meta:
        about = [str(meta.get(name) or "") for name in ("act", "topic")]
        parts = [*about, ", ".join(meta.get("skus") or ()), ", ".join(meta.get("sources") or ())]
        yield "· " + "  ".join(part for part in parts if part)
    understood = answer.understood
    if understood is None:
        return
    if (threshold := understood.get("threshold")) is not None:
        sure = understood["confidence"] >= threshold
        enough = "enough" if sure else "not enough"
        yield f"· confidence {understood['confidence']:.2f}, {enough}: it takes {threshold:.2f}"
    ranking = understood.get("ranking") or ()
    if ranking:
        yield "· read as " + ", ".join(f"{name} {share:.2f}" for name, share in ranking[:_READINGS])
    nearest = understood.get("nearest") or {}
    if nearest.get("text"):
        alike = nearest.get("similarity")
        share = f" ({alike:.2f} alike)" if isinstance(alike, float) else ""
        yield f"· nearest example: “{output.plain(nearest['text'])}”{share}"
    if understood.get("hazard"):
        yield f"· danger: {understood['hazard']}"


def as_object(text: str, answer: Answer) -> dict[str, Any]:
    """An answer for a script."""
    # The vector is for the inbox's groups; nobody reads it.
    understood = {name: value for name, value in (answer.understood or {}).items() if name != "vector"}
    return {
        "text": text,
        "answer": answer.text,
        "replies": list(answer.meta),
        "buttons": list(answer.buttons),
        "understood": understood or None,
        "seconds": round(answer.seconds, 3),
    }


def _talk(settings: Settings, options: argparse.Namespace) -> int:
    from steward.training.runs import Cancelled

    console = Console(sys.stderr)
    try:
        with some_bot(settings, console, options.model) as found:
            talk = Talk(found.asker, print, why=not options.no_why, as_json=options.json)
            if options.message:
                talk.hear(" ".join(options.message))
            elif sys.stdin.isatty():
                print(f"You talk to {found.which}. :help tells what else can be typed; Ctrl-D leaves.\n")
                _converse(talk, settings.home / "talk-history")
            else:
                for line in sys.stdin:
                    if not talk.hear(line):
                        break
    except Cancelled:
        return STOPPED
    finally:
        console.done()
    return DONE


def _converse(talk: Talk, history: Path) -> None:
    """Read lines from the person at the terminal until they leave."""
    import readline

    with suppress(OSError):
        readline.read_history_file(history)
    readline.set_history_length(_REMEMBERED)
    try:
        while _heard(talk):
            pass
    finally:
        # Without a folder that can be written to, what was typed is forgotten; nothing else depends on it.
        with suppress(OSError):
            readline.write_history_file(history)


def _heard(talk: Talk) -> bool:
    """Hear one line; False when the person leaves."""
    try:
        return talk.hear(input(_PROMPT))
    except EOFError:
        print()
        return False
    except KeyboardInterrupt:
        print("\nCtrl-D leaves.")
    except StewardError as error:
        print(f"{_INDENT}{error}", file=sys.stderr)
    return True


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("message", nargs="*", metavar="WORD", help="a single message; then it does not wait")
    complete(
        parser.add_argument(
            "--model",
            metavar="MODEL",
            help="talk to this model, started for the conversation, and not to the bot that runs",
        ),
        MODELS,
    )
    parser.add_argument("--no-why", action="store_true", help="do not show the evidence")
    parser.add_argument("--json", action="store_true", help="print a JSON document a line for each message")


TALK = Command(
    name="talk",
    help="chat with the bot in the terminal and see why it says what it says",
    description=(
        "Chat with the bot that runs, or with one that is started for this conversation. Each answer\n"
        "comes with its topic and products, how sure the bot was against what it takes, how else the\n"
        "message could be read, and the nearest example. Nothing of it is stored or shown to agents.\n\n"
        "Messages are read line by line from a file or a pipe, too."
    ),
    run=_talk,
    arguments=_arguments,
    examples=(
        ("steward talk", "a conversation; Ctrl-D leaves"),
        ('steward talk "does the rill 300 leak?"', "one question"),
        ("steward talk --model newest", "a model that nobody serves yet"),
        ("steward talk --json < messages.txt", "a file with a message a line, for a script"),
    ),
)

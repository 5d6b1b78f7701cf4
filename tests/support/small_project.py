"""A project whose Rasa is a stand-in: it trains in a moment, and its bot answers as the project says.

Everything else is real: processes, ports, archives, locks. `lesson.json` in the project says what the next
training brings: `examples` (text, topic, predicted, confidence), `answers` (text to metadata), whether it
`fails`, and at what a served model breaks (`start` or `answer`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from steward.settings import Settings, load_settings
from tests.support.stack import ROOT

_RASA = """
import io, json, re, sys, tarfile, time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

def option(name):
    return sys.argv[sys.argv.index(name) + 1]

def train():
    lesson = json.loads(Path("lesson.json").read_text())
    print("INFO hooks - Starting to train component 'Classifier'.", flush=True)
    while Path("hold").exists():
        time.sleep(0.02)
    if lesson.get("fails"):
        print("InvalidDomain: intent 'price' is used and not declared")
        sys.exit(1)
    rows = ["text,topic,predicted,confidence", *(",".join(map(str, row)) for row in lesson["examples"])]
    answered = [row for row in lesson["examples"] if row[3] >= lesson.get("threshold", 0.5)]
    wrong = [row for row in answered if row[1] != row[2]]
    total = len(lesson["examples"])
    report = {
        "topics": len({row[1] for row in lesson["examples"]}),
        "threshold": lesson.get("threshold", 0.5),
        "answered": len(answered) / total,
        "answered_wrongly": len(wrong) / total,
        "accepted_error_rate": 0.05,
        "calibration_error": 0.01,
    }
    files = {
        "components/train_Classifier/heldout.csv": "\\n".join(rows) + "\\n",
        "components/train_Classifier/report.json": json.dumps(report),
        "lesson.json": json.dumps(lesson),
        "made": str(time.time_ns()),  # no two archives are the same, as with the real one
    }
    with tarfile.open(Path(option("--out")) / (option("--fixed-model-name") + ".tar.gz"), "w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))

def run():
    with tarfile.open(option("--model")) as archive:
        lesson = json.loads(archive.extractfile("lesson.json").read())
    if lesson.get("breaks") == "start":
        print("ModelNotFound: it cannot be loaded")
        sys.exit(1)

    class Bot(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.say({"status": "ok"})

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if lesson.get("breaks") == "answer" and "warm-up" not in body["sender"]:
                return self.say({"error": "no"}, 500)
            meta = {"act": "clarify", "topic": None, "skus": []} | lesson["answers"].get(body["message"], {})
            self.say([{"text": "You said: " + body["message"]}, {"custom": {"meta": meta}}])

        def say(self, value, status=200):
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    HTTPServer(("127.0.0.1", int(option("--port"))), Bot).serve_forever()

train() if sys.argv[1] == "train" else run()
"""
_ACTIONS = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Health).serve_forever()
"""
_DATA = {
    "domain.yml": "intents: [price, delivery, safety]\n",
    "config.yml": "pipeline:\n- name: Classifier\npolicies:\n- name: RulePolicy\n",
    "endpoints.yml": "action_endpoint:\n  url: http://127.0.0.1:5055/webhook\n",
    "credentials.yml": "rest:\n",
    "data/rules/price.yml": "rules: []\n",
    "data/nlu/price.yml": "nlu:\n- intent: price\n  examples: |\n    - how much is it\n",
    "data/nlu/safety.yml": "nlu:\n- intent: safety\n  examples: |\n    - i smell gas\n    - it is on fire\n",
    "data/conversations/shop.csv": (
        "conversation,text,topic,skus,act,source\n"
        "a price,how much is it,price,,answer,shop\n"
        "a price,and to my door,delivery,,answer,shop\n"
        "smoke,there is smoke,,,safety,shop\n"
    ),
    "rasa/__init__.py": "",
    "rasa/__main__.py": _RASA,
    "rasa_sdk/__init__.py": "",
    "rasa_sdk/__main__.py": _ACTIONS,
}
GOOD_ANSWERS = {
    "how much is it": {"act": "answer", "topic": "price"},
    "and to my door": {"act": "answer", "topic": "delivery"},
    "there is smoke": {"act": "safety", "topic": "safety"},
    "i smell gas": {"act": "safety", "topic": "safety"},
    "it is on fire": {"act": "safety", "topic": "safety"},
}
"""What a bot says that does all that the project's conversations expect."""


def good_examples(count: int = 40) -> list[list[Any]]:
    """Examples of two topics, nine of ten of which are read right."""
    topics = ("price", "delivery")
    return [
        [f"message {place}", topics[place % 2], topics[(place + (place % 10 == 0)) % 2], 0.6 + place / 100]
        for place in range(count)
    ]


class SmallProject:
    """The project on disk, with a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.home = folder / "home"
        for name, text in _DATA.items():
            self.write(name, text)
        (self.root / "data" / "catalogue").symlink_to(ROOT / "data" / "catalogue")
        self.teach()

    @property
    def settings(self) -> Settings:
        """The settings for the project and its home."""
        return load_settings({"STEWARD_ROOT": str(self.root), "STEWARD_HOME": str(self.home)})

    @property
    def environment(self) -> dict[str, str]:
        """What a command needs to work on this project."""
        return {"STEWARD_ROOT": str(self.root), "STEWARD_HOME": str(self.home)}

    def write(self, name: str, text: str) -> None:
        """Write one of the files."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def teach(
        self,
        examples: Sequence[Sequence[Any]] | None = None,
        answers: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """What the next training brings; good examples and right answers unless said otherwise."""
        given = {
            "examples": good_examples() if examples is None else examples,
            "answers": {**GOOD_ANSWERS, **(answers or {})},
            **more,
        }
        self.write("lesson.json", json.dumps(given))

    def hold(self) -> None:
        """Have the next training take until `go_on`."""
        self.write("hold", "")

    def go_on(self) -> None:
        """Let a training go on that was held."""
        (self.root / "hold").unlink()

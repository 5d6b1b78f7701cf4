"""A stand-in for a running bot on a real port: it answers each message as it was told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Entry = dict[str, Any]


class FakeBot:
    """What it answers, and what it was asked: (sender, message)."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: dict[str, list[Entry]] = {}
        self.asked: list[tuple[str, str]] = []

    def hear(self, sender: str, message: str) -> list[Entry]:
        """The REST channel's answer to a message."""
        self.asked.append((sender, message))
        return self.answers.get(message, [{"text": "Sorry?"}])


def reply(text: str, topic: str, confidence: float = 0.9, **more: Any) -> list[Entry]:
    """A bot's answer with its metadata and how it read the message."""
    meta = {"act": "answer", "topic": topic, "skus": [], "confidence": confidence, "sources": []}
    understood = {
        "intent": topic,
        "confidence": confidence,
        "threshold": 0.6,
        "ranking": [[topic, confidence], ["delivery", 0.05]],
        "nearest": {"text": f"an example of {topic}", "intent": topic, "similarity": 0.8},
        "skus": [],
        "hazard": None,
        "language": None,
        "vector": "AAAA",
    }
    return [{"text": text}, {"custom": {"meta": {**meta, **more}, "understood": understood}}]


@contextmanager
def fake_bot() -> Iterator[FakeBot]:
    """A bot that answers while the block runs."""
    bot = FakeBot()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Rasa's REST channel says that it is there."""
            self._send({"status": "ok"} if self.path == "/webhooks/rest/" else None)

        def do_POST(self) -> None:
            """A message."""
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._send(bot.hear(body["sender"], body["message"]))

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is logged."""

        def _send(self, value: Any) -> None:
            content = json.dumps(value).encode()
            self.send_response(200 if value is not None else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    bot.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield bot
    finally:
        server.shutdown()
        server.server_close()

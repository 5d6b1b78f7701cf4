"""What the service counts, in the text format that Prometheus reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counts since the process began."""

    def __init__(self) -> None:
        self.messages: Counter[str] = Counter()
        self.handoffs: Counter[str] = Counter()
        self.conversations = 0
        self.dropped = 0
        self.bot_errors = 0
        self._latencies = [0] * (len(_BUCKETS) + 1)
        self._latency_sum = 0.0

    def relayed(self, seconds: float) -> None:
        """Count one message whose reply was stored after so many seconds."""
        self._latency_sum += seconds
        place = next((i for i, bound in enumerate(_BUCKETS) if seconds <= bound), len(_BUCKETS))
        self._latencies[place] += 1

    def text(self, gauges: Mapping[str, int]) -> str:
        """Everything counted, and the gauges as they are now."""
        lines: list[str] = []
        _write(lines, "steward_conversations_total", "counter", {"": self.conversations})
        _write(lines, "steward_messages_total", "counter", _labelled("from", self.messages))
        _write(lines, "steward_handoffs_total", "counter", _labelled("reason", self.handoffs))
        _write(lines, "steward_bot_errors_total", "counter", {"": self.bot_errors})
        _write(lines, "steward_replies_dropped_total", "counter", {"": self.dropped})
        for name, value in gauges.items():
            _write(lines, f"steward_{name}", "gauge", {"": value})
        lines.append("# TYPE steward_reply_seconds histogram")
        total = 0
        for bound, count in zip((*_BUCKETS, "+Inf"), self._latencies, strict=True):
            total += count
            lines.append(f'steward_reply_seconds_bucket{{le="{bound}"}} {total}')
        lines.append(f"steward_reply_seconds_sum {self._latency_sum:.6f}")
        lines.append(f"steward_reply_seconds_count {total}")
        return "\n".join(lines) + "\n"


def _labelled(label: str, counts: Mapping[str, int]) -> dict[str, int]:
    return {f'{{{label}="{value}"}}': count for value, count in sorted(counts.items())}


def _write(lines: list[str], name: str, kind: str, values: Mapping[str, int]) -> None:
    lines.append(f"# TYPE {name} {kind}")
    lines.extend(f"{name}{labels} {value}" for labels, value in values.items())

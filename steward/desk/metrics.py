"""What the service counts, in the text format that Prometheus reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_KINDS = ("promote", "rollback")
_OUTCOMES = ("done", "failed")
_ENDS = ("done", "failed", "cancelled")
_READINGS = ("same", "different", "dropped")


class Metrics:
    """Counts since the process began."""

    def __init__(self) -> None:
        self.messages: Counter[str] = Counter()
        self.handoffs: Counter[str] = Counter()
        self.conversations = 0
        self.dropped = 0
        self.bot_errors = 0
        self.promotions: Counter[tuple[str, str]] = Counter()
        self.trainings: Counter[str] = Counter()
        self.shadow: Counter[str] = Counter()
        self._latencies = [0] * (len(_BUCKETS) + 1)
        self._latency_sum = 0.0

    def relayed(self, seconds: float) -> None:
        """Count one message whose reply was stored after so many seconds."""
        self._latency_sum += seconds
        place = next((i for i, bound in enumerate(_BUCKETS) if seconds <= bound), len(_BUCKETS))
        self._latencies[place] += 1

    def text(
        self,
        gauges: Mapping[str, float],
        models: Mapping[str, str] | None = None,
        training: str | None = None,
    ) -> str:
        """Everything counted, and the gauges as they are now.

        `models` are the models by what they do, `training` is the state of the newest training.
        """
        lines: list[str] = []
        _write(lines, "steward_conversations_total", "counter", {"": self.conversations})
        _write(lines, "steward_messages_total", "counter", _labelled("from", self.messages))
        _write(lines, "steward_handoffs_total", "counter", _labelled("reason", self.handoffs))
        _write(lines, "steward_bot_errors_total", "counter", {"": self.bot_errors})
        _write(lines, "steward_replies_dropped_total", "counter", {"": self.dropped})
        promotions = {
            f'{{kind="{kind}",outcome="{outcome}"}}': self.promotions[kind, outcome]
            for kind in _KINDS
            for outcome in _OUTCOMES
        }
        _write(lines, "steward_promotions_total", "counter", promotions)
        trainings = {state: self.trainings[state] for state in _ENDS}
        _write(lines, "steward_trainings_total", "counter", _labelled("outcome", trainings))
        states = {state: int(state == training) for state in ("running", *_ENDS)}
        _write(lines, "steward_training_state", "gauge", _labelled("state", states))
        shadow = {result: self.shadow[result] for result in _READINGS}
        _write(lines, "steward_shadow_messages_total", "counter", _labelled("result", shadow))
        info = {f'{{role="{role}",model="{model}"}}': 1 for role, model in sorted((models or {}).items())}
        _write(lines, "steward_model_info", "gauge", info)
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


def _write(lines: list[str], name: str, kind: str, values: Mapping[str, float]) -> None:
    lines.append(f"# TYPE {name} {kind}")
    lines.extend(f"{name}{labels} {value}" for labels, value in values.items())

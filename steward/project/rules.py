"""The rules that tell the bot which action answers a topic, and the list of responses that actions speak."""

from __future__ import annotations

from pathlib import PurePosixPath

from steward.errors import ProjectError
from steward.project.draft import Draft
from steward.project.examples import FOLDER, YAML
from steward.project.yaml_text import items, scalars, text_of, value_of

RULES = "data/rules"
SPOKEN = "data/stories/spoken_by_actions.yml"
ACTION = "action_own_topic"


def add_rule(draft: Draft, topic: str) -> None:
    """Let the action of all own topics answer this one."""
    path = f"{RULES}/{topic}.yml"
    if draft.exists(path):
        raise ProjectError("there already; expected no rule of this name", file=path)
    lines = ['version: "3.1"', "", "rules:", f"- rule: {topic}", "  steps:", f"  - intent: {topic}"]
    draft.write(path, "\n".join([*lines, f"  - action: {ACTION}", ""]))


def remove_rules(draft: Draft, topic: str) -> None:
    """Take away the rules that begin with a topic, and the files that hold no others."""
    for path in draft.paths(FOLDER, YAML):
        file = draft.yaml(path)
        rules = items(file.section("rules"))
        gone = [
            rule
            for rule in rules
            if topic in [text_of(value_of(step, "intent")) for step in items(value_of(rule, "steps"))]
        ]
        if gone and len(gone) == len(rules):
            draft.remove(path)
        elif gone:
            stretches = [(rule.start_mark.line, file.last_line(rule)) for rule in gone]
            draft.write(path, file.without_lines(stretches))


def rename_topic(draft: Draft, topic: str, to: str) -> None:
    """Give a topic another name in rules and stories, and the file of its rule if it is called like it."""
    names = {("intent", topic): to, ("rule", topic): to, ("action", f"utter_{topic}"): f"utter_{to}"}
    for path in draft.paths(FOLDER, YAML):
        file = draft.yaml(path)
        found = [
            (node, names[key, str(node.value)])
            for part in ("rules", "stories")
            for key, node in scalars(file.section(part))
            if (key, str(node.value)) in names
        ]
        if found:
            draft.write(path, file.with_scalars(found))
    place = PurePosixPath(f"{RULES}/{topic}.yml")
    if draft.exists(str(place)):
        draft.rename(str(place), str(place.with_name(f"{to}.yml")))


def add_spoken(draft: Draft, response: str) -> None:
    """Note that actions speak a response, so that Rasa's validation does not miss its use."""
    file = draft.yaml(SPOKEN)
    steps = [step for story in items(file.section("stories")) for step in items(value_of(story, "steps"))]
    if not steps:
        raise ProjectError("no steps; expected a list of actions", file=SPOKEN, line=1)
    if response not in [text_of(value_of(step, "action")) for step in steps]:
        last = steps[-1]
        indent = " " * (last.start_mark.column - 2)
        draft.write(SPOKEN, file.with_lines(file.last_line(last) + 1, [f"{indent}- action: {response}"]))


def remove_spoken(draft: Draft, response: str) -> None:
    """Note that nobody speaks a response any more."""
    file = draft.yaml(SPOKEN)
    gone = [
        (step.start_mark.line, file.last_line(step))
        for story in items(file.section("stories"))
        for step in items(value_of(story, "steps"))
        if text_of(value_of(step, "action")) == response
    ]
    draft.write(SPOKEN, file.without_lines(gone))

"""Completion for shells, generated from the parser: what may be typed behind what."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from steward.cli.command import FILES, MODELS, PRODUCTS, TABLES, TOPICS

SHELLS = ("bash", "zsh", "fish")
# How a shell lists the values of a kind: lines for sh, where `home` and `root` are set.
_LISTED = {
    MODELS: """ls -1 -- "$home/models" | grep -Ex '[0-9a-f]{12}'; echo newest; echo serving""",
    PRODUCTS: """sed -n '2,$s/^\\([A-Z0-9-]*\\),.*/\\1/p' "$root/data/catalogue/products.csv\"""",
    TABLES: """ls -1 -- "$root/data/catalogue" | sed -n 's/[.]csv$//p'""",
    TOPICS: """sed -n 's/^- intent: *//p' "$root"/data/nlu/*.yml""",
}


@dataclass(frozen=True)
class Word:
    """Something to type, and what it is for."""

    text: str
    help: str


@dataclass(frozen=True)
class Value:
    """What an option or an argument takes: some words, a kind like FILES, or anything (no kind, no words)."""

    kind: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Behind `steward` and the words of `path` one may type these commands, options and arguments.

    `options` has for each option what must follow it, or None when nothing follows.
    """

    path: tuple[str, ...]
    commands: tuple[Word, ...]
    options: tuple[tuple[Word, Value | None], ...]
    arguments: tuple[Value, ...]


def below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of the commands behind a parser, by name."""
    found = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(found[0]) if found else {}


def places(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[Place]:
    """Every place of a parser, those below commands too."""
    commands: list[Word] = []
    options: list[tuple[Word, Value | None]] = []
    arguments: list[Value] = []
    for action in parser._actions:
        if action.help == argparse.SUPPRESS and not isinstance(action, argparse._SubParsersAction):
            continue
        if isinstance(action, argparse._SubParsersAction):
            commands += [Word(one.dest, one.help or "") for one in action._choices_actions]
        elif action.option_strings:
            value = None if action.nargs == 0 else _value(action)
            options += [(Word(text, action.help or ""), value) for text in action.option_strings]
        else:
            arguments.append(_value(action))
    yield Place(path, tuple(commands), tuple(options), tuple(arguments))
    for name, inner in below(parser).items():
        yield from places(inner, (*path, name))


def script(shell: str, parser: argparse.ArgumentParser, root: Path) -> str:
    """The completion for a shell; `root` is where the shop's files are when STEWARD_ROOT is not set."""
    write = {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]
    return write(list(places(parser)), _lister(root))


def _lister(root: Path) -> str:
    """A program for sh that lists the values of the kind that is its first argument."""
    cases = "\n".join(f"{kind}) {listed} ;;" for kind, listed in _LISTED.items())
    folders = f'root="${{STEWARD_ROOT:-{root}}}"; home="${{STEWARD_HOME:-$root/.steward}}"'
    return f'{folders}\ncase "$1" in\n{cases}\nesac'


def _value(action: argparse.Action) -> Value:
    if action.choices is not None:
        return Value(words=tuple(str(choice) for choice in action.choices))
    return Value(kind=getattr(action, "completes", ""))


_BASH = """\
# Completion of `steward` for bash. Put this line into ~/.bashrc:
#   eval "$(steward completion bash)"
_steward() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" path="" expects="" index
    for ((index = 1; index < COMP_CWORD; index++)); do
        if [[ -n $expects ]]; then expects=""; continue; fi
        case "$path ${{COMP_WORDS[index]}}" in
{walk}
        esac
    done
    if [[ -n $expects ]]; then
        case $expects in
            @files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
            @any) COMPREPLY=() ;;
            @*) mapfile -t COMPREPLY < <(compgen -W "$(_steward_values "${{expects#@}}")" -- "$word") ;;
            *) mapfile -t COMPREPLY < <(compgen -W "$expects" -- "$word") ;;
        esac
        return
    fi
    local words="" options="" files=""
    case "$path" in
{words}
    esac
    if [[ $word == -* || -z $words$files ]]; then words=$options; fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    if [[ -n $files && $word != -* ]]; then
        compopt -o filenames
        mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -f -- "$word")
    fi
}}
_steward_values() {{
    sh -c {lister} sh "$1" 2> /dev/null
}}
complete -F _steward steward
"""


def _bash(found: list[Place], lister: str) -> str:
    walk, words = [], []
    for place in found:
        path = " ".join(place.path)
        for command in place.commands:
            deeper = " ".join((*place.path, command.text))
            walk.append(f'            "{path} {command.text}") path="{deeper}" ;;')
        for option, value in place.options:
            if value is not None:
                walk.append(f'            "{path} {option.text}") expects="{_expected(value)}" ;;')
        choices = [*(one.text for one in place.commands), *_argument_words(place)]
        options = " ".join(option.text for option, _ in place.options)
        listed = "".join(f" $(_steward_values {kind})" for kind in _LISTED if _takes(place, kind))
        files = " files=1" if _takes(place, FILES) else ""
        words.append(f'        "{path}") words="{" ".join(choices)}{listed}" options="{options}"{files} ;;')
    return _BASH.format(walk="\n".join(walk), words="\n".join(words), lister=shlex.quote(lister))


def _expected(value: Value) -> str:
    return " ".join(value.words) or f"@{value.kind or 'any'}"


def _argument_words(place: Place) -> list[str]:
    return [word for argument in place.arguments for word in argument.words]


def _takes(place: Place, kind: str) -> bool:
    return any(argument.kind == kind for argument in place.arguments)


_ZSH = """\
#compdef steward
# Completion of `steward` for zsh. Put this line into ~/.zshrc, below the one with compinit:
#   eval "$(steward completion zsh)"
_steward() {{
    local at="" expects="" index kind
    for ((index = 2; index < CURRENT; index++)); do
        if [[ -n $expects ]]; then expects=""; continue; fi
        case "$at ${{words[index]}}" in
{walk}
        esac
    done
    local -a found options
    local more=""
    if [[ -n $expects ]]; then
        case $expects in
            @files) _files ;;
            @any) _message 'a value' ;;
            @*) found=(${{(f)"$(_steward_values "${{expects#@}}")"}}); compadd -a found ;;
            *) found=(${{=expects}}); compadd -a found ;;
        esac
        return
    fi
    case "$at" in
{words}
    esac
    if [[ $PREFIX == -* || -z "$found$more" ]]; then
        _describe steward options
        return
    fi
    _describe steward found
    for kind in ${{=more}}; do
        case $kind in
            files) _files ;;
            *) found=(${{(f)"$(_steward_values $kind)"}}); compadd -a found ;;
        esac
    done
}}
_steward_values() {{
    sh -c {lister} sh "$1" 2> /dev/null
}}
compdef _steward steward
"""


def _zsh(found: list[Place], lister: str) -> str:
    walk, words = [], []
    for place in found:
        path = " ".join(place.path)
        for command in place.commands:
            deeper = " ".join((*place.path, command.text))
            walk.append(f'            "{path} {command.text}") at="{deeper}" ;;')
        for option, value in place.options:
            if value is not None:
                walk.append(f'            "{path} {option.text}") expects="{_expected(value)}" ;;')
        commands = [*place.commands, *(Word(text, "") for text in _argument_words(place))]
        more = " ".join(kind for kind in (*_LISTED, FILES) if _takes(place, kind))
        options = _zsh_words(option for option, _ in place.options)
        words.append(
            f'        "{path}") found=({_zsh_words(commands)}); options=({options}); more="{more}" ;;'
        )
    return _ZSH.format(walk="\n".join(walk), words="\n".join(words), lister=shlex.quote(lister))


def _zsh_words(words: Iterable[Word]) -> str:
    return " ".join(shlex.quote(_described(word)) for word in words)


def _described(word: Word) -> str:
    """A word with its help as zsh's _describe takes it, where a colon separates the two."""
    text = word.text.replace(":", "\\:")
    return f"{text}:{_short(word.help)}" if word.help else text


def _short(text: str) -> str:
    return text.replace("%%", "%").partition(";")[0]


_FISH = """\
# Completion of `steward` for fish. Put this line into ~/.config/fish/config.fish:
#   steward completion fish | source
function __steward_values
    sh -c {lister} sh $argv[1] 2>/dev/null
end
function __steward_path
    set -l path
    set -l known {known}
    for word in (commandline -opc)[2..-1]
        if contains -- (string join -- ' ' $path $word) $known
            set path $path $word
        end
    end
    string join -- ' ' $path
end
function __steward_at
    set -l path (__steward_path)
    test "$path" = "$argv"
end
complete -c steward -f
{lines}
"""


def _fish(found: list[Place], lister: str) -> str:
    lines = []
    for place in found:
        at = f"complete -c steward -n {_fish_quoted('__steward_at ' + _fish_quoted(' '.join(place.path)))}"
        for command in place.commands:
            lines.append(f"{at} -a {_fish_quoted(command.text)} -d {_fish_quoted(_short(command.help))}")
        for option, value in place.options:
            dashes = "-l" if option.text.startswith("--") else "-s"
            name = option.text.lstrip("-")
            takes = "" if value is None else f" {'-r' if value.kind == FILES else '-x'}{_fish_value(value)}"
            lines.append(f"{at} {dashes} {name} -d {_fish_quoted(_short(option.help))}{takes}")
        lines += [f"{at}{_fish_value(value)}" for value in place.arguments if _fish_value(value)]
    known = " ".join(_fish_quoted(" ".join(place.path)) for place in found if place.path)
    return _FISH.format(known=known, lines="\n".join(lines), lister=_fish_quoted(lister))


def _fish_value(value: Value) -> str:
    if value.words:
        return f" -a {_fish_quoted(' '.join(value.words))}"
    if value.kind == FILES:
        return " -F"
    return f" -a '(__steward_values {value.kind})'" if value.kind else ""


def _fish_quoted(text: str) -> str:
    """Text between single quotes, in which fish, unlike sh, knows two escapes."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"

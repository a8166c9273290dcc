"""Which programs the pages may name, and how a command line of each is checked."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.pages import aws_cli, makefile, sam_cli
from tests.pages.blocks import ROOT
from tests.pages.shell import SOMETHING

if TYPE_CHECKING:
    from collections.abc import Callable


def check(words: list[str]) -> None:
    """Raise ValueError for a command line that cannot be meant."""
    name, *rest = words
    program = name.rpartition("/")[2]
    if program not in PROGRAMS:
        raise ValueError(f"{program} is no program that the pages may name")
    PROGRAMS[program](rest)


def _git(words: list[str]) -> None:
    if words[0] not in {"clone", "switch", "commit", "push", "tag", "pull", "checkout"}:
        raise ValueError(f"git {words[0]} is not expected here")


def _cd(words: list[str]) -> None:
    if words != ["codepipeline-orchestrator"] and not (ROOT / words[0]).is_dir():
        raise ValueError(f"there is no {words[0]}")


def _pipeline_run(words: list[str]) -> None:
    """The command for people: its own parser reads the words."""
    click: Any = import_module("click")
    program: Any = import_module("pipeline_run.program").program
    context = click.Context(program, info_name="pipeline-run", **program.context_settings)
    options = [word for word in words if not word.startswith("-")]
    if not options:  # --help, or nothing
        return
    command = program.get_command(context, options[0])
    if command is None:
        raise ValueError(f"pipeline-run has no {options[0]}")
    try:
        command.make_context(options[0], words[words.index(options[0]) + 1 :], parent=context)
    except click.ClickException as error:
        raise ValueError(error.format_message()) from error


def _python(words: list[str]) -> None:
    """`python -m MODULE`, or a script: it is there, and so are its options."""
    path = words[1].replace(".", "/") if words[0] == "-m" else words[0].removesuffix(".py")
    found = [ROOT / f"{path}.py", *(ROOT / path).glob("*.py")]
    source = "".join(each.read_text("utf-8") for each in found if each.is_file())
    missing = [word for word in words[1:] if re.match("--", word) and f'"{word}"' not in source]
    if not source or missing:
        raise ValueError(f"python {' '.join(words)}: there is no {missing or path}")


def _anything(_words: list[str]) -> None:
    """Builtins, and programs that come with the reader's machine."""


_BUILTINS = ("echo", "eval", "export", "jq", "pipx", "pre-commit", "source", "unset", "uvx")
PROGRAMS: dict[str, Callable[[list[str]], None]] = {
    "aws": aws_cli.check,
    "cd": _cd,
    "git": _git,
    "make": makefile.check,
    "pipeline-run": _pipeline_run,
    "python": _python,
    "sam": sam_cli.check,
    SOMETHING: _anything,
    **dict.fromkeys(_BUILTINS, _anything),
}

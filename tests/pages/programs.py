"""The programs that the documentation may use, each with a check of its command lines."""

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
    """Raise ValueError for a command line that cannot work."""
    name, *rest = words
    program = name.rpartition("/")[2]
    if program not in PROGRAMS:
        raise ValueError(f"{program} is not in the list of programs that the documentation may use")
    PROGRAMS[program](rest)


def _git(words: list[str]) -> None:
    if words[0] not in {"clone", "switch", "commit", "push", "tag", "pull", "checkout"}:
        raise ValueError(f"git {words[0]} is not expected here")


def _cd(words: list[str]) -> None:
    if words != ["codepipeline-orchestrator"] and not (ROOT / words[0]).is_dir():
        raise ValueError(f"{words[0]} does not exist")


def _pipeline_run(words: list[str]) -> None:
    click: Any = import_module("click")
    program: Any = import_module("pipeline_run.program").program
    context = click.Context(program, info_name="pipeline-run", **program.context_settings)
    options = [word for word in words if not word.startswith("-")]
    if not options:  # Without a command, only options such as --help are allowed.
        return
    command = program.get_command(context, options[0])
    if command is None:
        raise ValueError(f"pipeline-run has no command {options[0]}")
    try:
        command.make_context(options[0], words[words.index(options[0]) + 1 :], parent=context)
    except click.ClickException as error:
        raise ValueError(error.format_message()) from error


def _pip(words: list[str]) -> None:
    missing = [word for word in words if word.startswith("./") and not (ROOT / word).is_dir()]
    if words[0] != "install" or missing:
        raise ValueError(f"pip {' '.join(words)} cannot work")


def _python(words: list[str]) -> None:
    path = words[1].replace(".", "/") if words[0] == "-m" else words[0].removesuffix(".py")
    found = [ROOT / f"{path}.py", *(ROOT / path).glob("*.py")]
    source = "".join(each.read_text("utf-8") for each in found if each.is_file())
    missing = [word for word in words[1:] if re.match("--", word) and f'"{word}"' not in source]
    if not source or missing:
        raise ValueError(f"python {' '.join(words)}: {missing or path} does not exist")


def _anything(_words: list[str]) -> None:
    """Accept any arguments. Shell builtins and programs on the reader's machine are not checked."""


_BUILTINS = (
    "cdk",
    "echo",
    "env",
    "eval",
    "export",
    "grep",
    "jq",
    "pipx",
    "pre-commit",
    "source",
    "terraform",
    "unset",
    "uvx",
)
PROGRAMS: dict[str, Callable[[list[str]], None]] = {
    "aws": aws_cli.check,
    "cd": _cd,
    "git": _git,
    "make": makefile.check,
    "pip": _pip,
    "pipeline-run": _pipeline_run,
    "python": _python,
    "sam": sam_cli.check,
    SOMETHING: _anything,
    **dict.fromkeys(_BUILTINS, _anything),
}

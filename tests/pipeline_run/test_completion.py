"""Tests shell completion with the requests that the completion scripts send."""

from __future__ import annotations

import pytest
from click.shell_completion import get_completion_class

from pipeline_run.program import COMMANDS, program
from tests.pipeline_run.pages import PAGE

SHELLS = ["bash", "zsh", "fish"]


def completed(shell, *words):
    """Return the completions for the last word."""
    complete = get_completion_class(shell)
    assert complete is not None
    asked = complete(program, {}, "pipeline-run", "_PIPELINE_RUN_COMPLETE")
    *before, last = words
    return [item.value for item in asked.get_completions(list(before), last)]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "words, offered",
    [
        ([""], list(COMMANDS)),
        (["st"], ["start", "stop"]),
        (["start", "--on-t"], ["--on-timeout"]),
        (["start", "web", "--mode", ""], ["start", "latest", "idle"]),
        (["start", "web", "--if-running", "s"], ["start", "skip"]),
        (["list", "--status", "fa"], ["FAILED"]),
        (["list", "--outcome", "ti"], ["TimedOut"]),
        (["timeline", "--h"], ["--html", "--help"]),
        (["role", "web", "--with", "r"], ["retry"]),
    ],
)
def test_commands_options_and_values_are_completed(shell, words, offered):
    assert completed(shell, *words) == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_the_documented_line_prints_the_completion_script(type_, shell):
    assert f"_PIPELINE_RUN_COMPLETE={shell}_source pipeline-run" in PAGE

    result = type_(_PIPELINE_RUN_COMPLETE=f"{shell}_source")

    assert result.exit_code == 0
    assert f"_PIPELINE_RUN_COMPLETE={shell}_complete" in result.stdout

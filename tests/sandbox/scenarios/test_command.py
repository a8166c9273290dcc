"""`python -m sandbox.scenarios` and `python -m sandbox.server --scenario`."""

from __future__ import annotations

import re

import pytest

from sandbox.scenarios.__main__ import main
from sandbox.server.__main__ import main as serve

DEPLOY = """\
pipelines:
  deploy: {stages: {Build: {Compile: 2m}, Go: {Rollout: 1m fails}}}
happens:
  - {at: 0s, start: deploy}
"""


@pytest.fixture
def scenario(tmp_path):
    """Write a scenario, and give its path."""

    def write(text):
        path = tmp_path / "mine.yaml"
        path.write_text(text, "utf-8")
        return str(path)

    return write


def test_it_tells_what_happened_and_how_each_execution_ended(scenario, capsys):
    status = main([scenario(DEPLOY)])

    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert lines[0] == (
        "09:00:00  111122223333  deploy                started by the account's administrator"
    )
    assert lines[-3:] == [
        "09:03:03  111122223333  deploy                failed",
        "",
        "111122223333  deploy                1  Failed after 3m3s",
    ]


def test_the_same_seed_tells_the_same_byte_for_byte(scenario, capsys):
    again = "  - {at: 5m, start: deploy}\n"
    path = scenario(DEPLOY + again)

    def told(*arguments):
        main([path, *arguments])
        return capsys.readouterr()

    assert told("--seed", "3") == told("--seed", "3")
    assert told() == told("--seed", "0")


def test_what_could_not_be_done_or_never_came_is_told_at_the_end(scenario, capsys):
    more = "  - {at: 1h, stop: deploy}\n  - {when: deploy stopped, retry: deploy Go}\n"

    status = main([scenario(DEPLOY + more)])

    refused, missed = capsys.readouterr().err.splitlines()
    assert status == 1
    assert re.search(r"mine\.yaml:5: PipelineExecutionNotStoppableException: ", refused)
    assert missed.endswith("mine.yaml:6: 'retry' has not happened.")


def test_it_ends_when_the_scenario_says(scenario, capsys):
    assert main([scenario(f"lasts: 1m\n{DEPLOY}")]) == 0

    assert capsys.readouterr().out.endswith("  1  InProgress after 3s\n")


@pytest.mark.parametrize("command", [main, lambda paths: serve(["--scenario", *paths])])
def test_mistakes_are_told_without_a_traceback_and_the_exit_status_is_2(scenario, capsys, command):
    path = scenario("pipeline: {}\nhappen: []\n")

    status = command([path])

    assert status == 2
    assert capsys.readouterr().err.splitlines() == [
        f"{path}:1: The scenario has no 'pipeline'. Did you mean 'pipelines'?",
        f"{path}:2: The scenario has no 'happen'. Did you mean 'happens'?",
    ]


def test_what_codepipeline_refuses_is_told_without_a_traceback(scenario, capsys):
    path = scenario("pipelines:\n  a: {stages: {A: {B: {namespace: codepipeline}}}}\n")

    assert main([path]) == 2

    assert capsys.readouterr().err.startswith(f"{path}:2: CreatePipeline refuses it: Invalid")

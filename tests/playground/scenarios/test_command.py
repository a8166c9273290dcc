from __future__ import annotations

import io
import os
import re

import pytest

from playground.scenarios.__main__ import main
from playground.scenarios.play import Play
from playground.server.__main__ import main as serve

DEPLOY = """\
pipelines:
  deploy: {stages: {Build: {Compile: 2m}, Go: {Rollout: 1m fails}}}
happens:
  - {at: 0s, start: deploy}
"""


@pytest.fixture
def scenario(tmp_path):

    def write(text):
        path = tmp_path / "mine.yaml"
        path.write_text(text, "utf-8")
        return str(path)

    return write


def test_the_command_prints_what_happens_and_how_each_execution_ends(scenario, capsys):
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


def test_the_same_seed_prints_the_same_output(scenario, capsys):
    again = "  - {at: 5m, start: deploy}\n"
    path = scenario(DEPLOY + again)

    def output(*arguments):
        main([path, *arguments])
        return capsys.readouterr()

    assert output("--seed", "3") == output("--seed", "3")
    assert output() == output("--seed", "0")


def test_failed_and_missed_actions_are_reported_at_the_end(scenario, capsys):
    more = "  - {at: 1h, stop: deploy}\n  - {when: deploy stopped, retry: deploy Go}\n"

    status = main([scenario(DEPLOY + more)])

    refused, missed = capsys.readouterr().err.splitlines()
    assert status == 1
    assert re.search(r"mine\.yaml:5: PipelineExecutionNotStoppableException: ", refused)
    assert missed.endswith("mine.yaml:6: 'retry' did not happen: 'deploy stopped' did not occur.")


def test_an_action_that_was_due_after_the_end_is_reported(scenario, capsys):
    more = "  - {when: deploy started, after: 1h, stop: deploy}\nlasts: 5m\n"

    assert main([scenario(DEPLOY + more)]) == 1

    expected = "mine.yaml:5: 'stop' did not happen: the scenario ended before it was due.\n"
    assert capsys.readouterr().err.endswith(expected)


def test_a_new_day_is_printed_with_its_date(scenario, capsys):
    main([scenario(DEPLOY + "  - {at: 2d, start: deploy}\n")])

    lines = capsys.readouterr().out.splitlines()
    assert lines[lines.index("2026-01-07, Wednesday") + 1].startswith("09:00:00  111122223333")


def test_faults_are_listed_with_how_many_times_they_struck(scenario, capsys):
    faults = """\
faults:
  - {call: throttled, callers: everybody, to: 1h}
  - {invocation: killed, function: nobody}
"""

    assert main([scenario(DEPLOY + "  - {at: 2h, start: deploy}\n" + faults)]) == 1

    assert capsys.readouterr().out.splitlines()[-2:] == [
        "struck 3 times       call: throttled, to: 1h, callers: everybody",
        "never struck         invocation: killed, function: nobody",
    ]


def test_ctrl_c_ends_an_endless_scenario_after_its_output(scenario, capsys, monkeypatch):
    path = scenario(DEPLOY + "  - {whenever: deploy failed, start: deploy}\n")
    failed = 0

    def see(self, event, see=Play._see):
        nonlocal failed
        see(self, event)
        failed += event["detail"]["state"] == "FAILED"
        if failed > 9:
            raise KeyboardInterrupt

    monkeypatch.setattr(Play, "_see", see)

    assert main([path]) == 130

    out, err = capsys.readouterr()
    assert out.startswith("09:00:00  111122223333  deploy ")
    assert err == "\nInterrupted.\n"


def test_an_output_in_ascii_shows_escapes(scenario, monkeypatch):
    path = scenario(DEPLOY.replace("fails", 'fails "no room → retry"'))
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", out)

    assert main([path]) == 0

    out.flush()
    assert rb"failed: JobFailed: no room \u2192 retry" in out.buffer.getvalue()


def test_a_closed_pipe_ends_the_output_quietly(scenario, monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", buffering=1) as out:  # noqa: PTH123 - a pipe has no path
        monkeypatch.setattr("sys.stdout", out)

        assert main([scenario(DEPLOY)]) == 1


def test_a_scenario_can_set_its_end(scenario, capsys):
    assert main([scenario(f"lasts: 1m\n{DEPLOY}")]) == 0

    assert capsys.readouterr().out.endswith("  1  InProgress after 3s\n")


@pytest.mark.parametrize("command", [main, lambda paths: serve(["--scenario", *paths])])
def test_mistakes_are_reported_without_a_traceback_and_the_exit_status_is_2(
    scenario, capsys, command
):
    path = scenario("pipeline: {}\nhappen: []\n")

    status = command([path])

    assert status == 2
    assert capsys.readouterr().err.splitlines() == [
        f"{path}:1: The scenario cannot have 'pipeline'. Did you mean 'pipelines'?",
        f"{path}:2: The scenario cannot have 'happen'. Did you mean 'happens'?",
    ]


def test_an_invalid_product_parameter_is_reported_with_its_line(scenario, capsys):
    path = scenario(DEPLOY + "product: {LogLevel: LOUD}\n")

    assert main([path]) == 2

    reason = "orchestrator: Parameter 'LogLevel' must be one of AllowedValues"
    message = f"{path}:5: The product cannot be deployed: {reason}"
    assert capsys.readouterr().err.startswith(message)


def test_a_refusal_by_codepipeline_is_reported_without_a_traceback(scenario, capsys):
    path = scenario("pipelines:\n  a: {stages: {A: {B: {namespace: codepipeline}}}}\n")

    assert main([path]) == 2

    assert capsys.readouterr().err.startswith(f"{path}:2: CreatePipeline failed: Invalid")


def test_a_scenario_in_which_nothing_happens_is_reported(scenario, capsys):
    path = scenario(DEPLOY.partition("happens")[0])

    status = main([path])

    assert status == 0
    assert f"Nothing happened: {path} has no 'happens'." in capsys.readouterr().out

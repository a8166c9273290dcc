from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from dataclasses import dataclass

import pytest

from playground.demo import __main__ as demo
from playground.demo import checks, scene

# The demonstration runs once for all tests in this module.
pytestmark = pytest.mark.xdist_group("demo")

ROW = re.compile(r"(\d\d:\d\d:\d\d)  (\d{12})  (.{20})  (\S.*)")
ROLE = "started through the role"
OF_JOB = "began: starts and follows target-pipeline-name in 333344445555 for an action"


@dataclass(frozen=True)
class Log:
    status: int
    text: str

    def table(self) -> list[str]:
        table = self.text.partition("Timeline (")[2].partition("Actions as")[0]
        return [
            re.sub(
                r"(run |Role-)[0-9A-Za-z-]{12,13}\b", r"\1", f"{account[:3]} {who.strip()} {what}"
            )
            for _, account, who, what in ROW.findall(table)
        ]

    def message(self, title: str) -> str:
        return self.text.partition(title)[2].partition("\n\n")[0]


def shown(*arguments: str) -> Log:
    out = io.StringIO()
    with redirect_stdout(out):
        status = demo.main(arguments)
    return Log(status, out.getvalue())


@pytest.fixture(scope="module")
def log() -> Log:
    return shown()


def test_everything_ends_as_expected(log: Log) -> None:
    *_, verdict, what_next = log.text.splitlines()
    assert verdict == "Everything ended as expected (25 checks)."
    assert "`make sandbox`" in what_next
    assert log.status == 0


def test_the_first_two_lines_introduce_the_demonstration(log: Log) -> None:
    first, second, *_ = log.text.splitlines()

    assert "three accounts" in first
    assert "starts one that fails" in second


def test_a_log_has_only_printable_characters(log: Log) -> None:
    assert re.findall(r"[^\x20-\x7e\n]", log.text) == []


def test_each_event_is_one_line_in_columns(log: Log) -> None:
    happened = [line for line in log.text.splitlines() if re.match(r"\d\d:\d\d:\d\d ", line)]

    assert len(happened) > 90
    assert all(ROW.fullmatch(line) for line in happened)
    assert max(map(len, happened)) < 320


def test_the_story_can_be_read_from_the_table(log: Log) -> None:
    table = [re.sub(r": JobFailed: Pipeline .*", "", row) for row in log.table()]

    assert table == [
        "222 target-pipeline-name started by the account's administrator",
        "111 release started by the account's administrator",
        "111 run  began: follows target-pipeline-name in 222233334444 for an action",
        "222 target-pipeline-name succeeded",
        "111 release Wait/WaitForTarget succeeded",
        "111 run  ended SUCCEEDED",
        f"111 run  {OF_JOB}",
        f"333 target-pipeline-name {ROLE} example-role-for-target-pipeline-name",
        "333 target-pipeline-name Deploy/Rollout failed: JobFailed: 3 of 8 hosts are not healthy",
        "333 target-pipeline-name failed",
        "111 release Trigger/StartTarget failed",
        "111 release failed",
        "111 run  ended FAILED: PipelineFailed",
        "333 target-pipeline-name someone fixes the hosts",
        "111 release someone retries the stage Trigger (RetryStageExecution)",
        "111 release resumed",
        f"111 run  {OF_JOB}",
        f"333 target-pipeline-name {ROLE} example-role-for-target-pipeline-name",
        "333 target-pipeline-name succeeded",
        "111 release Trigger/StartTarget succeeded",
        "111 release succeeded",
        "111 run  ended SUCCEEDED",
        *(
            "111 run  began: starts and follows MyFirstPipeline",
            f"111 MyFirstPipeline {ROLE} orchestrator-LocalTargetRole-",
            "111 MyFirstPipeline succeeded",
            "111 run  ended SUCCEEDED",
        )
        * 2,
    ]


def test_the_schedule_fires_at_eleven_in_berlin(log: Log) -> None:
    scheduled = log.text.partition("MyFirstPipeline has a schedule")[2]

    assert ROW.search(scheduled)[1] == "10:00:00"  # type: ignore[index] # a failure shows as much


def test_the_user_parameters_match_the_waiters_readme(log: Log) -> None:
    message = log.message("action StartTarget in stage Trigger, after the failure")

    indented = message.replace(" " * 20, "")
    assert (
        "UserParameters:   {\n"
        '"targetname":"target-pipeline-name", #Required\n'
        '"assumerolearn":"arn:aws:iam::333344445555:role/example-role-for-target-pipeline-name",'
        " #Required\n"
        '"trigger": true #Optional. Defaults to false\n'
        "}\n"
    ) in indented


@pytest.mark.parametrize(
    "title, texts",
    [
        (
            "action WaitForTarget in stage Wait, while it waits",
            ["Status:           InProgress", "Summary:          Waiting for target-pipeline-name"],
        ),
        (
            "action WaitForTarget in stage Wait, after it ended",
            ["Status:           Succeeded", "outcome = Succeeded"],
        ),
        (
            "action StartTarget in stage Trigger, after the failure",
            [
                "Error code:       JobFailed",
                "failed in stage Deploy, action Rollout: JobFailed: 3 of 8 hosts are not healthy.",
            ],
        ),
        (
            "action StartTarget in stage Trigger, after the retry",
            ["Status:           Succeeded", "Output variables: pipelineExecutionId = "],
        ),
        (
            "started by the schedule",
            ['Input:            {"pipelineName": "MyFirstPipeline", "clientRequestToken": "arn:'],
        ),
        (
            ", started directly",
            ['Input:            {"pipelineName": "MyFirstPipeline", "timeoutMinutes": 30}'],
        ),
    ],
)
def test_each_message_is_shown_in_full(log: Log, title: str, texts: list[str]) -> None:
    message = log.message(title)

    assert [text for text in texts if text not in message] == []


def test_an_event_that_does_not_happen_is_reported_and_the_exit_status_is_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("playground.demo.performance._PATIENCE", 100.0)

    log = shown()

    assert log.status == 1
    assert log.text.endswith(
        "Not as expected: the start of the release's second action did not happen.\n"
    )


def test_differences_are_reported() -> None:
    made = [("the color", "red", "red"), ("the size", 1, 2)]

    assert checks.differences(made) == ["the size: expected 1, got 2"]


def test_an_interruption_ends_the_demonstration_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_cloud: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(scene, "build", interrupted)

    log = shown()

    assert log.status == 130
    assert capsys.readouterr().err == "\nInterrupted.\n"


def test_a_speed_of_zero_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        demo.main(["--speed", "0"])

    assert "--speed must be greater than 0" in capsys.readouterr().err

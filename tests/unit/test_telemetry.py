from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.telemetry import bind_run, count, logged, logger, measure

RUN = "arn:aws:states:eu-west-1:111122223333:execution:Runs:job-1"
CONTEXT: Any = SimpleNamespace(
    function_name="f", memory_limit_in_mb=128, invoked_function_arn="arn", aws_request_id="1"
)


@pytest.fixture
def lines(monkeypatch):
    written: list[dict[str, Any]] = []
    monkeypatch.setattr(
        logger.registered_handler, "emit", lambda record: written.append(read(record))
    )
    return written


def read(record):
    document: dict[str, Any] = json.loads(logger.registered_formatter.format(record))
    return document


def test_the_result_of_a_handler_is_returned():
    assert logged(lambda event, _context: event["n"] + 1)({"n": 1}, CONTEXT) == 2


@pytest.mark.parametrize(
    "error, level, message",
    [
        (InvalidInput("no pipelineName"), "WARNING", "the run cannot continue"),
        (KeyError("x"), "ERROR", "the function failed"),
    ],
)
def test_an_error_is_logged_with_the_run_and_raised(lines, error, level, message):
    def fails(_event, _context):
        bind_run(RUN)
        raise error

    with pytest.raises(type(error)):
        logged(fails)({"secret": "canary-secret-key"}, CONTEXT)

    (line,) = lines
    assert (line["level"], line["message"], line["run"]) == (level, message, "job-1")
    assert "canary" not in json.dumps(line)


def test_an_event_is_never_logged(lines, monkeypatch):
    monkeypatch.setenv("POWERTOOLS_LOGGER_LOG_EVENT", "true")
    logged(lambda _event, _context: None)({"secret": "canary-secret-key"}, CONTEXT)
    assert lines == []


@pytest.mark.parametrize("text", ["a\x9b31mb", "a\u2028b", "a\u202eb", "a\ud800b", "a\n{}b", "ä"])
def test_a_log_line_is_always_ascii(monkeypatch, text):
    written = []
    handler = logger.registered_handler
    monkeypatch.setattr(handler, "emit", lambda record: written.append(handler.format(record)))
    logger.info("said", said=text)
    (line,) = written
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["said"] == text


def test_an_invocation_does_not_log_the_run_of_an_earlier_invocation(lines):
    def works(event, _context):
        if "run" in event:
            bind_run(event["run"])
        logger.info("it works")

    logged(works)({"run": RUN}, CONTEXT)
    logged(works)({}, CONTEXT)
    assert [line.get("run") for line in lines] == ["job-1", None]


@pytest.fixture
def written(capsys):
    def by(works):
        def handler(_event, _context):
            bind_run(RUN)
            works()

        logged(handler)({}, CONTEXT)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return by


def test_an_event_of_a_run_is_counted_once_with_its_dimensions(written):
    (counted,) = written(lambda: count("RunsEnded", by={"Outcome": "Failed"}, error="Bad"))
    (directive,) = counted.pop("_aws")["CloudWatchMetrics"]
    assert directive["Metrics"] == [{"Name": "RunsEnded", "Unit": "Count"}]
    assert directive["Namespace"] == "Tests"
    assert [sorted(each) for each in directive["Dimensions"]] == [["Outcome"]]
    assert counted == {"RunsEnded": [1.0], "Outcome": "Failed", "run": "job-1", "error": "Bad"}


def test_an_unknown_field_is_omitted(written):
    (counted,) = written(lambda: count("RunErrors", error=None))
    assert "error" not in counted


def test_a_duration_is_measured_in_seconds(written):
    (measured,) = written(lambda: measure("EndDelay", 12.5))
    (directive,) = measured["_aws"]["CloudWatchMetrics"]
    assert directive["Metrics"] == [{"Name": "EndDelay", "Unit": "Seconds"}]
    assert (measured["EndDelay"], measured["run"]) == ([12.5], "job-1")


def test_a_defect_is_counted_but_an_expected_error_is_not(capsys):
    def fails(event, _context):
        raise event["with"]

    with pytest.raises(InvalidInput):
        logged(fails)({"with": InvalidInput("no pipelineName")}, CONTEXT)
    with pytest.raises(KeyError):
        logged(fails)({"with": KeyError("x")}, CONTEXT)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    counted = [line for line in lines if "_aws" in line]
    assert [(each["FunctionErrors"], each["function"]) for each in counted] == [([1.0], "f")]

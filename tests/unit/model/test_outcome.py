from __future__ import annotations

import pytest

from codepipeline_orchestrator.errors import failure_type
from codepipeline_orchestrator.model.outcome import Outcome, outcome_of


@pytest.mark.parametrize(
    "status, failed_for, outcome",
    [
        ("InProgress", 0, None),
        ("Stopping", 0, None),
        ("unreadable", 0, None),
        ("Succeeded", 0, Outcome.SUCCEEDED),
        ("Stopped", 0, Outcome.STOPPED),
        ("Cancelled", 0, Outcome.CANCELLED),
        ("Superseded", 0, Outcome.SUPERSEDED),
        ("Failed", 0, None),
        ("Failed", 9.9, None),
        ("Failed", 10, Outcome.FAILED),
    ],
)
def test_a_status_is_an_outcome_only_when_it_is_final(status, failed_for, outcome):
    assert outcome_of(status, failed_for=failed_for) is outcome


def test_only_these_outcomes_end_a_run_successfully():
    well = {outcome for outcome in Outcome if outcome.succeeded}
    assert well == {Outcome.SUCCEEDED, Outcome.STARTED, Outcome.SKIPPED, Outcome.IDLE}


@pytest.mark.parametrize(
    "error, expected",
    [
        ("PipelineFailed", "JobFailed"),
        ("PipelineTimedOut", "JobFailed"),
        ("PipelineNotFound", "ConfigurationError"),
        ("PipelineNeverRun", "ConfigurationError"),
        ("InvalidInput", "ConfigurationError"),
        ("TargetAccessDenied", "PermissionError"),
        ("TargetRoleNotAssumable", "PermissionError"),
        ("TargetUnavailable", "SystemUnavailable"),
        ("FunctionFailed", "SystemUnavailable"),
        ("SomethingUnheardOf", "SystemUnavailable"),
    ],
)
def test_each_failure_has_its_codepipeline_failure_type(error, expected):
    assert failure_type(error) == expected

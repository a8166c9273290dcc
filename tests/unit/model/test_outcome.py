"""Which status is an outcome."""

from __future__ import annotations

import pytest

from codepipeline_orchestrator.errors import failure_type
from codepipeline_orchestrator.model.outcome import Outcome, outcome_of


@pytest.mark.parametrize(
    "status, previous, outcome",
    [
        ("InProgress", None, None),
        ("Stopping", "InProgress", None),
        ("unreadable", "Failed", None),
        ("Succeeded", None, Outcome.SUCCEEDED),
        ("Succeeded", "Failed", Outcome.SUCCEEDED),
        ("Stopped", "Stopping", Outcome.STOPPED),
        ("Cancelled", None, Outcome.CANCELLED),
        ("Superseded", None, Outcome.SUPERSEDED),
        ("Failed", None, None),
        ("Failed", "InProgress", None),
        ("Failed", "Failed", Outcome.FAILED),
    ],
)
def test_a_status_is_an_outcome_only_when_it_is_final(status, previous, outcome):
    assert outcome_of(status, previous_status=previous) is outcome


def test_these_outcomes_end_a_run_well():
    well = {outcome for outcome in Outcome if outcome.succeeded}
    assert well == {Outcome.SUCCEEDED, Outcome.STARTED, Outcome.SKIPPED, Outcome.IDLE}


@pytest.mark.parametrize(
    "error, told",
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
def test_codepipeline_is_told_the_kind_of_failure(error, told):
    assert failure_type(error) == told

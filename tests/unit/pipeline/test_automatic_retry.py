from __future__ import annotations

import pytest

from codepipeline_orchestrator.aws.answers import PipelineAnswer, read_answer
from codepipeline_orchestrator.pipeline.automatic_retry import without_automatic_retry


def final(*stages):
    return without_automatic_retry(
        read_answer(PipelineAnswer, {"pipeline": {"stages": stages}}).pipeline.stages
    )


@pytest.mark.parametrize(
    "declared, is_final",
    [
        ({}, True),
        ({"onFailure": {"result": "FAIL"}}, True),
        ({"onFailure": {"result": "ROLLBACK"}}, True),
        ({"onFailure": {"conditions": [{"result": "ROLLBACK", "rules": []}]}}, True),
        (
            {
                "onFailure": {
                    "result": "ROLLBACK",
                    "conditions": [{"result": "FAIL", "rules": []}, {"rules": []}],
                }
            },
            True,
        ),
        ({"onSuccess": {"conditions": [{"result": "FAIL", "rules": []}]}}, True),
        ({"onFailure": {"result": "RETRY"}}, False),
        (
            {
                "onFailure": {
                    "result": "RETRY",
                    "retryConfiguration": {"retryMode": "FAILED_ACTIONS"},
                    "conditions": [{"result": "ROLLBACK", "rules": []}],
                }
            },
            False,
        ),
        ({"onFailure": {"conditions": [{"result": "RETRY", "rules": []}]}}, False),
        ({"onFailure": {"result": "SKIP"}}, False),
        ({"onFailure": {"result": "TRY_AGAIN_LATER"}}, False),
    ],
)
def test_a_failure_is_final_if_the_stage_can_only_fail_or_roll_back(declared, is_final):
    assert final({"name": "Deploy", **declared}) == ({"Deploy"} if is_final else set())


def test_each_stage_has_its_own_retry_setting():
    retried = {"name": "Test", "onFailure": {"result": "RETRY"}}
    assert final({"name": "Source"}, retried, {"name": "Deploy"}) == {"Source", "Deploy"}


@pytest.mark.parametrize("answer", [None, {}, {"pipeline": 7}, {"pipeline": {"stages": ["x", {}]}}])
def test_no_failure_is_final_if_the_stages_are_unknown(answer):
    assert without_automatic_retry(read_answer(PipelineAnswer, answer).pipeline.stages) == set()

"""Which calls a fault selects: where, when, how many times, and with what probability."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.faults import CallFault
from codepipeline_sandbox.faults.attempts import Attempt
from tests.sandbox.faults.conftest import HERE, REGION, THERE

ATTEMPT = Attempt(
    "codepipeline",
    "GetPipelineState",
    HERE,
    REGION,
    f"arn:aws:iam::{HERE}:root",
    function="stack-GetState-1",
    by_task=True,
)


@pytest.mark.rule("F7")
@pytest.mark.parametrize(
    "selection, selected",
    [
        ({}, True),
        ({"operation": "*"}, True),
        ({"operation": "codepipeline:*"}, True),
        ({"operation": "codepipeline:GetPipelineState"}, True),
        ({"operation": "codepipeline:GetPipeline"}, False),
        ({"operation": "codepipeline:GetPipeline*"}, True),
        ({"operation": "*:GetPipelineState"}, True),
        ({"operation": "sts:*"}, False),
        ({"account": HERE}, True),
        ({"account": THERE}, False),
        ({"region": REGION}, True),
        ({"region": "us-east-1"}, False),
        ({"function": "*GetState*"}, True),
        ({"function": "GetState"}, False),
    ],
)
def test_a_call_fault_selects_operations_accounts_regions_and_functions(selection, selected):
    assert ATTEMPT.is_selected_by(CallFault("slow", **selection)) is selected


@pytest.mark.rule("F7")
def test_an_unsigned_call_belongs_to_no_account(cloud, task_of):
    config = Config(signature_version=UNSIGNED)
    s3 = cloud.session(HERE, REGION).client("s3", config=config)
    cloud.faults.add(CallFault("slow", account=HERE), CallFault("slow", "s3:*"))

    task_of(s3.list_buckets)

    assert [(strike.what, strike.account) for strike in cloud.faults.log] == [
        ("s3:ListBuckets", "")
    ]


@pytest.mark.rule("F8")
@pytest.mark.parametrize(
    "window, struck",
    [
        ({"start": 60}, [60, 90, 120]),
        ({"end": 60}, [0, 30]),
        ({"start": 30, "end": 90}, [30, 60]),
        ({"start": datetime(2026, 1, 5, 9, 1, tzinfo=UTC)}, [60, 90, 120]),
        ({"start": datetime(2026, 1, 5, 9, 1, 30)}, [90, 120]),  # noqa: DTZ001 - as in YAML
    ],
)
def test_a_window_may_be_given_in_world_seconds_or_as_timestamps(window, struck):
    fault, began = CallFault("slow", **window), datetime(2026, 1, 5, 9, tzinfo=UTC).timestamp()

    times = [seconds for seconds in range(0, 150, 30) if fault.is_due(began + seconds, began)]

    assert times == struck


@pytest.mark.rule("F8")
def test_a_fault_occurs_at_most_the_given_number_of_times(cloud, client, task_of):
    cloud.faults.add(CallFault("denied", "sts:GetCallerIdentity", times=1))
    sts = client("sts")

    with pytest.raises(ClientError):
        task_of(sts.get_caller_identity)

    assert task_of(sts.get_caller_identity)["Account"] == HERE
    assert len(cloud.faults.log) == 1


def journal(seed, *faults):
    """Make 20 calls. Return the times at which the faults struck, and an ID drawn afterward."""
    with Cloud(seed=seed) as cloud:
        cloud.faults.add(*faults)
        sts = cloud.session(HERE, REGION).client("sts")

        def work():
            for _ in range(20):
                sts.get_caller_identity()
            return cloud.world.uuid()

        drawn = cloud.world.result_of(cloud.world.spawn(work).outcome)
        return [strike.time for strike in cloud.faults.log], drawn


SOMETIMES = CallFault("slow", seconds=0, chance=0.5)


@pytest.mark.rule("F9")
def test_the_seed_decides_which_calls_a_fault_with_a_chance_affects():
    first, _ = journal(1, SOMETIMES)

    assert 3 < len(first) < 17
    assert journal(1, SOMETIMES)[0] == first
    assert journal(2, SOMETIMES)[0] != first


@pytest.mark.rule("F9")
def test_a_fault_does_not_change_other_random_draws():
    alone, undisturbed = journal(1, SOMETIMES)
    never = CallFault("slow", "sts:AssumeRole", chance=0.5)
    also = CallFault("slow", seconds=0, chance=0.01)

    assert journal(1)[1] == undisturbed
    assert journal(1, SOMETIMES, never)[0] == alone
    assert set(alone) <= set(journal(1, SOMETIMES, also)[0])


@pytest.mark.rule("F10")
def test_the_journal_shows_which_fault_occurred_where_and_when(cloud, client, task_of):
    cloud.faults.add(CallFault("slow", "sts:*", seconds=30))
    sts = client("sts")

    task_of(sts.get_caller_identity)

    (strike,) = cloud.faults.log
    assert str(strike) == (
        f"2026-01-05T09:00:00.020+00:00 slow 30 s: sts:GetCallerIdentity ({HERE} {REGION})"
    )


def test_a_cloud_without_faults_has_no_interceptor(cloud):
    assert (cloud.faults.log, cloud.interceptors) == ([], [])


def test_the_example_in_the_documentation_adds_faults(cloud):
    page = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text("utf-8")
    (example,) = (
        text for text in page.split("```") if "DeliveryFault(" in text and "python" in text
    )

    exec(example.removeprefix("python"), {"cloud": cloud})  # noqa: S102 - our own page

    assert len(cloud.faults.calls.armed) == 3

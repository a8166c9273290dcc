"""AWS's quotas that many waits at once can meet: each with its source. Read in November 2026.

A quota of requests is a bucket that refills; what counts for waits is the refill, per second. AWS
gives more in US East (N. Virginia), US West (Oregon) and Europe (Ireland) than elsewhere, and less
to new accounts; here stands what holds elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

STEP_FUNCTIONS = "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"
LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
CODEPIPELINE = "https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"

# An assumption, not a measurement: half a second for a warm function of 512 MB and the AWS calls
# that it waits for.
SECONDS_OF_AN_INVOCATION = 0.5


@dataclass(frozen=True)
class Quota:
    """What is limited, how much there is, and how much of it one wait uses."""

    name: str
    limit: float  # per second, or at once
    larger: float | None  # in the three large Regions, where that differs
    unit: str
    source: str
    counts: tuple[str, ...]  # the measured rates that add up to the use, per waited hour
    remedy: str
    published: bool = True


QUOTAS = (
    Quota(
        "Step Functions: DescribeExecution",
        10,
        15,
        "/s",
        STEP_FUNCTIONS,
        ("stepfunctions:DescribeExecution",),
        "One call for each new job of an action. If it is throttled, Lambda delivers the job "
        "again. The quota can be raised.",
    ),
    Quota(
        "Step Functions: StartExecution",
        150,
        300,
        "/s",
        STEP_FUNCTIONS,
        ("stepfunctions:StartExecution",),
        "If a start is throttled, Lambda delivers the job again.",
    ),
    Quota(
        "Step Functions: SendTaskSuccess",
        300,
        500,
        "/s",
        STEP_FUNCTIONS,
        ("stepfunctions:SendTaskSuccess",),
        "If a wake is throttled, Lambda delivers the event again, or the run's next poll finds the "
        "end.",
    ),
    Quota(
        "Step Functions: state transitions",
        800,
        5_000,
        "/s",
        STEP_FUNCTIONS,
        ("state_transitions",),
        "Runs continue later. The quota can be raised; deployments in several accounts or Regions "
        "have one each.",
    ),
    Quota(
        "Step Functions: open executions",
        1_000_000,
        None,
        "at once",
        STEP_FUNCTIONS,
        ("waits",),
        "The quota can be raised.",
    ),
    Quota(
        "Lambda: concurrent executions",
        1_000,
        None,
        "at once",
        LAMBDA,
        ("lambda_invocations",),
        "The state machine retries throttled tasks, and Lambda retries throttled jobs for five "
        "minutes. The quota can be raised; reserve concurrency for `CodePipelineJobFunction`.",
    ),
    Quota(
        "CodePipeline: requests in one account of targets",
        20,
        None,
        "/s",
        "https://github.com/aws-ia/terraform-aws-control_tower_account_factory/issues/297",
        (
            "codepipeline:GetPipelineExecution",
            "codepipeline:GetPipelineState",
            "codepipeline:GetPipeline",
            "codepipeline:ListPipelineExecutions",
            "codepipeline:ListActionExecutions",
            "codepipeline:StartPipelineExecution",
        ),
        "A throttled poll is repeated later, and never decides an outcome. Each account and Region "
        "with targets has its own limit.",
        published=False,
    ),
    Quota(
        "CodePipeline: executions in the invoking account",
        50_000,
        None,
        "at once",
        CODEPIPELINE,
        ("waits",),
        "1,000 pipelines in a Region, each with 50 executions in QUEUED or PARALLEL mode: use "
        "more accounts, or request more pipelines. Only runs that a pipeline started count.",
    ),
)

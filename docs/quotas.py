"""The AWS quotas that concurrent waits can reach, with sources. Retrieved in November 2026.

Request quotas are token buckets, and a limit per second is the bucket's refill rate. US East
(N. Virginia), US West (Oregon) and Europe (Ireland) have higher quotas, and new accounts have lower
ones. `limit` is the quota of an established account in any other Region.
"""

from __future__ import annotations

from dataclasses import dataclass

STEP_FUNCTIONS = "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"
LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
CODEPIPELINE = "https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"

# An assumption, not a measurement: a warm function with 512 MB, including its AWS calls.
SECONDS_OF_AN_INVOCATION = 0.5


@dataclass(frozen=True)
class Quota:
    """A quota: its limit, and the rates that count toward it."""

    name: str
    limit: float  # per second or concurrent, depending on `unit`
    larger: float | None  # the limit in the three Regions with higher quotas
    unit: str
    source: str
    counts: tuple[str, ...]  # the measured rates that count toward it, per waited hour
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
        "Runs are delayed. The quota can be raised. Deployments in other accounts or Regions have "
        "their own quota.",
    ),
    Quota(
        "Step Functions: open executions",
        1_000_000,
        None,
        "concurrent",
        STEP_FUNCTIONS,
        ("waits",),
        "The quota can be raised.",
    ),
    Quota(
        "Lambda: concurrent executions",
        1_000,
        None,
        "concurrent",
        LAMBDA,
        ("lambda_invocations",),
        "The state machine retries throttled tasks, and Lambda retries throttled jobs for five "
        "minutes. Request a higher quota, and reserve concurrency for `CodePipelineJobFunction`.",
    ),
    Quota(
        "CodePipeline: requests in one target account",
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
        "Throttled polls are repeated, so runs notice later that their targets ended. Each "
        "target account and Region has its own limit, so spread targets over more of them.",
        published=False,
    ),
    Quota(
        "CodePipeline: executions in the invoking account",
        50_000,
        None,
        "concurrent",
        CODEPIPELINE,
        ("waits",),
        "The limit is 1,000 pipelines per Region with 50 executions each, in QUEUED or PARALLEL "
        "mode. Use more accounts, or request more pipelines. Only runs started by a pipeline "
        "count.",
    ),
)

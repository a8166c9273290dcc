"""The model of a run's input. The input reference and the JSON Schema are generated from it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from codepipeline_orchestrator.input.collisions import one_of_each, one_variable_each
from codepipeline_orchestrator.model.output_variables import REVISIONS
from codepipeline_orchestrator.model.request import (
    IfRunning,
    LeaveOrStop,
    Mode,
    OnNeverRun,
    OnRestarted,
    OnSuperseded,
)

# CodePipeline fails every Lambda action 24 hours after it begins
# (https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html). A run ends 20 minutes
# earlier so that it can report its outcome.
MOST_MINUTES_WITH_A_JOB = 1_420
DEFAULT_MINUTES = 10_080
MOST_MINUTES = 525_000  # a state machine execution can run for at most a year


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=False,
        field_title_generator=lambda name, _: to_camel(name),
    )


# Fields that have no effect in some inputs. Such inputs are rejected, because their author expects
# an effect.
STARTING = ("variables", "source_revisions", "client_request_token", "if_running")
FOLLOWING = (
    "on_superseded",
    "on_restarted",
    "on_timeout",
    "on_abort",
    "max_stage_retries",
    "output_variables",
)


def _whole_number(value: object) -> object:
    """Convert a whole number to an int, because 60.0 and 60 are the same in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Variable(_Strict):
    """A pipeline variable for the new execution."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9@\-_]+$", max_length=128)] = Field(
        description="The variable's name in the pipeline's definition."
    )
    value: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = Field(
        description="The variable's value, 1 to 1,000 characters."
    )


class SourceRevision(_Strict):
    """A revision that one of the target's source actions uses instead of the newest one."""

    action_name: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9.@\-_]+$", max_length=100)
    ] = Field(description="The name of the source action.")
    revision_type: Literal["COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"] = (
        Field(description="The kind of revision in revisionValue.")
    )
    revision_value: Annotated[str, StringConstraints(min_length=1, max_length=1500)] = Field(
        description="The revision."
    )


def _overridden(revision: SourceRevision) -> str:
    """Describe the override. S3_OBJECT_KEY and S3_OBJECT_VERSION_ID can be combined.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_SourceRevisionOverride.html
    """
    return f"the {revision.revision_type} of {revision.action_name}"


class RunInput(_Strict):
    """The input: what to start or follow, and how. Only `pipelineName` is required."""

    pipeline_name: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9.@\-_]+$", max_length=100)
    ] = Field(description="The target pipeline's name.")
    role_arn: (
        Annotated[
            str,
            StringConstraints(
                pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$",
                max_length=2048,
            ),
        ]
        | None
    ) = Field(
        default=None,
        description="The role to assume for the target, which determines the account. Default: "
        "the orchestrator's own role for pipelines in its account.",
    )
    external_id: (
        Annotated[
            str,
            StringConstraints(pattern=r"^[A-Za-z0-9_+=,.@:/-]*$", min_length=2, max_length=1224),
        ]
        | None
    ) = Field(default=None, description="The external ID for roleArn. Default: the deployment's.")
    region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,}(-[a-z]+)+-[0-9]+$")] | None = (
        Field(default=None, description="The target's Region. Default: the orchestrator's.")
    )
    mode: Annotated[Mode, Field(strict=False)] = Field(
        default=Mode.START,
        description="`start`: start a new execution and follow it. `latest`: follow the newest "
        "execution, even if it has ended. `idle`: wait until no execution is running, regardless "
        "of outcome.",
    )
    pipeline_execution_id: (
        Annotated[
            str,
            StringConstraints(
                pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
            ),
        ]
        | None
    ) = Field(default=None, description="Follow this existing execution instead of a mode.")
    wait: bool = Field(
        default=True,
        description="`false`: end the run as soon as the target has started.",
    )
    variables: (
        Annotated[
            list[Variable],
            Field(min_length=1, max_length=50, json_schema_extra={"uniqueItems": True}),
            AfterValidator(one_of_each("variables", lambda each: f"the variable {each.name}")),
        ]
        | None
    ) = Field(default=None, description="Pipeline variables for the new execution (V2 pipelines).")
    source_revisions: (
        Annotated[
            list[SourceRevision],
            Field(min_length=1, max_length=50, json_schema_extra={"uniqueItems": True}),
            AfterValidator(one_of_each("sourceRevisions", _overridden)),
        ]
        | None
    ) = Field(default=None, description="Source revisions for the new execution.")
    client_request_token: (
        Annotated[str, StringConstraints(min_length=1, max_length=1024)] | None
    ) = Field(
        default=None,
        description="Idempotency token: repeated requests with the same token start the target "
        "only once. Default: a token unique to the run.",
    )
    if_running: Annotated[IfRunning, Field(strict=False)] = Field(
        default=IfRunning.START,
        description="For mode `start`, when an execution is in progress: `start` another one, "
        "`join` the newest one in progress that is not a rollback, `wait` until none is in "
        "progress and then start one, or `skip` the start.",
    )
    on_never_run: Annotated[OnNeverRun, Field(strict=False)] = Field(
        default=OnNeverRun.FAIL,
        description="For mode `latest`, when the pipeline has never run: `fail` or `succeed`.",
    )
    started_after: (
        Annotated[
            str,
            StringConstraints(
                pattern=r"^(run|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
                r"(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2}))$"
            ),
        ]
        | None
    ) = Field(
        default=None,
        description="For mode `latest`: follow only an execution that began at this time or later, "
        "and wait for one until the deadline. A time such as `2026-01-05T09:00:00Z`, or `run` for "
        "the start of the run.",
    )
    timeout_minutes: (
        Annotated[int, Field(ge=1, le=MOST_MINUTES), BeforeValidator(_whole_number)] | None
    ) = Field(
        default=None,
        description="The run's deadline, in minutes after its start. Default: "
        f"{DEFAULT_MINUTES:,}, or {MOST_MINUTES_WITH_A_JOB:,} for a CodePipeline Lambda action, "
        "which is also that action's maximum.",
    )
    on_superseded: Annotated[OnSuperseded, Field(strict=False)] = Field(
        default=OnSuperseded.FAIL,
        description="When a newer execution supersedes the target execution: `fail`, `follow` the "
        "newer one until it ends, or `succeed`.",
    )
    on_restarted: Annotated[OnRestarted, Field(strict=False)] = Field(
        default=OnRestarted.FAIL,
        description="When an update to the target's definition ends the target execution and "
        "another execution replaces it, as in self-updating pipelines: `fail`, or `follow` the "
        "replacement.",
    )
    on_timeout: Annotated[LeaveOrStop, Field(strict=False)] = Field(
        default=LeaveOrStop.LEAVE,
        description="At the deadline: `leave` the target execution running, `stop` it once its "
        "running actions and pending approvals have ended, or `abandon` these actions and stop it "
        "immediately.",
    )
    on_abort: Annotated[LeaveOrStop, Field(strict=False)] = Field(
        default=LeaveOrStop.LEAVE,
        description="When the run is stopped in Step Functions or its invoking action is "
        "abandoned: `leave`, `stop` or `abandon` the target execution, as for onTimeout.",
    )
    max_stage_retries: Annotated[int, Field(ge=0, le=10), BeforeValidator(_whole_number)] = Field(
        default=0,
        description="How many times to retry a failed stage of the target execution if "
        "CodePipeline allows it.",
    )
    output_variables: (
        Annotated[
            list[
                Annotated[
                    str,
                    StringConstraints(
                        pattern=r"^[A-Za-z0-9@\-_]+\.[A-Za-z0-9@\-_]+$", max_length=200
                    ),
                    Field(json_schema_extra={"not": {"pattern": rf"^{REVISIONS}[._]"}}),
                ]
            ],
            Field(min_length=1, max_length=50, json_schema_extra={"uniqueItems": True}),
            AfterValidator(one_variable_each),
        ]
        | None
    ) = Field(
        default=None,
        description="Output variables of the target's actions to return, each as "
        "`namespace.name`. Each is returned as `namespace_name`, which must be unique and must "
        f"not begin with `{REVISIONS}_`.",
    )

    @field_validator("started_after")
    @classmethod
    def _is_a_time(cls, text: str | None) -> str | None:
        if text not in {None, "run"}:
            try:
                datetime.fromisoformat(str(text))
            except ValueError as error:
                raise ValueError(
                    f"startedAfter: {text} is not a time ({error}). Use a time such as "
                    "2026-01-05T09:00:00Z, or run"
                ) from error
        return text

    @model_validator(mode="after")
    def _reject_fields_without_effect(self) -> Self:
        if self.pipeline_execution_id is not None:
            self._refuse(
                ("mode", *STARTING, "on_never_run", "started_after"),
                "not valid with pipelineExecutionId, which names an existing execution",
            )
            self._refuse_false_wait("pipelineExecutionId")
        if self.mode is not Mode.START:
            self._refuse(
                STARTING, f"only valid with mode 'start', but this input has mode '{self.mode}'"
            )
            self._refuse_false_wait(f"mode '{self.mode}'")
        if self.mode is not Mode.LATEST:
            self._refuse(("on_never_run", "started_after"), "only valid with mode 'latest'")
        if self.started_after is not None:
            self._refuse(
                ("on_never_run",), "not valid with startedAfter, which waits for an execution"
            )
        if self.mode is Mode.IDLE:
            self._refuse(FOLLOWING, "not valid with mode 'idle', which follows no execution")
        if not self.wait:
            self._refuse(FOLLOWING, "not valid with wait false, because the run does not wait")
        return self

    def _refuse(self, names: tuple[str, ...], why: str) -> None:
        given = [to_camel(name) for name in names if name in self.model_fields_set]
        if given:
            them = "them" if given[1:] else "it"
            raise ValueError(
                f"{', '.join(given)}: {why}. Remove {them}, or change the other fields"
            )

    def _refuse_false_wait(self, what: str) -> None:
        if not self.wait:
            raise ValueError(
                f"wait: false ends the run once it has started the target, but {what} starts "
                "nothing"
            )

    def to_document(self) -> dict[str, object]:
        """The input in its canonical form, with AWS's spelling and without default values."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

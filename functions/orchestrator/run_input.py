"""The input of a run: one model, from which the reference and the JSON Schema are made."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

# CodePipeline fails a Lambda action 24 hours after it began, whatever is still going on
# (https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html); 20 minutes remain to
# tell the outcome.
MOST_MINUTES_WITH_A_JOB = 1_420
DEFAULT_MINUTES = 10_080
MOST_MINUTES = 525_000  # a state machine's execution lives for a year at most


class Mode(StrEnum):
    """Which execution is followed."""

    START = "start"
    LATEST = "latest"


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=False,
        field_title_generator=lambda name, _: to_camel(name),
    )


class Variable(_Strict):
    """A pipeline variable for the execution that is started."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9@\-_]+$", max_length=128)] = Field(
        description="The variable's name as the pipeline declares it."
    )
    value: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = Field(
        description="Its value, 1 to 1,000 characters."
    )


class SourceRevision(_Strict):
    """A revision that a source action of the target uses instead of the newest."""

    action_name: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9.@\-_]+$", max_length=100)
    ] = Field(description="The name of the source action.")
    revision_type: Literal["COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"] = (
        Field(description="What revisionValue is.")
    )
    revision_value: Annotated[str, StringConstraints(min_length=1, max_length=1500)] = Field(
        description="The revision."
    )


class RunInput(_Strict):
    """What to start or follow, and how. Only `pipelineName` is required."""

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
        description="The role to assume for the target; it decides the account. Default: the "
        "orchestrator's own role for pipelines of its account.",
    )
    external_id: (
        Annotated[
            str,
            StringConstraints(pattern=r"^[A-Za-z0-9_+=,.@:/-]*$", min_length=2, max_length=1224),
        ]
        | None
    ) = Field(default=None, description="The external id for roleArn. Default: the deployment's.")
    region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,}(-[a-z]+)+-[0-9]+$")] | None = (
        Field(default=None, description="The target's Region. Default: the orchestrator's.")
    )
    mode: Annotated[Mode, Field(strict=False)] = Field(
        default=Mode.START,
        description="`start`: start a new execution and follow it. `latest`: follow the newest "
        "execution, ended or not.",
    )
    wait: bool = Field(
        default=True,
        description="`false`: end the run as soon as the target has started.",
    )
    variables: Annotated[list[Variable], Field(min_length=1, max_length=50)] | None = Field(
        default=None, description="Pipeline variables for the new execution (V2 pipelines)."
    )
    source_revisions: Annotated[list[SourceRevision], Field(min_length=1, max_length=50)] | None = (
        Field(default=None, description="Source revisions for the new execution.")
    )
    client_request_token: (
        Annotated[str, StringConstraints(min_length=1, max_length=1024)] | None
    ) = Field(
        default=None,
        description="Who asks twice with the same token starts the target once. Default: the run.",
    )
    timeout_minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)] | None = Field(
        default=None,
        description=f"The run's own deadline in minutes. Default: {MOST_MINUTES_WITH_A_JOB:,} for "
        f"a CodePipeline Lambda action, which is also the most there, else {DEFAULT_MINUTES:,}.",
    )

    @model_validator(mode="after")
    def _start_only(self) -> Self:
        if self.mode is Mode.LATEST:
            given = [
                name
                for name in ("variables", "source_revisions", "client_request_token")
                if getattr(self, name) is not None
            ]
            if not self.wait:
                given.append("wait")
            if given:
                raise ValueError(
                    f"{', '.join(to_camel(name) for name in given)} belongs to mode 'start', which "
                    "starts something; mode 'latest' does not. Leave it out or change the mode"
                )
        return self

    def to_document(self) -> dict[str, object]:
        """The input in its canonical form: AWS's spelling, without what was left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

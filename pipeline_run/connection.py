"""The options of every command that asks AWS, and the clients they lead to."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from pipeline_run.environment import environment
from pipeline_run.errors import aws_refusals

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True)
class Connection:
    """Where AWS is asked, as whom, and about which deployment."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    stack: str | None = None
    state_machine: str | None = None

    @cached_property
    def session(self) -> boto3.Session:
        """The session of the profile and the Region."""
        with aws_refusals("open a session"):
            return environment().session(self.profile, self.region)

    def client(self, service: str, **more: str) -> Any:
        """A client of the service, at the endpoint that was given."""
        with aws_refusals(f"take a connection to {service}"):
            if self.endpoint_url:
                more["endpoint_url"] = self.endpoint_url
            return self.session.client(service, **more)  # type: ignore[call-overload] # any service

    @cached_property
    def stepfunctions(self) -> SFNClient:
        """Step Functions."""
        client: SFNClient = self.client("stepfunctions")
        return client

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """CloudFormation."""
        client: CloudFormationClient = self.client("cloudformation")
        return client

    @cached_property
    def aws_lambda(self) -> LambdaClient:
        """Lambda."""
        client: LambdaClient = self.client("lambda")
        return client

    def codepipeline(self, region: str) -> CodePipelineClient:
        """CodePipeline in a Region."""
        if region not in self._codepipelines:
            self._codepipelines[region] = self.client("codepipeline", region_name=region)
        return self._codepipelines[region]

    @cached_property
    def _codepipelines(self) -> dict[str, CodePipelineClient]:
        return {}


_OPTIONS = (
    click.option("--profile", metavar="NAME", help="Profile of the AWS configuration."),
    click.option("--region", metavar="REGION", help="Region of the deployment."),
    click.option("--endpoint-url", metavar="URL", help="A sandbox, as `make sandbox` serves it."),
    click.option(
        "--stack",
        metavar="NAME",
        envvar="PIPELINE_RUN_STACK",
        help="Stack of the deployment, if there are several.",
    ),
    click.option(
        "--state-machine",
        metavar="ARN",
        envvar="PIPELINE_RUN_STATE_MACHINE",
        help="State machine of the deployment, if CloudFormation may not be read.",
    ),
)


def asks_aws(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options, and its function a `connection` made of them."""

    @functools.wraps(function)
    def decorated(
        *,
        profile: str | None,
        region: str | None,
        endpoint_url: str | None,
        stack: str | None,
        state_machine: str | None,
        **more: Any,
    ) -> None:
        connection = Connection(profile, region, endpoint_url, stack, state_machine)
        function(connection=connection, **more)

    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document.")

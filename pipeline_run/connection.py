"""The options shared by all commands that call AWS, and the clients made from them."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from pipeline_run.environment import environment
from pipeline_run.errors import CommandError, aws_refusals

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_sts.type_defs import GetCallerIdentityResponseTypeDef


@dataclass(frozen=True)
class Connection:
    """Which endpoint, identity and deployment a command uses."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    stack: str | None = None
    state_machine: str | None = None

    def command(self, words: str) -> str:
        """A `pipeline-run` command line for people to copy, which uses the same connection."""
        options = {
            "--profile": self.profile,
            "--region": self.region,
            "--endpoint-url": self.endpoint_url,
            "--stack": self.stack,
            "--state-machine": self.state_machine,
        }
        given = (f" {name} {shlex.quote(value)}" for name, value in options.items() if value)
        return f"pipeline-run {words}{''.join(given)}"

    @cached_property
    def session(self) -> boto3.Session:
        """The boto3 session for the profile and Region."""
        with aws_refusals("open a session"):
            return environment().session(self.profile, self.region)

    def client(self, service: str, **more: str) -> Any:
        """A client for the service, using the endpoint URL if one was given."""
        with aws_refusals(f"connect to {service}"):
            if self.endpoint_url:
                more["endpoint_url"] = self.endpoint_url
            client = self.session.client(service, **more)  # type: ignore[call-overload] # any service
            client.meta.events.register("after-call", _refuse_web_page)
            return client

    def with_profile(self, profile: str | None) -> Connection:
        """The same connection with another profile, if one is given."""
        return replace(self, profile=profile or self.profile)

    @cached_property
    def identity(self) -> GetCallerIdentityResponseTypeDef:
        """The account and the ARN of the caller."""
        with aws_refusals("verify your AWS identity"):
            identity: GetCallerIdentityResponseTypeDef = self.client("sts").get_caller_identity()
            return identity

    @cached_property
    def stepfunctions(self) -> SFNClient:
        """The Step Functions client."""
        client: SFNClient = self.client("stepfunctions")
        return client

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """The CloudFormation client."""
        client: CloudFormationClient = self.client("cloudformation")
        return client

    @cached_property
    def aws_lambda(self) -> LambdaClient:
        """The Lambda client."""
        client: LambdaClient = self.client("lambda")
        return client

    def codepipeline(self, region: str) -> CodePipelineClient:
        """The CodePipeline client for a Region."""
        if region not in self._codepipelines:
            self._codepipelines[region] = self.client("codepipeline", region_name=region)
        return self._codepipelines[region]

    @cached_property
    def _codepipelines(self) -> dict[str, CodePipelineClient]:
        return {}


def _refuse_web_page(http_response: Any, model: Any, **_more: Any) -> None:
    """Report a web page that a proxy or a wrong endpoint sent instead of AWS's answer."""
    if model.has_streaming_output or "json" not in model.service_model.protocol:
        return
    if http_response.content.lstrip().startswith(b"<"):
        raise CommandError(
            "The endpoint sent a web page instead of AWS's answer.",
            "Check --endpoint-url, --region, and HTTPS_PROXY if it is set.",
        )


_OPTIONS = (
    click.option("--profile", metavar="NAME", help="AWS profile to use."),
    click.option("--region", metavar="REGION", help="The deployment's Region."),
    click.option(
        "--endpoint-url",
        metavar="URL",
        help="Send AWS requests to this URL, for example to a sandbox.",
    ),
    click.option(
        "--stack",
        metavar="NAME",
        envvar="PIPELINE_RUN_STACK",
        help="The deployment's stack. Required if there are several deployments.",
    ),
    click.option(
        "--state-machine",
        metavar="ARN",
        envvar="PIPELINE_RUN_STATE_MACHINE",
        help="The deployment's state machine, if you cannot read its stack.",
    ),
)


def asks_aws(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command. Its function receives a `connection` made from them."""

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


def target_profile_option(purpose: str = "") -> Callable[..., Callable[..., None]]:
    """The option --target-profile, whose help ends with the purpose."""
    return click.option(
        "--target-profile",
        metavar="NAME",
        help=f"AWS profile for the target's account{purpose and f', {purpose}'}.",
    )


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")

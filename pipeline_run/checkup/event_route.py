"""How a target's events reach the deployment, and the commands that complete the route."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from codepipeline_orchestrator.model.target import Place, Target
from pipeline_run.deployment import Deployment


@dataclass(frozen=True)
class EventRoute:
    """The event route according to the deployment's parameters. Reads nothing from the target."""

    where: Deployment
    target: Target

    @property
    def is_local(self) -> bool:
        """Whether the deployment's own rule delivers the events."""
        here = Place.of(self.where.state_machine)
        return (self.target.account, self.target.region) == (here.account, here.region)

    @property
    def is_open(self) -> bool | None:
        """Whether the deployment accepts the target's events, or None if this is unknown."""
        if not self.where.parameters:
            return None
        if self.is_local:
            patterns = [
                *self.where.listed("LocalPipelineNames"),
                *self.where.listed("SchedulePipelineName"),
            ]
            return any(fnmatchcase(self.target.pipeline_name, each) for each in patterns)
        # Assume that a listed organization contains the account, because this command cannot check
        # it.
        senders = self.where.listed("EventSenders")
        return any(each == self.target.account or each.startswith("o-") for each in senders)

    def missing(self) -> str:
        """Describe what may be missing from the route."""
        name = self.target.pipeline_name
        if self.is_open is None:
            return "To print the commands that deploy the missing parts, use --stack."
        if self.is_local and self.is_open:
            return (
                f"The deployment has a rule for {name}. If the pipeline ran before the rule was "
                "deployed, start it again."
            )
        if self.is_local:
            return f"The deployment's LocalPipelineNames does not list {name}."
        if not self._can_be_sent():
            return f"EventBridge does not send events between Regions in {self.target.partition}."
        account = self.target.account
        lacks = "" if self.is_open else f"The deployment's EventSenders does not list {account}. "
        return (
            f"{lacks}A rule in account {account}, {self.target.region}, must send the events. "
            "Deploy it with target-events.yaml, or with target-role.yaml and the same EventBusArn. "
            "List every sending pipeline in PipelineNames. If the pipeline ran before the rule was "
            "deployed, start it again."
        )

    def commands(self) -> tuple[str, ...]:
        """The commands that deploy the missing parts. The deployment's account comes first."""
        if self.is_open is None or (self.is_local and self.is_open):
            return ()
        if self.is_local:
            return (self.where.command_to_add(self.target.pipeline_name, "LocalPipelineNames"),)
        if not self._can_be_sent():
            return ()
        sending = (
            f"aws cloudformation deploy --region {self.target.region} "
            "--stack-name codepipeline-orchestrator-events --template-file target-events.yaml "
            "--capabilities CAPABILITY_IAM --parameter-overrides "
            f"PipelineNames={self.target.pipeline_name} EventBusArn={self._bus()}"
        )
        taking = (
            ()
            if self.is_open
            else (self.where.command_to_add(self.target.account, "EventSenders"),)
        )
        return (*taking, sending)

    def _bus(self) -> str:
        """The ARN of the deployment's event bus, whose name comes from template.yaml."""
        here = Place.of(self.where.state_machine)
        name = f"event-bus/{self.where.stack}-events"
        return f"arn:{here.partition}:events:{here.region}:{here.account}:{name}"

    def _can_be_sent(self) -> bool:
        """Whether EventBridge can send the events. Only partition aws sends them between Regions.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
        """
        same_region = self.target.region == Place.of(self.where.state_machine).region
        return same_region or self.target.partition == "aws"

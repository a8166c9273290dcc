"""The way of a target's events to the deployment: what is there, and what deploys the rest."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from codepipeline_orchestrator.model.target import Place, Target
from pipeline_run.deployment import Deployment


@dataclass(frozen=True)
class EventRoute:
    """As far as the deployment's parameters tell; the target's side is not read."""

    where: Deployment
    target: Target

    @property
    def is_local(self) -> bool:
        """Whether a rule of the deployment itself brings the events."""
        here = Place.of(self.where.state_machine)
        return (self.target.account, self.target.region) == (here.account, here.region)

    @property
    def is_open(self) -> bool | None:
        """Whether the deployment takes the target's events; None if its parameters are unknown."""
        if not self.where.parameters:
            return None
        if self.is_local:
            patterns = [*self._listed("LocalPipelineNames"), *self._listed("SchedulePipelineName")]
            return any(fnmatchcase(self.target.pipeline_name, each) for each in patterns)
        # Which accounts an organization has is not read.
        senders = self._listed("EventSenders")
        return any(each == self.target.account or each.startswith("o-") for each in senders)

    def missing(self) -> str:
        """What may be missing, and where the commands deploy it."""
        name = self.target.pipeline_name
        if self.is_open is None:
            return "--stack names the deployment; then doctor prints what deploys the missing part."
        if self.is_local and self.is_open:
            return (
                f"A rule of the deployment covers {name}. If it ran before the rule was deployed, "
                "start it again."
            )
        if self.is_local:
            return f"LocalPipelineNames of the deployment does not list {name}."
        if not self._can_be_sent():
            return f"EventBridge does not send events between Regions in {self.target.partition}."
        account = self.target.account
        lacks = "" if self.is_open else f"EventSenders of the deployment does not list {account}. "
        return (
            f"{lacks}A rule in account {account}, {self.target.region}, has to send the events: "
            "that of target-events.yaml, or of target-role.yaml with the same EventBusArn. "
            "PipelineNames lists all pipelines that send. If the pipeline ran before the rule was "
            "deployed, start it again."
        )

    def commands(self) -> tuple[str, ...]:
        """What deploys what may be missing, first in the deployment's account."""
        if self.is_open is None or (self.is_local and self.is_open):
            return ()
        if self.is_local:
            return (self._with("LocalPipelineNames", self.target.pipeline_name),)
        if not self._can_be_sent():
            return ()
        sending = (
            f"aws cloudformation deploy --region {self.target.region} "
            "--stack-name codepipeline-orchestrator-events --template-file target-events.yaml "
            "--capabilities CAPABILITY_IAM --parameter-overrides "
            f"PipelineNames={self.target.pipeline_name} EventBusArn={self._bus()}"
        )
        taking = () if self.is_open else (self._with("EventSenders", self.target.account),)
        return (*taking, sending)

    def _listed(self, parameter: str) -> list[str]:
        return [each for each in self.where.parameters.get(parameter, "").split(",") if each]

    def _with(self, parameter: str, name: str) -> str:
        """The command that adds a name to a parameter of the deployment."""
        return f'make deploy PARAMETERS="{parameter}={",".join([*self._listed(parameter), name])}"'

    def _bus(self) -> str:
        """The deployment's bus for events, which template.yaml names so."""
        here = Place.of(self.where.state_machine)
        name = f"event-bus/{self.where.stack}-events"
        return f"arn:{here.partition}:events:{here.region}:{here.account}:{name}"

    def _can_be_sent(self) -> bool:
        """Between Regions, events are sent in the partition aws alone.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
        """
        same_region = self.target.region == Place.of(self.where.state_machine).region
        return same_region or self.target.partition == "aws"

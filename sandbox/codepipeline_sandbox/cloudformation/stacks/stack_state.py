"""A stack in CloudFormation: its template, resources, outputs and events."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from moto.cloudformation import models, parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.utils import generate_stack_id

from codepipeline_sandbox.cloudformation.stacks import rules
from codepipeline_sandbox.cloudformation.stacks.journal import Journal
from codepipeline_sandbox.cloudformation.stacks.order import creation_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from codepipeline_sandbox.cloudformation.stacks.submission import Submission


class Resources(parsing.ResourceMap):  # type: ignore[misc]
    """A stack's resources by logical id. Unlike in moto, a lookup never creates a resource."""

    def __getitem__(self, key: str) -> Any:
        """The value of a parameter, or a resource. None if the resource has not been created."""
        if key in self._parsed_resources:
            return self._parsed_resources[key]
        if key in self._resource_json_map:
            return None
        raise KeyError(key)

    @cached_property
    def order(self) -> Sequence[str]:
        """The resources whose conditions are met, in dependency order."""
        met = {name: self.lazy_condition_map[name] for name in self.lazy_condition_map}
        return creation_order(self._template, met)

    def declared(self, name: str) -> dict[str, Any]:
        """A resource as the template declares it."""
        declared: dict[str, Any] = self._resource_json_map[name]
        return declared

    def outputs(self) -> dict[str, Any]:
        """The outputs as the template declares them."""
        return self._template.get("Outputs") or {}

    def existing(self) -> list[str]:
        """The resources that were created and not deleted, in dependency order."""
        return [name for name in self.order if name in self._parsed_resources]

    def resolved(self, name: str) -> dict[str, Any]:
        """A resource as the template declares it, with all references resolved."""
        _, resolved, _ = parsing.parse_resource(self.declared(name), self)
        declared: dict[str, Any] = resolved
        return declared

    def put(self, name: str, resource: Any) -> None:
        """Add a created resource."""
        self._parsed_resources[name] = resource

    def drop(self, name: str) -> None:
        """Remove a resource that was deleted."""
        del self._parsed_resources[name]


class StackState(models.Stack):  # type: ignore[misc]
    """A stack. A new stack has no template until `adopt` is called."""

    class Meta:
        """The attributes from which moto takes the values for DescribeStacks."""

        serialization_aliases = {  # noqa: RUF012 - read by moto
            "Parameters": "parameter_list",
            "StackName": "name",
            "StackStatus": "status",
            "StackStatusReason": "status_reason",
        }

    resource_map: Resources

    def __init__(
        self,
        account_id: str,
        region: str,
        name: str,
        exports: dict[str, parsing.Export],
        neighbors: Mapping[str, StackState],
        *,
        tags: Mapping[str, str],
        protected: bool = False,
    ) -> None:
        self.submission: Submission | None = None
        super().__init__(
            stack_id=generate_stack_id(name, region, account_id),
            name=name,
            template={},
            parameters={},
            account_id=account_id,
            region_name=region,
            tags=dict(tags),
            cross_stack_resources=exports,
            enable_termination_protection=protected,
        )
        self.cross_stack_resources = exports
        self.neighbors = neighbors  # all stacks of the account and Region
        self.journal = Journal(self.stack_id, name)
        self.events = self.journal.events
        self.status_reason: str | None = None
        self.last_updated_time: datetime | None = None
        self.deletion_time: datetime | None = None
        self.failure: Exception | None = None  # why the latest operation failed
        self.shown: list[dict[str, Any]] = []
        self.exported: list[parsing.Export] = []

    def enter(self, status: str, reason: str | None = None) -> None:
        """Change the status, and record an event."""
        self.status = status
        self.status_reason = reason
        time = self.journal.stack(status, reason)
        if status == "UPDATE_IN_PROGRESS":
            self.last_updated_time = time
        if status == "DELETE_IN_PROGRESS":
            self.deletion_time = time

    def plan(self, submission: Submission) -> Resources:
        """Evaluate a template. Raises a CloudFormation error if it is not valid."""
        planned = self._resources(submission.document, submission.values)
        rules.check(submission.document, planned)
        _ = planned.order  # raises ValidationError for invalid references
        return planned

    def _create_resource_map(self) -> Resources:
        return self._resources({}, {})

    def _resources(self, template: dict[str, Any], values: Mapping[str, str]) -> Resources:
        resources = Resources(
            self.stack_id,
            self.name,
            dict(values),
            self.tags,
            account_id=self.account_id,
            region_name=self.region_name,
            template=template,
            cross_stack_resources=self.cross_stack_resources,
        )
        try:
            resources.load()
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            kind = type(error).__name__
            raise ValidationError(
                message=f"Template error: the template cannot be evaluated: {kind}: {error}"
            ) from error
        return resources

    def adopt(self, submission: Submission, resources: Resources) -> None:
        """Replace the stack's template, parameters and resources."""
        self.submission = submission
        self.template = submission.text
        self.template_dict = submission.document
        self.description = submission.document.get("Description")
        self.parameters = dict(submission.values)
        self.resource_map = resources

    @property
    def stack_resources(self) -> list[Any]:
        """The resources that exist."""
        return [self.resource_map[name] for name in self.resource_map.existing()]

    @property
    def outputs(self) -> list[dict[str, Any]] | None:
        """The outputs, or None if there are none."""
        return self.shown or None

    @property
    def exports(self) -> list[parsing.Export]:
        """The exported outputs."""
        return self.exported

    @property
    def parameter_list(self) -> list[dict[str, Any]]:
        """The parameters as DescribeStacks shows them, with lists as comma-separated text."""
        resources = self.resource_map
        return [
            {
                "ParameterKey": key,
                "ParameterValue": "****"
                if key in resources.no_echo_parameter_keys
                else ",".join(map(str, value))
                if isinstance(value, list)
                else value,
            }
            for key, value in resources.resolved_parameters.items()
        ]

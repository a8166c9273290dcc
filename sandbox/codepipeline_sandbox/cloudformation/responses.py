"""The CloudFormation API."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.responses import CloudFormationResponse, transform_dict
from moto.core.responses import ActionResult, EmptyResult

from codepipeline_sandbox.cloudformation import locations, summary
from codepipeline_sandbox.cloudformation.models import backend_of
from codepipeline_sandbox.cloudformation.stacks import imports, updating
from codepipeline_sandbox.cloudformation.stacks.change_sets import (
    ChangeSet,
    ChangeSetNotFound,
    new_id,
)
from codepipeline_sandbox.cloudformation.stacks.submission import (
    InsufficientCapabilities,
    Submission,
    submit,
)
from codepipeline_sandbox.cloudformation.supported import refusal
from codepipeline_sandbox.cloudformation.templates.reading import LONGEST_BODY

if TYPE_CHECKING:
    from moto.core.common_types import TYPE_RESPONSE

    from codepipeline_sandbox.cloudformation.models import Backend
    from codepipeline_sandbox.cloudformation.stacks.stack_state import StackState


class Response(CloudFormationResponse):  # type: ignore[misc]
    """Handles requests. Operations on stacks finish before the response is returned."""

    RESPONSE_KEY_PATH_TO_TRANSFORMER = {"DescribeStacksOutput.Stacks.Stack.Tags": transform_dict}  # noqa: RUF012 - read by moto

    def call_action(self) -> TYPE_RESPONSE:
        """Handle the request, or return a ValidationError if the sandbox does not support it."""
        if (problem := refusal(self._get_action(), self.params)) is not None:
            error = ValidationError(message=problem)
            status, headers, body = self.serialized(ActionResult(error))
            return status, *self._enrich_response(headers, body)
        response: TYPE_RESPONSE = super().call_action()
        return response

    @property
    def stacks(self) -> Backend:
        """The stacks of the caller's account and the request's Region."""
        return backend_of(self.current_account, self.region)

    def create_stack(self) -> ActionResult:
        """CreateStack: create a stack, or roll back."""
        submission = self._submission()
        if submission.transformed and "CAPABILITY_AUTO_EXPAND" not in self._capabilities():
            raise InsufficientCapabilities("CAPABILITY_AUTO_EXPAND")
        submission.require(self._capabilities())
        stack = self.stacks.create(
            self._get_param("StackName"),
            submission,
            tags=self._tags(),
            protected=bool(self._get_param("EnableTerminationProtection")),
            on_failure=self._on_failure(),
        )
        return ActionResult({"StackId": stack.stack_id})

    def update_stack(self) -> ActionResult:
        """UpdateStack: update a stack, or roll back."""
        stack = self._updatable()
        submission = self._submission(stack)
        if submission.transformed and "CAPABILITY_AUTO_EXPAND" not in self._capabilities():
            raise InsufficientCapabilities("CAPABILITY_AUTO_EXPAND")
        submission.require(self._capabilities())
        tags = self._tags() or None
        if not updating.differs(stack, submission, tags):
            raise ValidationError(message="No updates are to be performed.")
        self.stacks.update(stack, submission, tags)
        return ActionResult({"StackId": stack.stack_id})

    def update_termination_protection(self) -> ActionResult:
        """UpdateTerminationProtection."""
        stack = self._stack()
        stack.enable_termination_protection = self._get_param("EnableTerminationProtection")
        return ActionResult({"StackId": stack.stack_id})

    def create_change_set(self) -> ActionResult:
        """CreateChangeSet: check a template and compare it with the stack."""
        name, is_new = (
            self._get_param("ChangeSetName"),
            self._get_param("ChangeSetType") == "CREATE",
        )
        stack = self.stacks.for_change_set(self._get_param("StackName"), name, is_new=is_new)
        submission = self._submission(stack)
        one = ChangeSet(
            name,
            stack,
            submission,
            is_new,
            capabilities=self._capabilities(),
            tags=self._tags(),
            description=self._get_param("Description"),
            on_failure=self._get_param("OnStackFailure") or "ROLLBACK",
            change_set_id=new_id(name, self.current_account, self.region),
        )
        one.compare()
        try:
            submission.require(self._capabilities())
        except InsufficientCapabilities as error:
            if not submission.transformed:
                raise
            one.fail(error.message)
        self.stacks.add_change_set(one)
        return ActionResult({"Id": one.change_set_id, "StackId": stack.stack_id})

    def describe_change_set(self) -> ActionResult:
        """DescribeChangeSet."""
        return ActionResult(self._change_set().described())

    def execute_change_set(self) -> ActionResult:
        """ExecuteChangeSet: create or update the stack, or roll back."""
        one = self._change_set()
        disabled = self._get_param("DisableRollback")
        if disabled and not one.is_new:
            raise ValidationError(
                message="The sandbox does not support DisableRollback for updates"
            )
        self.stacks.execute(one, "DO_NOTHING" if disabled else one.on_failure)
        return EmptyResult()

    def delete_change_set(self) -> ActionResult:
        """DeleteChangeSet, which also succeeds if the change set does not exist."""
        with suppress(ChangeSetNotFound):
            del self.stacks.change_sets[self._change_set().change_set_id]
        return EmptyResult()

    def list_change_sets(self) -> ActionResult:
        """ListChangeSets."""
        listed = self.stacks.change_sets_of(self._stack())
        return ActionResult({"Summaries": [each.summary() for each in listed]})

    def describe_stack_resource(self) -> ActionResult:
        """DescribeStackResource."""
        name = self._get_param("LogicalResourceId")
        stack = self._stack()
        if name not in stack.journal.resources:
            raise ValidationError(
                message=f"Resource {name} does not exist for stack {self._get_param('StackName')}"
            )
        return ActionResult({"StackResourceDetail": summary.of_resource(stack, name)})

    def describe_stack_resources(self) -> ActionResult:
        """DescribeStackResources."""
        stack = self._stack()
        wanted = self._get_param("LogicalResourceId")
        names = [name for name in stack.journal.resources if wanted in (None, name)]
        return ActionResult(
            {"StackResources": [summary.of_resource(stack, name) for name in names]}
        )

    def list_stack_resources(self) -> ActionResult:
        """ListStackResources."""
        stack = self._stack()
        listed = [summary.of_resource(stack, name) for name in stack.journal.resources]
        return ActionResult({"StackResourceSummaries": listed})

    def describe_stack_events(self) -> ActionResult:
        """DescribeStackEvents, newest first."""
        name = self._get_param("StackName")
        try:
            events = self._stack().events
        except ValidationError as error:
            raise ValidationError(message=f"Stack [{name}] does not exist") from error
        return ActionResult({"StackEvents": events[::-1]})

    def list_imports(self) -> ActionResult:
        """ListImports: the stacks that import an export."""
        name = self._get_param("ExportName")
        export = self.stacks.exports.get(name)
        exporter = self.stacks.stacks[export.exporting_stack_id] if export is not None else None
        found = imports.importers(exporter, name) if exporter is not None else []
        if not found:
            raise ValidationError(message=f"Export '{name}' is not imported by any stack.")
        return ActionResult({"Imports": found})

    def get_template(self) -> ActionResult:
        """GetTemplate: the processed template, or the one that was submitted."""
        submission = self._stack().submission
        if submission is None:
            return ActionResult({"StagesAvailable": []})
        original = self._get_param("TemplateStage") == "Original" or not submission.transformed
        body = submission.text if original else json.dumps(submission.document)
        return ActionResult({"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]})

    def get_template_summary(self) -> ActionResult:
        """GetTemplateSummary."""
        if self._get_param("StackName"):
            submission = self._stack().submission
            if submission is None:
                raise ValidationError(
                    message="GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks."
                )
            return ActionResult(summary.of_template(submission.text))
        return ActionResult(summary.of_template(self._template_text()))

    def validate_template(self) -> ActionResult:
        """ValidateTemplate."""
        return ActionResult(summary.of_template(self._template_text()))

    def _submission(self, stack: StackState | None = None) -> Submission:
        """Read the request's template and parameters. An update can reuse the previous ones."""
        before = stack.submission if stack is not None else None
        previous = before.values if before is not None else {}
        values = {}
        for each in self._get_param("Parameters", []):
            name = each["ParameterKey"]
            if not each.get("UsePreviousValue"):
                values[name] = each.get("ParameterValue", "")
            elif name in previous:
                values[name] = previous[name]
            else:
                raise ValidationError(
                    message=f"Invalid input for parameter key {name}. Cannot specify "
                    "usePreviousValue as true for a parameter key not in the previous template"
                )
        reused = before is not None and self._get_param("UsePreviousTemplate")
        text = before.text if before is not None and reused else self._template_text()
        return submit(text, values, self.current_account, self.region)

    def _template_text(self) -> str:
        body, url = self._get_param("TemplateBody"), self._get_param("TemplateURL")
        if (body is None) == (url is None):
            raise ValidationError(message="Either Template URL or Template Body must be specified.")
        if url is not None:
            return locations.template_at(url, self.current_account, self.region)
        if len(body.encode()) > LONGEST_BODY:
            raise ValidationError(
                message=f"1 validation error detected: Value '{body}' at 'templateBody' failed to "
                "satisfy constraint: Member must have length less than or equal to "
                f"{LONGEST_BODY}"
            )
        return str(body)

    def _stack(self) -> StackState:
        stack: StackState = self.stacks.get_stack(self._get_param("StackName"))
        return stack

    def _updatable(self) -> StackState:
        name = self._get_param("StackName")
        stack = self.stacks.find(name)
        if stack is None:
            raise ValidationError(message=f"Stack [{name}] does not exist")
        updating.require_updatable(stack)
        return stack

    def _change_set(self) -> ChangeSet:
        name, stack = self._get_param("ChangeSetName"), self._get_param("StackName")
        return self.stacks.change_set(name, stack)

    def _capabilities(self) -> list[str]:
        given: list[str] = self._get_param("Capabilities", [])
        return given

    def _tags(self) -> dict[str, str]:
        return {each["Key"]: each["Value"] for each in self._get_param("Tags", [])}

    def _on_failure(self) -> str:
        chosen = self._get_param("OnFailure")
        disabled = self._get_param("DisableRollback")
        if chosen is not None and disabled is not None:
            raise ValidationError(
                message="You can specify either DisableRollback or OnFailure, but not both."
            )
        return "DO_NOTHING" if disabled else str(chosen or "ROLLBACK")

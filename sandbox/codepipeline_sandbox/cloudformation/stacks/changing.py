"""Creates, updates and deletes the resources of a stack one by one, and records the events."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.core.exceptions import JsonRESTError, ServiceException

from codepipeline_sandbox.cloudformation.errors import DeploymentFailed, ResourceFailed
from codepipeline_sandbox.cloudformation.stacks import replacement
from codepipeline_sandbox.cloudformation.stacks.journal import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from codepipeline_sandbox.cloudformation.stacks.stack_state import Resources, StackState


def create(stack: StackState, resources: Resources, name: str, reason: str | None = None) -> None:
    """Create a resource. A replacement's event shows the `reason`. Raises ResourceFailed."""
    made = _recorded(
        stack,
        Subject(name, resources.declared(name)["Type"]),
        "CREATE" if reason is None else "UPDATE",
        lambda: _made(stack, resources, name),
        reason,
    )
    resources.put(name, made)


def _made(stack: StackState, resources: Resources, name: str) -> Any:
    declared = resources.declared(name)
    kind, given = declared["Type"], replacement.name_of(declared)
    if given is not None:
        given = parsing.clean_json(given, resources)
        _require_unused(stack, kind, given)
    made = parsing.parse_and_create_resource(
        name, declared, resources, stack.account_id, stack.region_name
    )
    made.sandbox_name = (kind, given)
    return made


def _require_unused(stack: StackState, kind: str, name: str) -> None:
    """Raise ValidationError if a stack already has a resource of this type with this name."""
    for other in stack.neighbors.values():
        for made in other.stack_resources:
            if getattr(made, "sandbox_name", None) == (kind, name):
                raise ValidationError(message=f"{name} already exists in stack {other.stack_id}")


def update(
    stack: StackState, resources: Resources, name: str, made: Any, resolved: dict[str, Any]
) -> None:
    """Change a resource to match its resolved declaration. Raises ResourceFailed."""
    kind = resolved["Type"]
    method = parsing.get_model_map()[kind].update_from_cloudformation_json

    def act() -> Any:
        updated = method(
            original_resource=made,
            new_resource_name=physical_id(made),
            cloudformation_json=copy.deepcopy(resolved),
            account_id=stack.account_id,
            region_name=stack.region_name,
        )
        changed = made if updated is None else updated
        changed.sandbox_name = getattr(made, "sandbox_name", None)
        return changed

    updated = _recorded(stack, Subject(name, kind, physical_id(made)), "UPDATE", act)
    resources.put(name, updated)


def delete(stack: StackState, resources: Resources, name: str, retained: Collection[str]) -> bool:
    """Delete a resource, or keep it if its DeletionPolicy is one of `retained`.

    Returns False if the resource cannot be deleted.
    """
    declared, made = resources.declared(name), resources[name]
    subject = Subject(name, declared["Type"], physical_id(made))
    if declared.get("DeletionPolicy") in retained:
        stack.journal.resource(subject, "DELETE_SKIPPED")
    else:
        try:
            _recorded(
                stack,
                subject,
                "DELETE",
                lambda: resources._delete_resource(made, declared),  # noqa: SLF001
            )
        except ResourceFailed:
            return False
    resources.drop(name)
    return True


def refused(stack: StackState, resources: Resources, name: str, reason: str) -> ResourceFailed:
    """Record that a resource cannot be updated, and return the error to raise."""
    kind = resources.declared(name)["Type"]
    subject = Subject(name, kind, physical_id(resources[name]))
    stack.journal.resource(subject, "UPDATE_FAILED", reason)
    return ResourceFailed(name, kind, reason)


def physical_id(made: Any) -> str:
    """The physical id of a resource. It is empty if moto's resource has none."""
    return str(getattr(made, "physical_resource_id", None) or "")


def _recorded(
    stack: StackState,
    subject: Subject,
    operation: str,
    act: Callable[[], Any],
    reason: str | None = None,
) -> Any:
    """Call `act`, and record its start and its outcome in the journal. Raises ResourceFailed."""
    stack.journal.resource(subject, f"{operation}_IN_PROGRESS", reason)
    try:
        made = act()
    except Exception as error:
        failure = ResourceFailed(subject.logical_id, subject.kind, _reason(error))
        stack.journal.resource(subject, f"{operation}_FAILED", failure.reason)
        raise failure from error
    named = subject._replace(physical_id=physical_id(made) or subject.physical_id)
    stack.journal.resource(named, f"{operation}_COMPLETE")
    return made


def _reason(error: Exception) -> str:
    if isinstance(error, ServiceException | JsonRESTError):
        return str(error.message)
    if isinstance(error, DeploymentFailed):
        return str(error)
    return f"{type(error).__name__}: {error}"

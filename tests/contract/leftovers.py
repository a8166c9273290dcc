"""Finds and deletes the resources that the contract tests have created, and no others.

A resource belongs to the contract tests if its name has the prefix and it has the tag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.contract.aws import PATH, PREFIX, TAG, Aws

ROUNDS = 12  # the maximum number of rounds; some resources take minutes to disappear
PAUSE = 10.0
FAILURES = (BotoCoreError, ClientError)  # AWS refused the call or did not answer it


@dataclass(frozen=True)
class Resource:
    kind: str
    name: str
    run_id: str | None  # the value of the tag, or None if the tag is missing


@dataclass(frozen=True)
class Cleaned:
    deleted: list[Resource]
    failed: dict[str, str]  # resources that could not be found or deleted, and why
    strangers: list[Resource]  # resources with the prefix but without the tag


def clean(aws: Aws, run_id: str | None = None) -> Cleaned:
    """Delete the resources of one run, or of all runs. Continue if one cannot be deleted."""
    deleted: dict[Resource, None] = {}
    failed: dict[str, str] = {}
    strangers: list[Resource] = []
    for number in range(ROUNDS):
        failed = {}
        found = list(find(aws, failed))
        strangers = [each for each in found if each.run_id is None]
        own = [each for each in found if each.run_id and run_id in {None, each.run_id}]
        for each in own:
            try:
                KINDS[each.kind].delete(aws, each.name)
            except FAILURES as error:
                failed[f"{each.kind} {each.name}"] = str(error)
            else:
                deleted[each] = None
        if not own:
            break
        if number:  # the first round usually deletes everything
            aws.wait(PAUSE)
    return Cleaned(list(deleted), failed, strangers)


def find(aws: Aws, failed: dict[str, str]) -> Iterator[Resource]:
    """All resources whose names have the prefix, in the order in which they can be deleted.

    If resources of a kind cannot be listed, the kind is added to `failed`.
    """
    for kind, ways in KINDS.items():
        try:
            for name, tags in ways.listed(aws):
                if name.startswith(PREFIX):
                    yield Resource(kind, name, tags().get(TAG))
        except FAILURES as error:
            failed[f"every {kind}"] = str(error)


Named = Iterator[tuple[str, Callable[[], Mapping[str, str]]]]


@dataclass(frozen=True)
class Kind:
    listed: Callable[[Aws], Named]  # yields each name with a function that returns its tags
    delete: Callable[[Aws, str], None]


def _pages(call: Callable[..., Any], members: str, given: str, returned: str, **more: Any) -> Any:
    token: dict[str, Any] = {}
    while True:
        page = call(**more, **token)
        yield from page[members]
        if not page.get(returned):
            return
        token = {given: page[returned]}


def _tags(answer: Any, key: str = "Key", value: str = "Value") -> dict[str, str]:
    return {each[key]: each[value] for each in answer}


def _arn(aws: Aws, service: str, name: str) -> str:
    return f"arn:aws:{service}:{aws.region}:{aws.account}:{name}"


def _rules(aws: Aws) -> Named:
    events = aws.client("events")

    def tags(name: str) -> dict[str, str]:
        arn = _arn(aws, "events", f"rule/{name}")
        return _tags(events.list_tags_for_resource(ResourceARN=arn)["Tags"])

    pages = _pages(events.list_rules, "Rules", "NextToken", "NextToken", NamePrefix=PREFIX)
    for each in pages:
        yield each["Name"], partial(tags, each["Name"])


def _delete_rule(aws: Aws, name: str, bus: str = "default") -> None:
    events, place = aws.client("events"), {"EventBusName": bus}
    targets = events.list_targets_by_rule(Rule=name, **place)["Targets"]
    if targets:
        events.remove_targets(Rule=name, Ids=[each["Id"] for each in targets], **place)
    events.delete_rule(Name=name, **place)


def _buses(aws: Aws) -> Named:
    events = aws.client("events")

    def tags(arn: str) -> dict[str, str]:
        return _tags(events.list_tags_for_resource(ResourceARN=arn)["Tags"])

    pages = _pages(
        events.list_event_buses, "EventBuses", "NextToken", "NextToken", NamePrefix=PREFIX
    )
    for each in pages:
        yield each["Name"], partial(tags, each["Arn"])


def _delete_bus(aws: Aws, name: str) -> None:
    events = aws.client("events")
    for each in events.list_rules(EventBusName=name)["Rules"]:
        _delete_rule(aws, each["Name"], name)
    events.delete_event_bus(Name=name)


def _pipelines(aws: Aws) -> Named:
    client = aws.client("codepipeline")
    pages = _pages(client.list_pipelines, "pipelines", "nextToken", "nextToken")
    for each in pages:
        yield each["name"], partial(_pipeline_tags, aws, each["name"])


def _pipeline_tags(aws: Aws, name: str) -> dict[str, str]:
    client, arn = aws.client("codepipeline"), _arn(aws, "codepipeline", name)
    return _tags(client.list_tags_for_resource(resourceArn=arn)["tags"], "key", "value")


def _delete_pipeline(aws: Aws, name: str) -> None:
    aws.client("codepipeline").delete_pipeline(name=name)


def _action_types(aws: Aws) -> Named:
    client = aws.client("codepipeline")
    pages = _pages(
        client.list_action_types,
        "actionTypes",
        "nextToken",
        "nextToken",
        actionOwnerFilter="Custom",
    )
    for each in pages:
        provider = each["id"]["provider"]
        path = f"actiontype:Custom/{each['id']['category']}/{provider}/{each['id']['version']}"
        yield provider, partial(_pipeline_tags, aws, path)


def _delete_action_type(aws: Aws, name: str) -> None:
    aws.client("codepipeline").delete_custom_action_type(
        category="Test", provider=name, version="1"
    )


def _machines(aws: Aws) -> Named:
    client = aws.client("stepfunctions")

    def tags(arn: str) -> dict[str, str]:
        return _tags(client.list_tags_for_resource(resourceArn=arn)["tags"], "key", "value")

    pages = _pages(client.list_state_machines, "stateMachines", "nextToken", "nextToken")
    for each in pages:
        yield each["name"], partial(tags, each["stateMachineArn"])


def _delete_machine(aws: Aws, name: str) -> None:
    arn = _arn(aws, "states", f"stateMachine:{name}")
    aws.client("stepfunctions").delete_state_machine(stateMachineArn=arn)


def _functions(aws: Aws) -> Named:
    client = aws.client("lambda")

    def tags(arn: str) -> dict[str, str]:
        return dict(client.list_tags(Resource=arn)["Tags"])

    pages = _pages(client.list_functions, "Functions", "Marker", "NextMarker")
    for each in pages:
        yield each["FunctionName"], partial(tags, each["FunctionArn"])


def _delete_function(aws: Aws, name: str) -> None:
    aws.client("lambda").delete_function(FunctionName=name)


def _tables(aws: Aws) -> Named:
    client = aws.client("dynamodb")

    def tags(name: str) -> dict[str, str]:
        arn = _arn(aws, "dynamodb", f"table/{name}")
        return _tags(client.list_tags_of_resource(ResourceArn=arn)["Tags"])

    given, returned = "ExclusiveStartTableName", "LastEvaluatedTableName"
    for name in _pages(client.list_tables, "TableNames", given, returned):
        yield name, partial(tags, name)


def _delete_table(aws: Aws, name: str) -> None:
    aws.client("dynamodb").delete_table(TableName=name)


def _roles(aws: Aws) -> Named:
    client = aws.client("iam")

    def tags(name: str) -> dict[str, str]:
        return _tags(client.list_role_tags(RoleName=name)["Tags"])

    for each in _pages(client.list_roles, "Roles", "Marker", "Marker", PathPrefix=PATH):
        yield each["RoleName"], partial(tags, each["RoleName"])


def _delete_role(aws: Aws, name: str) -> None:
    iam = aws.client("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def _buckets(aws: Aws) -> Named:
    client = aws.client("s3")

    def tags(name: str) -> dict[str, str]:
        try:
            return _tags(client.get_bucket_tagging(Bucket=name)["TagSet"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchTagSet":
                raise
            return {}

    for each in client.list_buckets()["Buckets"]:
        yield each["Name"], partial(tags, each["Name"])


def _delete_bucket(aws: Aws, name: str) -> None:
    s3 = aws.client("s3")
    while True:
        page = s3.list_object_versions(Bucket=name)
        versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if not versions:
            break
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions]
        s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
    s3.delete_bucket(Bucket=name)


KINDS = {
    "rule": Kind(_rules, _delete_rule),
    "bus": Kind(_buses, _delete_bus),
    "pipeline": Kind(_pipelines, _delete_pipeline),
    "action type": Kind(_action_types, _delete_action_type),
    "state machine": Kind(_machines, _delete_machine),
    "function": Kind(_functions, _delete_function),
    "table": Kind(_tables, _delete_table),
    "role": Kind(_roles, _delete_role),
    "bucket": Kind(_buckets, _delete_bucket),
}

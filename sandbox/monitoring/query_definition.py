"""AWS::Logs::QueryDefinition, and DescribeQueryDefinitions; moto has neither."""

from __future__ import annotations

import json
from typing import Any
from weakref import WeakKeyDictionary

from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.logs.models import LogsBackend, logs_backends
from moto.logs.responses import LogsResponse

from sandbox.cloud import current

TYPE = "AWS::Logs::QueryDefinition"
PROPERTIES = frozenset({"LogGroupNames", "Name", "QueryString"})

# Of each account and Region, by id.
_saved: WeakKeyDictionary[LogsBackend, dict[str, dict[str, Any]]] = WeakKeyDictionary()


class QueryDefinitionResource(CloudFormationModel):  # type: ignore[misc]
    """A saved query as a resource of a stack."""

    def __init__(self, query_id: str) -> None:
        self.physical_resource_id = query_id

    @staticmethod
    def cloudformation_type() -> str:
        """The resource's type."""
        return TYPE

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003 - the id is another
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> QueryDefinitionResource:
        """Save the query."""
        query_id = current().world.uuid()
        _save(query_id, cloudformation_json["Properties"], account_id, region_name)
        return cls(query_id)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: QueryDefinitionResource,
        new_resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> QueryDefinitionResource:
        """Replace the query."""
        query_id = original_resource.physical_resource_id
        _save(query_id, cloudformation_json["Properties"], account_id, region_name)
        return original_resource

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the query."""
        del _saved[logs_backends[account_id][region_name]][self.physical_resource_id]


def _save(query_id: str, properties: dict[str, Any], account_id: str, region_name: str) -> None:
    queries = _saved.setdefault(logs_backends[account_id][region_name], {})
    queries[query_id] = {
        "queryDefinitionId": query_id,
        "name": properties["Name"],
        "queryString": properties["QueryString"],
        "logGroupNames": properties.get("LogGroupNames", []),
        "lastModified": int(current().world.now * 1000),
    }


def _describe(response: LogsResponse) -> str:
    queries = _saved.get(response.logs_backend, {}).values()
    prefix = response._get_param("queryDefinitionNamePrefix") or ""  # noqa: SLF001 - moto has no other way
    return json.dumps({"queryDefinitions": [q for q in queries if q["name"].startswith(prefix)]})


def install() -> None:
    """Let stacks have this resource, and clients list the queries."""
    parsing.get_model_map()[TYPE] = QueryDefinitionResource
    LogsResponse.describe_query_definitions = _describe

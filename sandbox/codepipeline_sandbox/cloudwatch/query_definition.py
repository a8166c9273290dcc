"""AWS::Logs::QueryDefinition and DescribeQueryDefinitions, which moto does not support."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

from moto.logs.models import LogsBackend, logs_backends
from moto.logs.responses import LogsResponse

from codepipeline_sandbox.kernel.here import current
from codepipeline_sandbox.kernel.stack_resource import StackResource

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches

TYPE = "AWS::Logs::QueryDefinition"
PROPERTIES = frozenset({"LogGroupNames", "Name", "QueryString"})

# indexed by account and Region, then by ID
_saved: WeakKeyDictionary[LogsBackend, dict[str, dict[str, Any]]] = WeakKeyDictionary()


class QueryDefinitionResource(StackResource):
    """A saved query as a resource in a stack. `Ref` returns the ID of the query."""

    resource_type = TYPE
    backends = logs_backends

    @classmethod
    def create(cls, backend: LogsBackend, name: str, properties: dict[str, Any]) -> Self:
        """Save the query."""
        del name
        query = cls(current().world.uuid())
        query.update(backend, properties)
        return query

    def update(self, backend: LogsBackend, properties: dict[str, Any]) -> None:
        """Replace the query."""
        query_id = self.physical_resource_id
        _saved.setdefault(backend, {})[query_id] = {
            "queryDefinitionId": query_id,
            "name": properties["Name"],
            "queryString": properties["QueryString"],
            "logGroupNames": properties.get("LogGroupNames", []),
            "lastModified": int(current().world.now * 1000),
        }

    def delete_from(self, backend: LogsBackend) -> None:
        """Delete the query."""
        del _saved[backend][self.physical_resource_id]


def _describe(response: LogsResponse) -> str:
    queries = _saved.get(response.logs_backend, {}).values()
    prefix = response._get_param("queryDefinitionNamePrefix") or ""  # noqa: SLF001 - moto has no public way
    return json.dumps({"queryDefinitions": [q for q in queries if q["name"].startswith(prefix)]})


def install(patches: Patches) -> None:
    """Register the resource with CloudFormation, and add DescribeQueryDefinitions to moto."""
    QueryDefinitionResource.install(patches)
    patches.attribute(LogsResponse, "describe_query_definitions", _describe)

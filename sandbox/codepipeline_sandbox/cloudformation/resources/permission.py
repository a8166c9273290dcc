"""AWS::Lambda::Permission, which moto's CloudFormation never deletes."""

from __future__ import annotations

import json
from typing import Any, Self

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends

from codepipeline_sandbox.kernel.stack_resource import StackResource

TYPE = "AWS::Lambda::Permission"


class PermissionResource(StackResource):
    """A statement in a function's policy, as a stack resource."""

    resource_type = TYPE
    backends = lambda_backends

    def __init__(self, statement_id: str, function_name: str) -> None:
        super().__init__(statement_id)
        self._function_name = function_name

    @classmethod
    def create(cls, backend: Any, name: str, properties: dict[str, Any]) -> Self:
        """Add the statement."""
        function = backend.get_function(properties["FunctionName"])
        statement = json.dumps({**properties, "StatementId": name})
        function.policy.add_statement(raw=statement)
        return cls(name, function.function_name)

    def delete_from(self, backend: Any) -> None:
        """Remove the statement, if the function still exists."""
        try:
            function = backend.get_function(self._function_name)
        except UnknownFunctionException:
            return
        function.policy.del_statement(self.physical_resource_id)


install = PermissionResource.install

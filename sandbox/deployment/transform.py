"""AWS::Serverless: expands a SAM template as CloudFormation does."""

from __future__ import annotations

import json
import os
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from samtranslator.metrics.method_decorator import MetricsMethodWrapperSingleton
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator import translator
from samtranslator.translator.arn_generator import ArnGenerator
from samtranslator.translator.transform import transform

from sandbox.deployment import role
from sandbox.deployment.errors import DeploymentFailed

if TYPE_CHECKING:
    from collections.abc import Mapping


_policy_templates = cache(translator.make_policy_template_for_function_plugin)


class _ManagedPolicies:
    """AWS's managed policies, for templates that refer to a policy only by name."""

    load = staticmethod(role.aws_policy_arns)


def expand(template: dict[str, Any], parameters: Mapping[str, str], region: str) -> dict[str, Any]:
    """Expand all AWS::Serverless resources in the template. Raises DeploymentFailed."""
    expanded: dict[str, Any] = json.loads(
        _expand(json.dumps(template), json.dumps({**parameters, "AWS::Region": region}), region)
    )
    return expanded


@lru_cache(maxsize=64)  # many tests deploy the same template
def _expand(template: str, values: str, region: str) -> str:
    # The translator gets the Region from boto3 in two ways, and rereads its policy templates
    # every time.
    with (
        patch.object(translator, "make_policy_template_for_function_plugin", _policy_templates),
        patch.object(ArnGenerator, "BOTO_SESSION_REGION_NAME", region),
        patch.dict(os.environ, {"AWS_DEFAULT_REGION": region}),
    ):
        try:
            expanded: dict[str, Any] = transform(
                json.loads(template), json.loads(values), _ManagedPolicies()
            )
        except InvalidDocumentException as error:
            causes = "; ".join(cause.message for cause in error.causes)
            raise DeploymentFailed(f"the SAM template is not valid: {causes}") from error
        finally:
            # The metrics are sent nowhere. Publishing them only avoids a warning.
            MetricsMethodWrapperSingleton.get_instance().publish()
    expanded.pop("Transform", None)
    return json.dumps(expanded)

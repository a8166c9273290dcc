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
from samtranslator.translator.transform import transform as expand

from codepipeline_sandbox.cloudformation.errors import DeploymentFailed, NotSupported
from codepipeline_sandbox.cloudformation.resources import role
from codepipeline_sandbox.cloudformation.templates.reading import read

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVERLESS = "AWS::Serverless-2016-10-31"

_policy_templates = cache(translator.make_policy_template_for_function_plugin)


class _ManagedPolicies:
    """AWS's managed policies, for templates that refer to a policy only by name."""

    load = staticmethod(role.aws_policy_arns)


def transforms(template: Mapping[str, Any]) -> list[str]:
    """The transforms that a template declares."""
    named = template.get("Transform", [])
    return [named] if isinstance(named, str) else named


def processed(
    text: str, written: dict[str, Any], parameters: Mapping[str, str], region: str
) -> dict[str, Any]:
    """The template with all AWS::Serverless resources expanded. Raises DeploymentFailed."""
    named = transforms(written)
    if unknown := [one for one in named if one != SERVERLESS]:
        raise NotSupported(f"the sandbox does not support the transform {unknown[0]}")
    if not named:
        return written
    expanded: dict[str, Any] = json.loads(
        _expand(text, json.dumps({**parameters, "AWS::Region": region}), region)
    )
    return expanded


@lru_cache(maxsize=64)  # many tests deploy the same template
def _expand(text: str, values: str, region: str) -> str:
    # Without these patches, the translator would get the Region from boto3 twice and read its
    # policy templates each time.
    with (
        patch.object(translator, "make_policy_template_for_function_plugin", _policy_templates),
        patch.object(ArnGenerator, "BOTO_SESSION_REGION_NAME", region),
        patch.dict(os.environ, {"AWS_DEFAULT_REGION": region}),
    ):
        try:
            expanded: dict[str, Any] = expand(read(text), json.loads(values), _ManagedPolicies())
        except InvalidDocumentException as error:
            causes = "; ".join(cause.message for cause in error.causes)
            raise DeploymentFailed(
                f"Transform {SERVERLESS} failed with: Invalid Serverless Application "
                f"Specification document. Number of errors found: {len(error.causes)}. {causes}"
            ) from error
        finally:
            # The translator warns about unpublished metrics. `publish` discards them.
            MetricsMethodWrapperSingleton.get_instance().publish()
    expanded.pop("Transform", None)
    return json.dumps(expanded)

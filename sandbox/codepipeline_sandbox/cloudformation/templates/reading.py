"""Reads templates that are submitted to CloudFormation."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import yaml
from moto.cloudformation.exceptions import ValidationError
from samtranslator.yaml_helper import yaml_parse

LONGEST_BODY = 51_200  # bytes, for a template in the request
LONGEST = 1_000_000  # bytes, for a template in S3
_TIME = "tag:yaml.org,2002:timestamp"


def read(text: str) -> dict[str, Any]:
    """The template with its intrinsic functions in their long form. Raises ValidationError."""
    try:
        document = json.loads(text)
    except ValueError as error:
        try:
            document = json.loads(_yaml_as_json(text))
        except yaml.YAMLError as other:
            if text.lstrip().startswith("{"):
                raise _malformed("JSON", error) from error
            raise _malformed("YAML", other) from other
    if not isinstance(document, dict):
        raise ValidationError(message="Template format error: unsupported structure.")
    _check_resources(document.get("Resources"))
    return document


def _check_resources(resources: Any) -> None:
    problem = None
    if not resources or not isinstance(resources, dict):
        problem = "At least one Resources member must be defined."
    elif not all(isinstance(each, dict) for each in resources.values()):
        problem = "Any Resources member must be an object."
    elif not all(isinstance(each.get("Type"), str) for each in resources.values()):
        problem = "Every Resources object must contain a Type member."
    if problem is not None:
        raise ValidationError(message=f"Template format error: {problem}")


@lru_cache(maxsize=64)  # many tests deploy the same template
def _yaml_as_json(text: str) -> str:
    return json.dumps(yaml.load(text, Loader=_Loader))  # noqa: S506 - a safe loader


def _malformed(language: str, error: Exception) -> ValidationError:
    mark = getattr(error, "problem_mark", None)
    line, column = (
        (mark.line + 1, mark.column + 1)
        if mark is not None
        else (getattr(error, "lineno", 1), getattr(error, "colno", 1))
    )
    return ValidationError(
        message=f"Template format error: {language} not well-formed. (line {line}, column {column})"
    )


yaml_parse("a: 1")  # registers the short forms of the intrinsic functions with SafeLoader


class _Loader(yaml.SafeLoader):
    """Reads dates as text (AWSTemplateFormatVersion: 2010-09-09), and refuses aliases.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise ValidationError(
                message="Template error: YAML aliases are not allowed in CloudFormation templates"
            )
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIME]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

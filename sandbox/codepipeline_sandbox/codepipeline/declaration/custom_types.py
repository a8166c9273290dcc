"""The action types that an account creates for its job workers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.exceptions import ValidationException

if TYPE_CHECKING:
    from collections.abc import Mapping

Key = tuple[str, str, str]  # category, provider, version
TEMPLATES = ("entityUrlTemplate", "executionUrlTemplate", "revisionUrlTemplate")


@dataclass
class CustomActionType:
    """A custom action type.

    A deleted type can be created again only with the same definition.
    """

    arn: str
    document: dict[str, Any]  # the type in the API's format
    tags: dict[str, str] = field(default_factory=dict)
    deleted: bool = False

    @property
    def queryable(self) -> str | None:
        """The name of the property by which workers can filter jobs, if the type has one."""
        properties = self.document["actionConfigurationProperties"]
        return next((each["name"] for each in properties if each.get("queryable")), None)

    def url(self, template: str, configuration: Mapping[str, str]) -> str | None:
        """Fill in one of the type's URL templates. Returns None if the type does not have it."""
        url: str | None = self.document.get("settings", {}).get(template)
        if url is None:
            return None
        for key, value in configuration.items():
            url = url.replace(f"{{Config:{key}}}", value)
        return url


def key_of(type_id: Mapping[str, str]) -> Key:
    """The key of a type in `CodePipelineBackend.custom_types`."""
    return type_id["category"], type_id["provider"], type_id["version"]


def check(document: Mapping[str, Any]) -> None:
    """Raise ValidationException if a type's properties or templates are invalid."""
    properties = document["actionConfigurationProperties"]
    if any(each["secret"] for each in properties):
        raise ValidationException("The sandbox does not support secret properties")
    queryable = [each for each in properties if each.get("queryable")]
    if len(queryable) > 1 or not all(each["required"] for each in queryable):
        raise ValidationException(
            "An action type can have one queryable property, which must be required"
        )
    required = {each["name"] for each in properties if each["required"]}
    for name in TEMPLATES:
        template = document.get("settings", {}).get(name, "")
        for referred in re.findall(r"\{Config:([^}]*)\}", template):
            if referred not in required:
                raise ValidationException(
                    f"The {name} refers to '{referred}', which is not a required property"
                )

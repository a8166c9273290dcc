"""The base class of CloudFormation resources that moto does not support."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.core.common_models import CloudFormationModel

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches

_PARSING = parsing.__name__


def register(patches: Patches, resource_type: str, kind: type[CloudFormationModel]) -> None:
    """Make CloudFormation use this class for the resource type."""
    patches.item(f"{_PARSING}.get_model_map()", parsing.get_model_map(), resource_type, kind)


class StackResource(CloudFormationModel):  # type: ignore[misc]
    """A resource in a stack. Subclasses define how to create, change and delete the resource."""

    resource_type: ClassVar[str]
    backends: ClassVar[Any]  # the service's backends, by account and Region
    name_property: ClassVar[str] = ""  # if empty, create() receives a generated name
    maximum_name: ClassVar[int] = 255
    attributes: ClassVar[frozenset[str]] = frozenset()  # the attributes that Fn::GetAtt supports

    def __init__(self, physical_resource_id: str, **attributes: str) -> None:
        self.physical_resource_id = physical_resource_id
        self._values = attributes

    @classmethod
    def create(cls, backend: Any, name: str, properties: dict[str, Any]) -> Self:
        """Create the resource from its properties."""
        raise NotImplementedError

    def update(self, backend: Any, properties: dict[str, Any]) -> None:
        """Change the resource to match its properties. The default creates the resource again."""
        self.create(backend, self.physical_resource_id, properties)

    def delete_from(self, backend: Any) -> None:
        """Delete the resource."""
        raise NotImplementedError

    @classmethod
    def install(cls, patches: Patches) -> None:
        """Register the resource type with CloudFormation."""
        register(patches, cls.resource_type, cls)
        names = parsing.get_name_type_map()
        patches.item(f"{_PARSING}.get_name_type_map()", names, cls.resource_type, cls.name_property)

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether Fn::GetAtt supports the attribute."""
        return attr in cls.attributes

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """The value of Fn::GetAtt.

        Raises UnformattedGetAttTemplateException for an unknown attribute.
        """
        if not self.has_cfn_attr(attribute_name):
            raise UnformattedGetAttTemplateException
        return self._values[attribute_name]

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> Self:
        """Create the resource. moto calls this method."""
        properties = cloudformation_json["Properties"]
        # CloudFormation shortens the names that it generates.
        made = resource_name[-cls.maximum_name :].lstrip("-")
        name = properties.get(cls.name_property, made)
        return cls.create(cls.backends[account_id][region_name], name, properties)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Self,
        new_resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Self:
        """Update the resource. moto calls this method."""
        backend = cls.backends[account_id][region_name]
        original_resource.update(backend, cloudformation_json["Properties"])
        return original_resource

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the resource. moto calls this method."""
        self.delete_from(self.backends[account_id][region_name])

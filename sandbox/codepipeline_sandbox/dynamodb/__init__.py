"""Amazon DynamoDB: moto's tables, with DynamoDB's own checks of requests and responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches


def install(patches: Patches) -> None:
    """Put our checks in front of moto's DynamoDB, and replace its table resource with ours."""
    import moto.dynamodb.urls  # noqa: PLC0415 - moto takes a second to import

    from codepipeline_sandbox.dynamodb.responses import DynamoDBResponse  # noqa: PLC0415
    from codepipeline_sandbox.dynamodb.table import TableResource  # noqa: PLC0415

    paths = moto.dynamodb.urls.url_paths
    patches.item("moto.dynamodb.urls.url_paths", paths, "{0}/", DynamoDBResponse.dispatch)
    TableResource.install(patches)

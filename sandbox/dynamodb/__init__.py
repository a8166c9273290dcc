"""Amazon DynamoDB: moto's tables, held to what DynamoDB accepts and answers."""

from __future__ import annotations


def install() -> None:
    """Put our checks before moto's DynamoDB, and our resource in the place of moto's."""
    import moto.dynamodb.urls  # noqa: PLC0415 - moto takes a second to import

    from sandbox.dynamodb.responses import DynamoDBResponse  # noqa: PLC0415 - the same
    from sandbox.dynamodb.table import TableResource  # noqa: PLC0415 - the same

    moto.dynamodb.urls.url_paths["{0}/"] = DynamoDBResponse.dispatch
    TableResource.install()

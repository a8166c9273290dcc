"""Where the Lambda API is served: as in moto, whose responses ask our backend."""

from moto.awslambda.urls import url_bases, url_paths

__all__ = ["url_bases", "url_paths"]

"""The URLs of the Lambda API, the same as in moto, whose responses use our backend."""

from moto.awslambda.urls import url_bases, url_paths

__all__ = ["url_bases", "url_paths"]

"""The Lambda API's URLs. They are moto's, but moto's responses use our backend."""

from moto.awslambda.urls import url_bases, url_paths

__all__ = ["url_bases", "url_paths"]

"""The Lambda API's URLs, which are moto's. moto's responses use our backend."""

from moto.awslambda.urls import url_bases, url_paths

__all__ = ["url_bases", "url_paths"]

"""The URLs of moto's Lambda API, whose responses use this package's backend."""

from moto.awslambda.urls import url_bases, url_paths

__all__ = ["url_bases", "url_paths"]

"""The addresses of the CloudFormation API, as moto looks them up."""

from __future__ import annotations

from moto.cloudformation.urls import url_bases

from sandbox.deployment.responses import Response

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": Response.dispatch}

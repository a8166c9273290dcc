"""The URL patterns of the CloudFormation API, in the form that moto reads."""

from __future__ import annotations

from moto.cloudformation.urls import url_bases

from codepipeline_sandbox.cloudformation.responses import Response

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": Response.dispatch}

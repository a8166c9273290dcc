"""The URLs of CodePipeline."""

from codepipeline_sandbox.codepipeline.responses import CodePipelineResponse

url_bases = [r"https?://codepipeline\.(.+)\.amazonaws\.com"]

url_paths = {"{0}/$": CodePipelineResponse.dispatch}

"""The URL of EventBridge."""

from codepipeline_sandbox.eventbridge.responses import EventBridgeResponse

url_bases = [r"https?://events\.(.+)\.amazonaws\.com"]

url_paths = {"{0}/": EventBridgeResponse.dispatch}

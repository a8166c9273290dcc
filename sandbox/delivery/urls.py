"""The URL of EventBridge."""

from sandbox.delivery.responses import EventBridgeResponse

url_bases = [r"https?://events\.(.+)\.amazonaws\.com"]

url_paths = {"{0}/": EventBridgeResponse.dispatch}

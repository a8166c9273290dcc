"""The EventBridge operations for which moto does not return AWS's response."""

from __future__ import annotations

import json
from typing import Any

from moto.events.exceptions import ValidationException
from moto.events.responses import EventsHandler

from codepipeline_sandbox import api_model
from codepipeline_sandbox.eventbridge import patterns

_NEEDED = ("id", "account", "source", "time", "region", "resources", "detail-type")


class EventBridgeResponse(EventsHandler):  # type: ignore[misc]
    """EventBridge in one account and Region."""

    def test_event_pattern(self) -> str:
        """Compare an event with a pattern. The event must contain the members that AWS requires."""
        request = {name: self._get_param(name) for name in ("EventPattern", "Event")}
        api_model.check_request("events", "TestEventPattern", request)
        matches = patterns.matcher(request["EventPattern"])
        return json.dumps({"Result": matches(_event(request["Event"]))})


def _event(text: str) -> dict[str, Any]:
    try:
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValidationException("Parameter Event is not valid.") from error
    if not isinstance(event, dict) or any(name not in event for name in _NEEDED):
        raise ValidationException("Parameter Event is not valid.")
    return event

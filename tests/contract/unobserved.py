"""The settings that the contract tests cannot observe, each with the reason."""

from __future__ import annotations

UNOBSERVED = {
    "state_machine_limit": "takes 7 days",
    "history_kept": "takes 12 months",
    "transition_resumes_within": "takes 30 days",
    "approval_limit": "takes 7 days; the limit of a single approval is checked instead",
    "action_duration": "exists only in the sandbox, where actions do no work",
    "rule_duration": "exists only in the sandbox, where rules do no work",
}

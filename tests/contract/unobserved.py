"""The settings that the contract tests cannot observe, with the reason."""

from __future__ import annotations

UNOBSERVED = {
    "state_machine_limit": "takes 7 days",
    "history_kept": "takes 12 months",
    "transition_resumes_within": "takes 30 days",
    "approval_limit": "takes 7 days; the limit of a single approval is checked instead",
    "action_duration": "only in the sandbox, which does not do the work of actions",
    "rule_duration": "only in the sandbox, which does not do the work of rules",
}

"""The work of actions, by provider."""

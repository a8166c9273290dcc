"""Decides what the result of a poll means and when to poll the target again."""

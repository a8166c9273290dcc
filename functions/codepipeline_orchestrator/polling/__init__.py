"""Decides what a poll means and when to poll the target again."""

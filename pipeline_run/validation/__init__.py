"""Checks inputs as AWS would meet them, in files and inside templates."""

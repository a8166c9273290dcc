"""Reads templates and their parameters."""

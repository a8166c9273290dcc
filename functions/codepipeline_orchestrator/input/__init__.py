"""The input of a run: its fields, its parser, and messages about mistakes in it."""

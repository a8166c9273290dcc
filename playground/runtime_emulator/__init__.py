"""Runs functions as processes, using AWS's Lambda Runtime Interface Emulator."""

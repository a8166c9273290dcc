"""Benchmarks, and the limits that their results must stay within."""

from playground.own_settings import ignore_own_settings

ignore_own_settings()  # before any program imports moto, which reads the settings

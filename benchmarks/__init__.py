"""Benchmarks, and the limits that their results must stay within."""

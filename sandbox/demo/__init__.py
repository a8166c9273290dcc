"""The demonstration: pipelines in three accounts, waited for, started, failed, retried, scheduled.

`python -m sandbox.demo` (`make demo`).
"""

"""Measure how late a policy notices the end of a target, and what waiting costs: `make bench`.

The benchmark plays the same waits with the product deployed in the sandbox, with models of other
ways to wait, and with the best possible polling policy. docs/waiting.md explains the results.

All figures except the elapsed time are in virtual time, so they are the same on every machine.

    make bench  # everything; writes the results
    python -m benchmarks.waiting --waits 100 --world history  # a part; writes nothing
    python -m benchmarks.waiting --waits 100 --world history --policy orchestrator,bound --details

`--details` prints how many times each function makes each call in a wait.
"""

"""How late the end of a target is noticed, and what waiting costs: `make bench`.

The deployed product in the sandbox, models of other ways to wait, and the bound for any polling, on
the same waits. docs/waiting.md explains it. All figures but the real time that it takes are of the
sandbox's virtual time, so every machine gets the same.

    make bench                                                   # everything; writes the results
    python -m benchmarks.waiting --waits 100 --world history     # a part: prints, writes nothing
    python -m benchmarks.waiting --waits 100 --world history --policy orchestrator,bound --details

`--details` says which function makes which calls, and how often in a wait.
"""

"""Plays scenarios through the deployed product and records each outcome in a truth table.

The table also contains the answer that aws-codepipeline-waiter's published rule would give in the
same world. `docs/outcomes.md` is generated from the table.
"""

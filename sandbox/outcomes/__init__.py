"""The truth table: plays scenarios through the deployed product and records each outcome.

The table compares the product's answer with the answer that aws-codepipeline-waiter's published
rule would give in the same world. `docs/outcomes.md` is generated from the table.
"""

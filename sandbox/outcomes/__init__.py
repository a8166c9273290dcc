"""The truth table: scenarios played through the deployed product, and the outcome of each.

The table compares the product's answer with the one that aws-codepipeline-waiter's published rule
would give in the same world. `docs/outcomes.md` is generated from it.
"""

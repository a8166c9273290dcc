"""The truth table: scenarios played through the deployed product, and what became of each.

Beside the product's answer stands what the published rule of aws-codepipeline-waiter makes of the
same world. `docs/outcomes.md` is generated from it.
"""

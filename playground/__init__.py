"""The product in the sandbox: a small company, scenarios and a demonstration."""

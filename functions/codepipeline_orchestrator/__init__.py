"""The core that the functions share: decisions, models, errors, clients."""

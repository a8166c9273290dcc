"""The core that all functions share: decisions, models, errors and clients."""

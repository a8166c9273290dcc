"""Schedule expressions of AWS: when they fire."""

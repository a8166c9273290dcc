"""Resource types that moto does not have."""

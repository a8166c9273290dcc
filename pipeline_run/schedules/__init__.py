"""Work out when AWS schedule expressions fire."""

"""The clock, the event queue, and the interfaces between services."""

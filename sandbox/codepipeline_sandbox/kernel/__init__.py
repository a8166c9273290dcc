"""The clock, the event queue, and what services offer each other."""

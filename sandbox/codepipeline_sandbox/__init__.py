"""An embedded AWS for development and tests. It runs in one process and is never deployed."""

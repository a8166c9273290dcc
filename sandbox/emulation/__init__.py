"""Functions as processes, run by AWS's Lambda Runtime Interface Emulator."""

"""Functions as processes, under AWS's Lambda Runtime Interface Emulator."""

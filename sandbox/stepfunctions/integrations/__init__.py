"""What a Task can do: the kinds of its Resource."""

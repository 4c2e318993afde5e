"""The strategies that ship, and how one is found by name."""

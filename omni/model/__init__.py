"""The vocabulary in Python: what every room speaks to the others in."""

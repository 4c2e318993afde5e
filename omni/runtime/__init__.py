"""The life of a run: the only room that connects the others."""

"""What a person reads of a run: the self-contained page, and the charts and tables that it is made of."""

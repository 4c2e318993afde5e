"""The command line: one file per command group, each imported when it is asked for."""

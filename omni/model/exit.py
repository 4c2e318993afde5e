"""Exit codes of the command line, for scripts that have to tell endings apart."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    #: The message says why.
    FAILED = 1
    #: Wrong usage or configuration: nothing was done.
    USAGE = 2
    #: The run came to its end and is kept, but a strategy of it faulted on the way.
    FAULTED = 3
    INTERRUPTED = 130

"""The exceptions of omni: every error that is the caller's to mend is an `OmniError`.

A refusal of an order is not among them: it is an execution report with a reason.
"""


class OmniError(Exception):
    """Something can't be done as asked; the message says what was wrong, where, and what to do."""


class ConfigError(OmniError):
    """A configuration is wrong: an unknown key, a value out of range, a contradiction."""


class DataError(OmniError):
    """Data can't be read or doesn't hold together; the message names the file and the place in it."""


class VenueError(OmniError):
    """A venue can't be reached, or answers against its protocol."""


class RefusedError(OmniError):
    """What was asked is forbidden: by a rule, a mode, or a missing permission."""


class EngineError(OmniError):
    """The engine has stopped, or can't start."""

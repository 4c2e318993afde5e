"""The public names of the compiled half, and the only importer of it."""

from omni._native import PROFILE, __version__

__all__ = ["PROFILE", "__version__"]

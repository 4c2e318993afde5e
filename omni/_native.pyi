"""The compiled half of omni; import its names from `omni.engine`."""

from typing import Final

__all__ = ["PROFILE", "__version__"]

__version__: Final[str]
PROFILE: Final[str]

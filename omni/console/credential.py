"""The secret that opens the console: 128 random bits in a file of mode 0600."""

import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from omni.model.error import ConfigError

TOKEN_FILE = "console.token"
"""Name of the token's file in a run's folder."""

_FORM = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class Token:
    """The console's secret and the cookie's value that stands for it."""

    text: str = field(repr=False)

    @property
    def cookie(self) -> str:
        """Return what the browser keeps: it opens the console, and the token can't be computed from it."""
        return hmac.new(self.text.encode(), b"omni console cookie", hashlib.sha256).hexdigest()

    def opens(self, offered: str) -> bool:
        """Return whether `offered` is the token, in constant time."""
        return hmac.compare_digest(self.text.encode(), offered.encode())

    def opens_cookie(self, offered: str) -> bool:
        """Return whether `offered` is the cookie, in constant time."""
        return hmac.compare_digest(self.cookie.encode(), offered.encode())


def load_token(path: Path) -> Token:
    """Read the token in `path`, or make one there with mode 0600.

    A file kept from before is used again, so that a console that was restarted lets the same pages in.

    Raises
    ------
    ConfigError
        Where others may read the file, it isn't ours, it isn't a plain file, or it holds no token.
    """
    try:
        return _create(path)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise ConfigError(f"can't write the console's token to {path}: {error.strerror}") from error


def _create(path: Path) -> Token:
    text = secrets.token_hex(16)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)
        file.write(text + "\n")
    return Token(text)


def _read(path: Path) -> Token:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise ConfigError(f"can't read the console's token in {path}: {error.strerror}") from error
    with os.fdopen(descriptor) as file:
        _check_private(path, os.fstat(descriptor))
        text = file.read(64).strip()
    if not _FORM.match(text):
        raise ConfigError(f"{path} holds no token (32 hexadecimal digits); remove it and start again")
    return Token(text)


def _check_private(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError(f"the console's token file {path} is not a plain file")
    if found.st_uid != os.geteuid():
        raise ConfigError(f"the console's token file {path} belongs to another user")
    if stat.S_IMODE(found.st_mode) & 0o077:
        mode = stat.S_IMODE(found.st_mode)
        raise ConfigError(f"others may read the console's token file {path} (mode {mode:04o}); chmod 600 or remove it")

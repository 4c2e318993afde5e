import os
import stat

import pytest

from omni.console.credential import load_token
from omni.model.error import ConfigError


def test_a_new_token_has_128_bits_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "console.token"
    old = os.umask(0)
    try:
        token = load_token(path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(bytes.fromhex(token.text)) == 16
    assert path.read_text().strip() == token.text
    assert token.text not in repr(token)


def test_a_restarted_console_lets_the_same_pages_in(tmp_path):
    path = tmp_path / "console.token"
    first, second = load_token(path), load_token(path)
    assert second.opens(first.text)
    assert second.opens_cookie(first.cookie)


def test_tokens_differ_and_open_nothing_else(tmp_path):
    one, other = load_token(tmp_path / "one"), load_token(tmp_path / "other")
    assert one.text != other.text
    assert not one.opens(other.text)
    assert not one.opens_cookie(other.cookie)
    for wrong in ("", one.text[:-1], one.text.upper() + " ", one.cookie, "ü"):
        assert not one.opens(wrong)
    assert not one.opens_cookie(one.text), "the cookie is not the token"


def test_a_token_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "console.token"
    load_token(path)
    path.chmod(0o640)
    with pytest.raises(ConfigError, match=r"mode 0640.*chmod 600"):
        load_token(path)


@pytest.mark.parametrize("content", ["", "short\n", "z" * 32, "0" * 31, "0" * 33])
def test_a_file_without_a_token_is_refused(tmp_path, content):
    path = tmp_path / "console.token"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="holds no token"):
        load_token(path)


def test_a_link_and_a_pipe_and_a_missing_folder_are_refused(tmp_path):
    load_token(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(ConfigError, match="can't read"):
        load_token(tmp_path / "link")
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(ConfigError, match="not a plain file"):
        load_token(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="can't write"):
        load_token(tmp_path / "no" / "console.token")

"""Logs: structure, rotation, masking."""

import io
import json
import logging

import pytest

from omni.infra.log import open_log
from omni.infra.secret import Secret
from omni.infra.section import Log
from omni.model.error import ConfigError

logger = logging.getLogger("omni.test")


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_is_one_object_with_what_extra_gave(tmp_path):
    with open_log(Log(), tmp_path / "run") as book:
        logger.info(
            "order %s\nrefused", 7, extra={"account": "cross", "prices": (1, 2.5, float("inf")), "message_id": None}
        )
        logger.debug("too fine")
        try:
            raise ValueError("bad tick")
        except ValueError:
            logger.exception("strategy raised")
    first, second = lines(book.path)
    assert book.path == tmp_path / "run" / "omni.log"
    assert first.pop("time").endswith("+00:00")
    assert first == {
        "level": "info",
        "logger": "omni.test",
        "message": "order 7\nrefused",
        "account": "cross",
        "prices": [1, 2.5, "inf"],
        "message_id": None,
    }
    assert second["level"] == "error"
    assert second["fault"].startswith("Traceback")
    assert second["fault"].endswith("ValueError: bad tick\n")


def test_files_rotate_by_size_and_the_oldest_go(tmp_path):
    config = Log(rotate_mib=1, rotate_count=2)
    with open_log(config, tmp_path):
        for i in range(5_000):
            logger.info("x" * 1_000, extra={"number": i})
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["omni.log", "omni.log.1", "omni.log.2"]
    assert all(path.stat().st_size <= 1024 * 1024 for path in tmp_path.iterdir())
    numbers = [line["number"] for name in reversed(files) for line in lines(tmp_path / name)]
    assert numbers == list(range(numbers[0], 5_000))


def test_secrets_are_masked_everywhere(tmp_path):
    screen = io.StringIO()
    secrets = [Secret("hush"), Secret("hush-hush"), Secret("")]
    with open_log(Log(), tmp_path, screen, secrets) as book:
        logger.warning("token hush-hush", extra={"url": "a:hush@b", "all": [{"hush": Secret("other")}]})
        try:
            raise ValueError("hush")
        except ValueError:
            logger.exception("failed")
    for text in (book.path.read_text(encoding="utf-8"), screen.getvalue()):
        assert "hush" not in text
        assert "other" not in text
        assert "token ***" in text
        assert "-***" not in text


def test_people_get_words_and_the_logger_is_left_as_it_was(tmp_path):
    screen = io.StringIO()
    before = (logging.getLogger("omni").level, logging.getLogger("omni").handlers[:])
    with open_log(Log(level="warning", directory=str(tmp_path / "own")), tmp_path, screen) as book:
        logger.info("quiet")
        logger.warning("position limit", extra={"account": "cross"})
    assert screen.getvalue()[8:] == " warning position limit account=cross\n"
    assert book.path.parent.name == "own"
    assert (logging.getLogger("omni").level, logging.getLogger("omni").handlers) == before


def test_a_folder_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"can't write the log .*file/omni.log: .*; see log.directory"):
        open_log(Log(), tmp_path / "file")

import multiprocessing
from pathlib import Path

from omni.runtime.killswitch import KillFile


def _write_and_remove(home: Path, times: int) -> None:
    for _ in range(times):
        KillFile(home).write("run-1", "prices look wrong")
        KillFile(home).remove()


def test_it_stays_until_it_is_removed(tmp_path: Path) -> None:
    note = KillFile(tmp_path)
    assert note.reason() is None
    note.write("run-1", "prices look wrong")
    assert KillFile(tmp_path).reason() == "prices look wrong"
    since = note.since()
    assert since.endswith(" UTC")
    note.write("run-2", "another reason")
    assert (note.reason(), note.since()) == ("prices look wrong", since), "the first one stays"
    note.remove()
    note.remove()
    assert KillFile(tmp_path).reason() is None


def test_a_note_that_cannot_be_read_still_means_on(tmp_path: Path) -> None:
    note = KillFile(tmp_path)
    note.path.write_text("{broken")
    assert "unreadable" in str(note.reason())
    assert note.since() == ""


def test_who_kills_and_the_node_that_obeys_write_at_the_same_moment(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_and_remove, args=(tmp_path, 200)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert list(tmp_path.iterdir()) == []

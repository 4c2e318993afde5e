import pytest

from omni.console.listener import HOST, listen, port_of
from omni.model.error import ConfigError


def test_it_listens_on_this_machine_only():
    with listen(0) as listener:
        assert listener.getsockname()[0] == HOST == "127.0.0.1"


def test_a_port_in_use_says_which_and_what_to_do():
    with listen(0) as taken, pytest.raises(ConfigError, match=rf"port {port_of(taken)} .*in use.*--port"):
        listen(port_of(taken))


def test_the_next_free_port_is_taken_where_asked():
    with listen(0) as taken, listen(port_of(taken), tries=20) as found:
        assert port_of(taken) < port_of(found) < port_of(taken) + 20


@pytest.mark.parametrize("port", [-1, 65_536])
def test_what_is_no_port_is_refused(port):
    with pytest.raises(ConfigError, match="0 to 65535"):
        listen(port)

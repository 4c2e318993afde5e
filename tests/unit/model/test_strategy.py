"""The callbacks that a class defines."""

import pytest

import omni
from omni.model.error import ConfigError


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("on_baar", "did you mean on_bar?"),
        ("on_qoutes", "did you mean on_quotes?"),
        ("on_order_book", "did you mean on_book?"),
        ("on_zzzzzzzz", "there are on_start"),
    ],
)
def test_a_misspelled_callback_is_refused_where_the_class_is_made(name, told):
    with pytest.raises(ConfigError) as caught:
        type("Typo", (omni.Strategy,), {name: lambda self, event: None})
    assert f"Typo.{name} would never be called" in str(caught.value)
    assert told in str(caught.value)


def test_values_and_private_helpers_may_be_called_what_they_like():
    class Fine(omni.Strategy):
        on_off: bool = omni.param(True)
        on_rate = 0.5

        def _on_cross(self):
            pass

        def on_bar(self, bar):
            pass

    assert list(Fine().callbacks()) == ["on_bar"]


def test_a_strategy_without_a_callback_is_refused():
    class Idle(omni.Strategy):
        size: int = omni.param(1)

        def trade(self):
            pass

    with pytest.raises(ConfigError, match="Idle defines no callback, so it would do nothing; there are on_start"):
        Idle().callbacks()


def test_a_callback_is_something_to_call():
    class Wrong(omni.Strategy):
        on_bar = 5

    with pytest.raises(ConfigError, match=r"Wrong.on_bar is 5, not a function"):
        Wrong().callbacks()

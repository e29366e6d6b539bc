"""Sessions are lent to one thread at a time, and used again."""

import pytest

from secops_oncall.clients.lending import Lending


def test_what_comes_back_is_lent_again() -> None:
    made = iter(range(9))
    lending = Lending(lambda: next(made))
    with lending.one() as first, lending.one() as second:
        assert first != second
    with lending.one() as again:
        assert again in (first, second)
    assert next(made) == 2


def test_so_does_what_an_error_came_out_of() -> None:
    made = iter(range(9))
    lending = Lending(lambda: next(made))
    with pytest.raises(OSError), lending.one():
        raise OSError
    with lending.one() as again:
        assert again == 0

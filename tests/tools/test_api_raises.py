"""What functions raise, as their source says."""

from __future__ import annotations

from api_raises import raised

from galago import checks, errors


def _spill(tea: str) -> errors.DataError:
    return errors.DataError(f"{tea} on the table")


def _boil(water: int) -> None:
    if water < 1:
        raise ValueError


def brew(leaves: str) -> None:
    _boil(1)
    raise _spill(leaves)


def pour(cups: int) -> int:
    return checks.whole(cups, "cups", "pour()")


def count(cups: int) -> int:
    return whole(cups, "cups", "count()")


whole = checks.whole


def drink(cup: object) -> None:
    try:
        raise TypeError(cup)
    except (TypeError, KeyError):
        raise OSError from None


def burn(cup: object) -> None:
    try:
        raise TypeError(cup)
    except KeyError:
        raise


class Pot:
    def _open(self) -> None:
        raise errors.ShapeError

    def fill(self) -> None:
        self._open()
        self.close()

    def close(self) -> None:
        raise NotImplementedError


def test_own_statements_and_private_helpers_count() -> None:
    assert raised(brew) == {ValueError, errors.DataError}


def test_checks_of_arguments_count() -> None:
    assert raised(count) == {errors.ArgumentError}
    assert raised(pour) == set(), "checks are called by their names"


def test_what_is_caught_does_not() -> None:
    assert raised(drink) == {OSError}
    assert raised(burn) == {TypeError}


def test_methods_with_their_private_ones() -> None:
    assert raised(Pot.fill, Pot) == {errors.ShapeError}
    assert raised(Pot.fill) == set()
    assert raised(Pot.close, Pot) == set(), "left to subclasses"


def test_what_has_no_source_raises_nothing() -> None:
    assert raised(len) == set()

"""What a test is tried with in `make test`, and what more in `make test-all`."""

import pytest


def later(values, now):
    """Values for `parametrize`: those in `now` are tried by `make test`, the others by `make test-all`, too."""
    return [value if value in now else pytest.param(value, marks=pytest.mark.long) for value in values]

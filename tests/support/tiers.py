"""Parameters of tests for `make test`, and further ones for `make test-all`."""

import pytest


def later(values, now):
    """Return `values` for `parametrize`, those not in `now` marked long, so that only `make test-all` tries them."""
    return [value if value in now else pytest.param(value, marks=pytest.mark.long) for value in values]

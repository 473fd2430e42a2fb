"""A change of one array element in a panel's state."""


def with_element(state, name, index, value):
    """Return a new state in which `state[name][index]` is `value`. The old state and its array do not change."""
    changed = state[name].copy()
    changed[index] = value
    return state | {name: changed}

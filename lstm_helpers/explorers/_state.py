"""The state of a panel in which an array has one other element."""


def with_element(state, name, at, value):
    """The state with another value at one place of the array of this name. The array itself stays as it is."""
    changed = state[name].copy()
    changed[at] = value
    return state | {name: changed}

"""What the questions are asked about: the document's vectors, and random ones."""

from lstm_helpers.examples import EXAMPLES

_DRAWS = {
    "gate": lambda rng, shape: rng.uniform(0.05, 0.95, shape),
    "state": lambda rng, shape: rng.normal(size=shape),
    "candidate": lambda rng, shape: rng.uniform(-0.95, 0.95, shape),
}


def vectors(**kinds):
    """A sampler of vectors of one random length, 3 to 5: by name, of kind "gate", "state" or "candidate"."""

    def sample(rng):
        n = int(rng.integers(3, 6))
        return {name: _DRAWS[kind](rng, n) for name, kind in kinds.items()}

    return sample


def scalars(**kinds):
    """A sampler of single numbers."""
    return lambda rng: {name: float(_DRAWS[kind](rng, ())) for name, kind in kinds.items()}


def weighed(H, *lengths):
    """W of shape (H, sum of lengths), b of shape (H,), and a vector of each length, as a function of a generator."""

    def draw(rng):
        return [rng.normal(size=(H, sum(lengths))), rng.normal(size=H), *(rng.normal(size=n) for n in lengths)]

    return draw


def example(name, *symbols):
    """The document's vectors with these symbols, in the order of the symbols."""
    vectors = {**EXAMPLES[name].inputs, **EXAMPLES[name].on_the_way}
    return {symbol: vectors[symbol] for symbol in symbols}

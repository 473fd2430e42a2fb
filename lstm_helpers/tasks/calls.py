"""Lines of nested calls: parentheses that must be closed, and strings in which they do not count."""

from lstm_helpers._arguments import generator, real_number, short_traceback, whole_number

LETTERS = "abcdefgh"
_IN_A_STRING = LETTERS + "(),"
_CALL, _STRING = 0.4, 0.35  # the probability that an argument is one
_MORE = 0.35  # the probability that another argument follows


@short_traceback
def nested_calls(N, *, rng, deepest=4, closes=0.2):
    """N random lines of nested calls, a list of strings; each ends with a line break.

        b(f,g("a(,h",c(d)))

        line     = call, line break
        call     = letter "(" argument { "," argument } ")"
        argument = call | string | letter

    A string holds letters, parentheses and commas, all without meaning. Each is the last one with the probability
    `closes`, so there are 1 / `closes` on average. At most `deepest` calls are open at once. `rng` is a
    `numpy.random.Generator`.
    """
    N, rng, deepest = whole_number("N", N, 1), generator(rng), whole_number("deepest", deepest, 1)
    closes = real_number("closes", closes, "above 0, at most 1", lambda p: 0 < p <= 1)
    return [_call(rng, deepest, closes) + "\n" for _ in range(N)]


def _call(rng, deepest, closes):
    arguments = [_argument(rng, deepest - 1, closes)]
    while rng.random() < _MORE:
        arguments.append(_argument(rng, deepest - 1, closes))
    return f"{_random(LETTERS, rng)}({','.join(arguments)})"


def _argument(rng, deepest, closes):
    p = rng.random()
    if p < _CALL and deepest:
        return _call(rng, deepest, closes)
    if p > 1 - _STRING:
        return '"' + "".join(_random(_IN_A_STRING, rng) for _ in range(rng.geometric(closes))) + '"'
    return _random(LETTERS, rng)


def _random(characters, rng):
    return characters[rng.integers(len(characters))]

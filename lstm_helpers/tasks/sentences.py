"""The cat sentences, in which the noun of the beginning returns at the end."""

from itertools import product

from lstm_helpers._arguments import generator, refuse, short_traceback, words

_ADVERBS = ["", "quietly", "slowly", "happily", "very quietly", "very slowly", "very happily"]
_PLACES = ["mat", "rug", "sofa", "chair"]
_NEAR = ["", "near the door", "near the fire", "near the window"]
_TIMES = ["", "today", "again", "all day long", "every single night"]
_REASONS = ["tired", "hungry", "cold", "warm"]


@short_traceback
def cat_sentences(*, rng, nouns=("cat", "dog")):
    """All sentences of a small grammar, in random order: two lists, half to learn from and half held out.

        the NOUN [[very] quietly] sat on the mat [near the door] [all day long] because the NOUN was tired .

    Words in brackets may be missing, so there are 6 to 14 words between a noun and its return. Adverbs, places, times
    and reasons vary, too. A sentence is a list of words. No sentence is in both lists. `rng` is a
    `numpy.random.Generator`, `nouns` 2 or more different words.
    """
    nouns, rng = words("nouns", nouns, at_least=2), generator(rng)
    if len(set(nouns)) != len(nouns) or any(noun.split() != [noun] for noun in nouns):
        refuse(ValueError, f"nouns must be 2 or more different words, got {nouns!r}")
    grammar = product(nouns, _ADVERBS, _PLACES, _NEAR, _TIMES, _REASONS)
    sentences = [
        f"the {noun} {adverb} sat on the {place} {near} {time} because the {noun} was {reason} .".split()
        for noun, adverb, place, near, time, reason in grammar
    ]
    order = rng.permutation(len(sentences))
    half = len(sentences) // 2
    return [sentences[k] for k in order[:half]], [sentences[k] for k in order[half:]]

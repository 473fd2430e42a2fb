"""Training data, drawn from a random generator or part of Python itself. Nothing is downloaded."""

from lstm_helpers.tasks.calls import nested_calls
from lstm_helpers.tasks.sentences import cat_sentences
from lstm_helpers.tasks.sequences import Batch, adding_problem, light_switch, one_hot, remember_first, running_total
from lstm_helpers.tasks.text import CountModel, Vocabulary, crops, read_text, sentences_batch, signs

__all__ = [
    "Batch",
    "CountModel",
    "Vocabulary",
    "adding_problem",
    "cat_sentences",
    "crops",
    "light_switch",
    "nested_calls",
    "one_hot",
    "read_text",
    "remember_first",
    "running_total",
    "sentences_batch",
    "signs",
]

"""All questions, by name."""

from types import MappingProxyType

from lstm_helpers.checks import forget_gate, input_gate, one_step, output_gate, pointwise, predictions

_THEMES = (pointwise, forget_gate, input_gate, output_gate, one_step, predictions)

QUESTIONS = MappingProxyType({question.name: question for theme in _THEMES for question in theme.QUESTIONS})

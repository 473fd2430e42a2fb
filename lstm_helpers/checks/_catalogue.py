"""All questions, by name."""

from types import MappingProxyType

from lstm_helpers.checks import (
    backward,
    be_the_lstm,
    bptt,
    cell,
    fading,
    forget_gate,
    frameworks,
    input_gate,
    inside,
    one_step,
    output_gate,
    pointwise,
    predictions,
    rules,
    schedule,
    text,
    training,
    variants,
)

_THEMES = (
    cell,
    fading,
    pointwise,
    forget_gate,
    input_gate,
    output_gate,
    one_step,
    schedule,
    rules,
    be_the_lstm,
    bptt,
    backward,
    training,
    inside,
    text,
    variants,
    frameworks,
    predictions,
)

QUESTIONS = MappingProxyType({question.name: question for theme in _THEMES for question in theme.QUESTIONS})

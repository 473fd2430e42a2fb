"""Recorded trainings: how to make each one, and its weights as they were at some forty moments.

The pages open these runs at once instead of training. `make runs` trains them again from their recipes. Where the
recipe is a page's own code, the page recalls what that gave: see `recall`.
"""

from lstm_helpers.runs.calls import calls_state
from lstm_helpers.runs.exam import Exam
from lstm_helpers.runs.recalled import recall
from lstm_helpers.runs.recipes import NAMES, RECIPES, Recipe
from lstm_helpers.runs.run import Run, open_run, record

__all__ = ["NAMES", "RECIPES", "Exam", "Recipe", "Run", "calls_state", "open_run", "recall", "record"]

"""Base class of the explorers: controls in a rail, a live picture beside them, and one sentence about the picture."""

import html
from functools import partial

import ipywidgets
import numpy as np

from lstm_helpers._arguments import refuse, short_traceback
from lstm_helpers.view.access import accessibility
from lstm_helpers.view.controls import Choice
from lstm_helpers.view.lifetime import close_with, is_interactive, keep_while_shown, view_of, weakly
from lstm_helpers.view.live import LiveFigure, on_main_thread, shorten_switch_interval, stored_picture
from lstm_helpers.view.prediction import keep_apart


class Panel:
    """A state, and three views of it: the controls, a live picture and a sentence.

    The state is a dictionary with all the panel's numbers. Each move replaces it; nothing writes into it. A subclass
    has a `title` and defines `show(**state)`, a pure function that returns the data for the picture and the sentence.
    It also overrides the pure functions `positions` and `after_move` if its controls do not map one-to-one to the
    state.

    Args:
        picture: an object with `figure`, `moving` (the artists that change) and `update(data)`, which returns true if
            a still part has changed as well.
        controls: the controls; the rail has the `Choice`s last.
        state: the opening state, which is also the first preset, "start".
        presets: name -> the part of the state that its button sets, or a function from the state to that part.
        predictions: a `Prediction` for each value that the learner, or the class, has predicted.
        asked: the source of the predictions, or None. It has `clause(predictions, data)`, a sentence that compares them
            with the truth; `picture(predictions, show)`, an extra picture of them or None; and `report()`, called after
            the first drawing, which returns a notice for the learner or "".

    Attributes:
        state, sentence: the current ones.
        controls: name -> `Control`, in the order of the rail.
        chips: name of a preset -> its button.
    """

    title = "Panel"

    def __init__(self, picture, controls, state, presets, predictions=(), asked=None):
        self.picture, self.state, self._predictions = picture, state, list(predictions)
        self.presets, self._pressed = {"start": state} | presets, "start"
        controls = sorted(controls, key=lambda control: isinstance(control, Choice))
        self.controls = {control.name: control for control in controls}
        self._clause = asked.clause if asked else lambda predictions, data: ""
        overlay = [artist for prediction in self._predictions for artist in prediction.artists]
        self._live = LiveFigure(picture.figure, [*picture.moving, *overlay])
        self._class_picture = asked and asked.picture(self._predictions, partial(self.show, **state))
        self._drawing_requested = False
        shorten_switch_interval()
        self._build()
        for name, value in self.positions(state).items():
            self.controls[name].show(value)
            self.controls[name].on_move(self._control_moved)
        self._draw(redraw=True)
        if asked and (notice := asked.report()):
            self._view.children += (ipywidgets.HTML(html.escape(notice)).add_class("lstm-notice"),)

    def show(self, **state):
        """Return the data for the picture, and the sentence, at a state."""
        raise NotImplementedError

    def positions(self, state):
        """Return the value that each control shows at a state, by name."""
        return {name: state[name] for name in self.controls}

    def after_move(self, state, name, value):
        """Return the new state when the control `name` moves to `value`. `state` itself does not change."""
        return state | {name: value}

    @short_traceback
    def move(self, **values):
        """Move controls, as a user would, and draw once.

        Raises:
            ValueError, TypeError: there is no such control, or it cannot take the value. Then nothing has moved.
        """
        for name in values:
            if name not in self.controls:
                refuse(ValueError, f"there is no control {name!r}; there are {', '.join(self.controls)}")
        state = self.state
        for name, value in {name: self.controls[name].checked(value) for name, value in values.items()}.items():
            state = self.after_move(state, name, value)
        self.go_to(state, values)

    @short_traceback
    def choose(self, preset):
        """Press the button of a preset."""
        if preset not in self.presets:
            refuse(ValueError, f"there is no preset {preset!r}; there are {', '.join(self.presets)}")
        self._pressed = preset
        change = self.change(preset, self.state)
        self.go_to(self.state | change, change)

    def go_to(self, state, names=()):
        """Set a state that moves and presets lead to, and draw once. The controls in `names` are updated regardless."""
        self._set_state(state, names)
        self._draw()

    def change(self, preset, state):
        """Return the part of a state that a preset sets."""
        change = self.presets[preset]
        return change(state) if callable(change) else change

    def held(self, state):
        """Return the names of the presets that would change nothing at a state, "start" last."""
        return [name for name in [*list(self.presets)[1:], "start"] if self._holds(name, state)]

    def _holds(self, preset, state):
        return all(equal(state[name], value) for name, value in self.change(preset, state).items())

    def frame(self):
        """Return the current view in pieces: the still part, the layer's definitions and groups, and the sentence."""
        return self._still.value, self._live.parts(), self.sentence

    def _control_moved(self, name, value):
        # The control already shows its new value, so `_set_state` does not need to name it.
        self._set_state(self.after_move(self.state, name, value))
        self._request_drawing()

    def _set_state(self, state, names=()):
        """Set the state and update the controls: all that changed, and those in `names` regardless."""
        before, now = self.positions(self.state), self.positions(state)
        self.state = state
        for name, value in now.items():
            if value != before[name] or name in names:
                self.controls[name].show(value)

    def _build(self):
        self._still, self._layer, self._words = (ipywidgets.HTML() for _ in range(3))
        self._layer.add_class("lstm-layer")
        self._words.add_class("lstm-sentence")
        self._words.add_class("lstm-announced")
        self.chips = {name: ipywidgets.Button(description=name).add_class("lstm-chip") for name in self.presets}
        for chip in self.chips.values():
            chip.on_click(weakly(self._chip_clicked))
        chips = _box("lstm-flow", [ipywidgets.Label("Try:"), *self.chips.values()])
        rail = _box("lstm-rail", [*(control.widget for control in self.controls.values()), chips])
        width, height = self._live.size()
        pictures = [_picture(self._still, self._layer, width / height)]
        if self._class_picture:
            self._live_class = LiveFigure(self._class_picture.figure, self._class_picture.moving)
            self._class_layer = ipywidgets.HTML()
            still = ipywidgets.HTML(self._live_class.still())
            pictures.append(_picture(still, self._class_layer, width / height))
        self._view = _box("lstm-view", [*pictures, self._words])
        self.widget = ipywidgets.VBox([_box("lstm-body", [rail, self._view]), accessibility(self.title)])
        self.widget.add_class("lstm-panel")
        close_with(self, self.widget)

    def _chip_clicked(self, button):
        on_main_thread(partial(self.choose, button.description))

    def _request_drawing(self):
        """Request a redraw on the main thread; requests that arrive before it runs are coalesced."""
        if not self._drawing_requested:
            self._drawing_requested = True
            on_main_thread(self._draw)

    def _draw(self, redraw=False):
        self._drawing_requested = False
        try:
            data, self.sentence = self.show(**self.state)
            redraw = self.picture.update(data) or redraw
            moved = [prediction.update(data) for prediction in self._predictions]
            if any(moved) and len(moved) > 1:
                keep_apart(self._predictions)
            comparison = self._clause(self._predictions, data)
            self.sentence = " ".join(filter(None, [self.sentence, comparison]))
            if redraw:
                self._still.value = self._live.still()
            self._layer.value = self._live.layer(f"{self.title}. {self.sentence}")
            if self._class_picture:
                self._class_picture.update(data)
                self._class_layer.value = self._live_class.layer(comparison)
            self._words.value = html.escape(self.sentence)
            self._mark_chip()
        except Exception as error:
            self._words.value = html.escape(f"This could not be drawn. {type(error).__name__}: {error}")
            raise

    def _mark_chip(self):
        """Mark the preset that was pressed last if it still holds, else the first that holds."""
        held = self.held(self.state)
        marked = self._pressed if self._pressed in held else next(iter(held), None)
        for name, chip in self.chips.items():
            (chip.add_class if name == marked else chip.remove_class)("lstm-marked")

    def _repr_mimebundle_(self, include=None, exclude=None):
        keep_while_shown(self)
        data, metadata = stored_picture(self._live, f"{self.title}. {self.sentence}")
        if is_interactive():  # a page prefers the widget to the picture, even if the widget has lost its kernel
            data = view_of(self.widget) | data
        return data, metadata


def equal(a, b):
    """Compare two values of a state; NumPy 2.0 cannot compare an array of text with one of numbers."""
    return a == b if isinstance(a, str) or isinstance(b, str) else np.array_equal(a, b)


def _picture(still, layer, ratio):
    """Return a box with both parts of a picture on top of each other.

    It is as wide as the page. In a low window, with the controls above the picture, it is narrower, to leave room for
    the sentence; but never so narrow that its text gets small.
    """
    for svg in (still, layer):
        svg.layout.grid_area = "1 / 1"  # both in the same cell of the grid
    room = f"max(640px, (100vh - 200px) * {ratio:.3f})"
    box = ipywidgets.GridBox([still, layer], layout={"width": "100%", "max_width": room})
    return box.add_class("lstm-picture")


def _box(name, children):
    """Return a box with a class name that `panel.css` lays out."""
    return ipywidgets.Box(children).add_class(name)

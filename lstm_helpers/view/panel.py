"""A slider panel: controls in a rail, a live picture beside them, one sentence that says what it shows."""

import html
from functools import partial

import ipywidgets
import numpy as np

from lstm_helpers._arguments import refuse, short_traceback
from lstm_helpers.view.access import voice
from lstm_helpers.view.controls import Choice
from lstm_helpers.view.lifetime import close_with, shown, somebody_is_there, view_of, weakly
from lstm_helpers.view.live import LiveFigure, on_main_thread, share_time, stored_picture
from lstm_helpers.view.prediction import clause, keep_apart


class Panel:
    """What every explorer is: a state, and what shows it: controls, a live picture and a sentence.

    The state is a dictionary, the only copy of the panel's numbers. It is replaced at each move, never written into.
    A subclass gives `title` and `show(**state)`, a pure function from the state to `(data, sentence)`: what the
    picture's `update` draws and what is said about it. Where a control does not stand for the value of its own name,
    the subclass says so in two more pure functions: `positions` and `after_move`.

    Args:
        picture: has `figure`, `moving` and `update(data)`, which returns true when what stands still has changed.
        rows: the controls, in lists.
        state: where the panel opens, which is its first preset, "start".
        presets: name -> the part of a state that its button sets, or a function from the state to that.
        predictions: what the learner predicted, each a `Prediction`; none if nothing is predicted yet.
        asked: whose predictions they are, and to which question; if not given, the learner's, to none. Has
            `clause(predictions, data)`, what is said of them; `picture(predictions, show)`, one more picture that shows
            them, or None; and `report()`, which is called once they are drawn, and returns a sentence for the learner.

    Attributes:
        state, sentence: what is shown, as numbers and in words.
        controls: name -> `Control`, in the order of the rail.
        chips: name of a preset -> its button.
    """

    title = "Panel"

    def __init__(self, picture, rows, state, presets, predictions=(), asked=None):
        self.picture, self.state, self._predictions = picture, state, list(predictions)
        self.presets, self._pressed = {"start": state} | presets, "start"
        controls = [control for row in rows for control in row]
        controls.sort(key=lambda control: isinstance(control, Choice))  # the sliders first
        self.controls = {control.name: control for control in controls}
        self._clause = asked.clause if asked else _clause
        drawn_over = [artist for prediction in self._predictions for artist in prediction.artists]
        self._live = LiveFigure(picture.figure, [*picture.moving, *drawn_over])
        self._class = asked and asked.picture(self._predictions, partial(self.show, **state))
        self._live_class = LiveFigure(self._class.figure, self._class.moving) if self._class else None
        self._drawing_requested = False
        share_time()
        self._build()
        for name, value in self.positions(state).items():
            self.controls[name].show(value)
            self.controls[name].on_move(self._control_moved)
        self._draw(redraw=True)
        if asked and (notice := asked.report()):
            self._view.children += (ipywidgets.HTML(html.escape(notice)).add_class("lstm-notice"),)

    def show(self, **state):
        """The data that the picture draws at a state, and the sentence that says what it shows."""
        raise NotImplementedError

    def positions(self, state):
        """Where the controls stand at a state: name -> value."""
        return {name: state[name] for name in self.controls}

    def after_move(self, state, name, value):
        """The new state when the control `name` is moved to `value`. The state itself stays as it is."""
        return state | {name: value}

    @short_traceback
    def move(self, **values):
        """Move controls, as a hand would, and draw once.

        Raises:
            ValueError: there is no such control, or it cannot take that value. Then nothing has moved.
        """
        for name in values:
            if name not in self.controls:
                refuse(ValueError, f"there is no control {name!r}; there are {', '.join(self.controls)}")
        state = self.state
        for name, value in {name: self.controls[name].checked(value) for name, value in values.items()}.items():
            state = self.after_move(state, name, value)
        self._go_to(state, values)
        self._draw()

    @short_traceback
    def choose(self, preset):
        """Press the button of a preset."""
        if preset not in self.presets:
            refuse(ValueError, f"there is no preset {preset!r}; there are {', '.join(self.presets)}")
        self._pressed = preset
        change = self.change(preset, self.state)
        self._go_to(self.state | change, change)
        self._draw()

    def go_to(self, state):
        """Go to a state that moves and presets lead to, and draw once."""
        self._go_to(state)
        self._draw()

    def change(self, preset, state):
        """What a preset sets at a state."""
        change = self.presets[preset]
        return change(state) if callable(change) else change

    def held(self, state):
        """Return the names of the presets that would change nothing at a state, "start" last."""
        names = [*list(self.presets)[1:], "start"]
        return [name for name in names if self._holds(name, state)]

    def _holds(self, preset, state):
        return all(np.array_equal(state[name], value) for name, value in self.change(preset, state).items())

    def frame(self):
        """What is shown now, in pieces: the still part, the definitions and groups of the layer, and the sentence."""
        return self._still.value, self._live.parts(), self.sentence

    def _control_moved(self, name, value):
        """A hand has moved a control: its own value has changed, so the controls are told only where they changed."""
        self._go_to(self.after_move(self.state, name, value))
        self._request_drawing()

    def _go_to(self, state, names=()):
        """Go to a state, and tell the controls whose values it changes, and those that are named in any case."""
        before, now = self.positions(self.state), self.positions(state)
        self.state = state
        for name, value in now.items():
            if value != before[name] or name in names:
                self.controls[name].show(value)

    def _build(self):
        self._still, self._layer, self._words = (ipywidgets.HTML() for _ in range(3))
        self._layer.add_class("lstm-layer")
        self._words.add_class("lstm-sentence")
        self._words.add_class("lstm-spoken")
        self.chips = {name: ipywidgets.Button(description=name).add_class("lstm-chip") for name in self.presets}
        for chip in self.chips.values():
            chip.on_click(weakly(self._chip_clicked))
        tries = _box("lstm-flow", [ipywidgets.Label("Try:"), *self.chips.values()])
        rail = _box("lstm-rail", [*(control.widget for control in self.controls.values()), tries])
        width, height = self._live.size()
        pictures = [_picture(self._still, self._layer, width / height)]
        if self._class:
            self._layer_of_class = ipywidgets.HTML()
            still = ipywidgets.HTML(self._live_class.still())
            pictures.append(_picture(still, self._layer_of_class, width / height))
        self._view = _box("lstm-view", [*pictures, self._words])
        self.widget = ipywidgets.VBox([_box("lstm-body", [rail, self._view]), voice(self.title)])
        self.widget.add_class("lstm-panel")
        close_with(self, self.widget)

    def _chip_clicked(self, button):
        on_main_thread(partial(self.choose, button.description))

    def _request_drawing(self):
        """Have it drawn on the main thread. Requests that come before it is drawn are met by one drawing."""
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
            compared = self._clause(self._predictions, data)
            self.sentence = " ".join(filter(None, [self.sentence, compared]))
            if redraw:
                self._still.value = self._live.still()
            self._layer.value = self._live.layer(f"{self.title}. {self.sentence}")
            if self._class:
                self._class.update(data)
                self._layer_of_class.value = self._live_class.layer(compared)
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
        shown(self)
        data, metadata = stored_picture(self._live, f"{self.title}. {self.sentence}")
        if somebody_is_there():  # a page prefers the panel to its picture, also where the panel can no longer live
            data = view_of(self.widget) | data
        return data, metadata


def _clause(predictions, data):
    return clause(predictions, data) if predictions else ""


def _picture(still, layer, ratio):
    """Both parts of a picture, over one another.

    As wide as the page allows; but where the window is low, and the controls stand over it, only as wide as leaves
    room for the sentence under it, and at least as wide as keeps its text as large as on a page of normal size.
    """
    for svg in (still, layer):
        svg.layout.grid_area = "1 / 1"  # both in the one cell of the grid: the layer lies over the still part
    room = f"max(640px, (100vh - 200px) * {ratio:.3f})"
    box = ipywidgets.GridBox([still, layer], layout={"width": "100%", "max_width": room})
    return box.add_class("lstm-picture")


def _box(name, parts):
    """A box that `panel.css` lays out by this name."""
    return ipywidgets.Box(parts).add_class(name)

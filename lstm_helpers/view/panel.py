"""A slider panel: controls above, a live picture under them, one sentence that says what it shows."""

import html
from functools import partial

import ipywidgets

from lstm_helpers._arguments import refuse, short_traceback
from lstm_helpers.view.access import voice
from lstm_helpers.view.lifetime import close_with, shown, somebody_is_there, weakly
from lstm_helpers.view.live import LiveFigure, on_main_thread, stored_picture
from lstm_helpers.view.prediction import clause


class Panel:
    """What every explorer is: a state, and what shows it: controls, a live picture and a sentence.

    The state is a dictionary, the only copy of the panel's numbers. It is replaced at each move, never written into.
    A subclass gives `title` and `show(**state)`, a pure function from the state to `(data, sentence)`: what the
    picture's `update` draws and what is said about it. Where a control does not stand for the value of its own name,
    the subclass says so in two more pure functions: `positions` and `after_move`.

    Args:
        picture: has `figure`, `moving` and `update(data)`, which returns true when what stands still has changed.
        rows: the controls, a list of them for each row of the panel.
        state: where the panel opens.
        presets: name -> the part of a state that its button sets, or a function from the state to that.
        predictions: what the learner predicted, each a `Prediction`; none if nothing is predicted yet.

    Attributes:
        state, sentence: what is shown, as numbers and in words.
        controls: name -> `Control`.
    """

    title = "Panel"

    def __init__(self, picture, rows, state, presets, predictions=()):
        self.picture, self.state, self.presets, self._predictions = picture, state, presets, list(predictions)
        self.controls = {control.name: control for row in rows for control in row}
        drawn_over = [artist for prediction in self._predictions for artist in prediction.artists]
        self._live = LiveFigure(picture.figure, [*picture.moving, *drawn_over])
        self._drawing_requested = False
        self._build(rows)
        for name, value in self.positions(state).items():
            self.controls[name].show(value)
            self.controls[name].on_move(self._control_moved)
        self._draw(redraw=True)

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
        change = self.presets[preset]
        if callable(change):
            change = change(self.state)
        self._go_to(self.state | change, change)
        self._draw()

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

    def _build(self, rows):
        self._still, self._layer, self._words = (ipywidgets.HTML() for _ in range(3))
        for svg in (self._still, self._layer):
            svg.layout.grid_area = "1 / 1"  # both in the one cell of the grid: the layer lies over the still part
        self._layer.add_class("lstm-layer")
        self._words.add_class("lstm-sentence")
        self._words.add_class("lstm-spoken")
        picture = ipywidgets.GridBox([self._still, self._layer], layout={"width": "100%", "max_width": "960px"})
        buttons = [ipywidgets.Button(description=name, layout={"width": "auto"}) for name in self.presets]
        for button in buttons:
            button.on_click(weakly(self._pressed))
        wrap = {"flex_flow": "row wrap"}
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HBox(buttons, layout=wrap),
                *(ipywidgets.HBox([control.widget for control in row], layout=wrap) for row in rows),
                picture,
                self._words,
                voice(self.title),
            ]
        )
        self.widget.add_class("lstm-panel")
        close_with(self, self.widget)

    def _pressed(self, button):
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
            for prediction in self._predictions:
                prediction.update(data)
            if self._predictions:
                self.sentence += " " + clause(self._predictions, data)
            if redraw:
                self._still.value = self._live.still()
            self._layer.value = self._live.layer(f"{self.title}. {self.sentence}")
            self._words.value = _paragraph(self.sentence)
        except Exception as error:
            self._words.value = _paragraph(f"This could not be drawn. {type(error).__name__}: {error}")
            raise

    def _repr_mimebundle_(self, include=None, exclude=None):
        shown(self)
        data, metadata = stored_picture(self._live, f"{self.title}. {self.sentence}")
        if somebody_is_there():  # a page prefers the panel to its picture, also where the panel can no longer live
            data = self.widget._repr_mimebundle_() | data
        return data, metadata


def _paragraph(text):
    return f'<div style="font-size: 16px; line-height: 1.5">{html.escape(text)}</div>'

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
    """What every explorer is: controls, presets, a live picture and a sentence.

    A subclass gives `title` and `show(**values)`, a pure function from the values of the controls to
    `(data, sentence)`: what the picture's `update` draws and what is said about it.

    Args:
        picture: has `figure`, `moving` and `update(data)`, which returns true when what stands still has changed.
        rows: the controls, a list of `Slider` and `Choice` for each row of the panel.
        presets: name -> values for some of the controls.
        predictions: what the learner predicted, each a `Prediction`; none if nothing is predicted yet.
    """

    title = "Panel"

    def __init__(self, picture, rows, presets, predictions=()):
        self.picture, self._predictions = picture, list(predictions)
        self.controls = {control.name: control for row in rows for control in row}
        self.presets = presets
        drawn_over = [artist for prediction in self._predictions for artist in prediction.artists]
        self._live = LiveFigure(picture.figure, [*picture.moving, *drawn_over])
        self._asked = False
        self._build(rows)
        self._draw(redraw=True)
        for control in self.controls.values():
            control.on_move(self._moved)

    @property
    def values(self):
        """What the controls say, by name."""
        return {name: control.value for name, control in self.controls.items()}

    @short_traceback
    def move(self, **values):
        """Move controls, as a hand would, and draw once.

        Raises:
            ValueError: there is no such control, or it cannot take that value. Then nothing has moved.
        """
        for name in values:
            if name not in self.controls:
                refuse(ValueError, f"there is no control {name!r}; there are {', '.join(self.controls)}")
        for name, value in {name: self.controls[name].checked(value) for name, value in values.items()}.items():
            self.controls[name].put(value)
            self.follow(name, value)
        self._draw()

    @short_traceback
    def choose(self, preset):
        """Press the button of a preset."""
        if preset not in self.presets:
            refuse(ValueError, f"there is no preset {preset!r}; there are {', '.join(self.presets)}")
        self.apply(self.presets[preset])
        self._draw()

    def apply(self, preset):
        """Take a preset's values."""
        for name, value in preset.items():
            self.controls[name].put(value)

    def follow(self, name, value):
        """What else changes with a control. Nothing, unless a subclass says so."""

    def show(self, **values):
        """The data that the picture draws at these values, and the sentence that says what it shows."""
        raise NotImplementedError

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

    def _moved(self, name, value):
        self.follow(name, value)
        self._ask()

    def _ask(self):
        """Have it drawn on the main thread. Requests that come before it is drawn are met by one drawing."""
        if not self._asked:
            self._asked = True
            on_main_thread(self._draw)

    def _draw(self, redraw=False):
        self._asked = False
        try:
            data, self.sentence = self.show(**self.values)
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

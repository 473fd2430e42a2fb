"""A slider panel: controls above, a live picture under them, one sentence that says what it shows."""

import base64
import html
from dataclasses import dataclass
from functools import partial

import ipywidgets

from lstm_helpers._arguments import one_frame, real_array, refuse
from lstm_helpers.view.live import LiveFigure, on_main_thread
from lstm_helpers.view.style import INK


@dataclass(frozen=True)
class Control:
    """One thing to move: `input.value` is what it says, `box` is what stands in the panel."""

    name: str
    input: ipywidgets.ValueWidget
    box: ipywidgets.Widget


def slider(name, words, value, low, high, step=0.01):
    """A slider with its name in its color and a box to type the number in.

    Args:
        name: the symbol it moves, as in the equations.
        words: what the symbol means, in a word or two.
        value, low, high, step: where it starts, its ends, and how far an arrow key moves it.
    """
    value = float(real_array(name, value, ndim=0, within=(low, high)))
    limits = {"value": value, "min": low, "max": high, "step": step}
    color = INK.get(name.split("_")[0], INK["c"])
    label = ipywidgets.HTML(
        f'<span style="color: {color}"><b>{html.escape(name)}</b> {html.escape(words)}</span>',
        layout={"width": "148px"},
    )
    handle = ipywidgets.FloatSlider(**limits, readout=False, tooltip=f"{name} {words}", layout={"width": "150px"})
    handle.style.handle_color = color
    box = ipywidgets.BoundedFloatText(**limits, tooltip=f"{name} {words}: type a number", layout={"width": "72px"})
    link = ipywidgets.jslink((handle, "value"), (box, "value"))
    row = ipywidgets.HBox([label, handle, box], layout={"align_items": "center", "margin": "0 14px 0 0"})
    row.link = link  # it lives as long as the row
    return Control(name, handle, row)


def choice(name, words, options, value):
    """A row of buttons of which one is pressed.

    Args:
        name: what is chosen.
        words: the label in front of the buttons.
        options: label -> value.
        value: the value that is chosen at first.
    """
    label = ipywidgets.HTML(html.escape(words), layout={"width": "148px"})
    buttons = ipywidgets.ToggleButtons(
        options=list(options.items()), value=value, style={"button_width": "auto"}, tooltips=[words] * len(options)
    )
    row = ipywidgets.HBox([label, buttons], layout={"align_items": "center", "margin": "0 14px 0 0"})
    return Control(name, buttons, row)


class Panel:
    """What every explorer is: controls, presets, a live picture and a sentence.

    A subclass gives `title` and `show(**values)`, a pure function from the values of the controls to
    `(data, sentence)`: what the picture's `update` draws and what is said about it.

    Args:
        picture: has `figure`, `moving` and `update(data)`, which returns true when what stands still has changed.
        controls: a list of `Control`.
        presets: name -> values for some of the controls.
    """

    title = "Panel"

    def __init__(self, picture, controls, presets):
        self.picture = picture
        self.controls = {control.name: control for control in controls}
        self.presets = presets
        self._live = LiveFigure(picture.figure, picture.moving)
        self._quiet = self._asked = False
        self._build()
        self._draw(redraw=True)
        for control in controls:
            control.input.observe(partial(self._moved, control.name), "value")

    @property
    def values(self):
        """What the controls say, by name."""
        return {name: control.input.value for name, control in self.controls.items()}

    @one_frame
    def move(self, **values):
        """Move controls, as a hand would, and draw once.

        Raises:
            ValueError: there is no such control, or it cannot take that value. Then nothing has moved.
        """
        for name, value in values.items():
            if name not in self.controls:
                refuse(ValueError, f"there is no control {name!r}; there are {', '.join(self.controls)}")
            control = self.controls[name].input
            if hasattr(control, "min"):
                real_array(name, value, ndim=0, within=(control.min, control.max))
            elif value not in (options := [v for _, v in control.options]):
                refuse(ValueError, f"{name} must be one of {options}, got {value!r}")
        self._set(values)
        self._draw()

    @one_frame
    def choose(self, preset):
        """Press the button of a preset."""
        if preset not in self.presets:
            refuse(ValueError, f"there is no preset {preset!r}; there are {', '.join(self.presets)}")
        self.apply(self.presets[preset])
        self._draw()

    def apply(self, preset):
        """Take a preset's values."""
        self._set(preset)

    def put(self, values):
        """Put values into the controls, and do nothing more."""
        self._quiet = True
        try:
            for name, value in values.items():
                self.controls[name].input.value = value
        finally:
            self._quiet = False

    def follow(self, name, value):
        """What else changes with a control. Nothing, unless a subclass says so."""

    def show(self, **values):
        """The data that the picture draws at these values, and the sentence that says what it shows."""
        raise NotImplementedError

    def _build(self):
        self._still, self._layer, self._words = (ipywidgets.HTML() for _ in range(3))
        for svg in (self._still, self._layer):
            svg.layout.grid_area = "1 / 1"  # both in the one cell of the grid: the layer lies over the still part
        self._layer.add_class("lstm-layer")
        picture = ipywidgets.GridBox([self._still, self._layer], layout={"width": "100%", "max_width": "960px"})
        buttons = [ipywidgets.Button(description=name, layout={"width": "auto"}) for name in self.presets]
        for button in buttons:
            button.on_click(lambda pressed: on_main_thread(partial(self.choose, pressed.description)))
        wrap = {"flex_flow": "row wrap"}
        controls = [control.box for control in self.controls.values()]
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HBox(buttons, layout=wrap),
                ipywidgets.HBox(controls, layout=wrap),
                picture,
                self._words,
            ]
        )

    def _set(self, values):
        for name, value in values.items():
            self.put({name: value})
            self.follow(name, value)

    def _moved(self, name, change):
        if not self._quiet:
            self.follow(name, change.new)
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
            if redraw:
                self._still.value = self._live.still()
            self._layer.value = self._live.layer(f"{self.title}. {self.sentence}")
            self._words.value = _paragraph(self.sentence)
        except Exception as error:
            self._words.value = _paragraph(f"This could not be drawn. {type(error).__name__}: {error}")
            raise

    def _repr_mimebundle_(self, include=None, exclude=None):
        width, height = self._live.size()
        alt = f"{self.title}. {self.sentence}"
        png = base64.b64encode(self._live.png()).decode("ascii")
        data = {**self.widget._repr_mimebundle_(), "text/plain": alt, "image/png": png}
        return data, {"image/png": {"width": round(width), "height": round(height), "alt": alt}}


def _paragraph(text):
    return f'<div aria-live="polite" style="font-size: 16px; line-height: 1.5">{html.escape(text)}</div>'

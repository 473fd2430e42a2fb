"""The things a hand can move: a slider with a box for its number, a row of buttons, a box to type text in."""

import html

import ipywidgets

from lstm_helpers._arguments import real_array, refuse
from lstm_helpers.view.lifetime import weakly
from lstm_helpers.view.style import INK

_ROW = {"align_items": "center", "margin": "0 12px 0 0"}


def _named(label, *parts):
    """A row whose parts have their name from the label in front of them: see `access.voice`."""
    label.add_class("lstm-name")
    row = ipywidgets.HBox([label, *parts], layout=_ROW)
    row.add_class("lstm-control")
    return row


class Slider:
    """A slider and a box for the same number.

    The browser moves a slider's handle to the nearest step and reports that as a move. Taken at its word, it would
    round every weight to two decimals as soon as a panel is shown. So the number itself is kept here, and a report
    that the handle is where it was changes nothing. Nor is a handle that reports a move told where it is: in a drag it
    would hear of it late, and be put back to where it was some moves ago.

    Args:
        name: what it moves, as in the code: `c_prev`.
        value, low, high, step: where it starts, its ends, and how far an arrow key moves it.
        words: what the number is, in a word or two.
        label: what stands in front of it; its name if not given.
        label_width: in pixels; equal widths line the sliders up.
    """

    def __init__(self, name, value, low, high, *, step=0.01, words="", label=None, label_width=112):
        self.name, self._step, self._quiet, self._moved = name, step, False, None
        self.handle = ipywidgets.FloatSlider(
            min=low, max=high, step=step, readout=False, tooltip=f"{name} {words}".strip(), layout={"width": "140px"}
        )
        self.box = ipywidgets.BoundedFloatText(
            min=low, max=high, step=step, tooltip=f"{name} {words}".strip() + ", as a number", layout={"width": "66px"}
        )
        ink = name.split("_")[0] if name.split("_")[0] in INK else "c"
        self.handle.style.handle_color = INK[ink]
        text = f"<b>{html.escape(label or name)}</b> {html.escape(words)}"
        self.widget = _named(ipywidgets.HTML(text, layout={"width": f"{label_width}px"}), self.handle, self.box)
        self.widget.add_class(f"lstm-ink-{ink}")
        self.put(self.checked(value))
        self.handle.observe(weakly(self._handle_moved), "value")
        self.box.observe(weakly(self._typed), "value")

    def checked(self, value):
        """The value as a number, or a `ValueError` or `TypeError` that names this control and its ends."""
        return float(real_array(self.name, value, ndim=0, within=(self.handle.min, self.handle.max)))

    def put(self, value):
        """Go to a value without reporting a move."""
        low, step = self.handle.min, self._step
        self.value = value
        self._rests_at = min(low + round((value - low) / step) * step, self.handle.max)
        self._quiet = True
        try:
            if abs(self.handle.value - value) > 1e-9:
                self.handle.value = value
            self.box.value = round(value, 4)
        finally:
            self._quiet = False

    def on_move(self, call):
        """Have `call(name, value)` done whenever a hand moves it."""
        self._moved = call

    def _handle_moved(self, change):
        if not self._quiet and abs(change.new - self._rests_at) > self._step / 4:
            self._go(round(change.new, 9))

    def _typed(self, change):
        if not self._quiet:
            self._go(change.new)

    def _go(self, value):
        self.put(value)
        if self._moved is not None:
            self._moved(self.name, value)


class Choice:
    """A row of buttons of which one is pressed.

    Args:
        name: what is chosen.
        options: label -> value.
        words: what stands in front of the buttons.
        value: what is chosen at first; the first option if not given.
    """

    def __init__(self, name, options, words, value=None):
        self.name, self._options, self._quiet, self._moved = name, options, False, None
        self.buttons = ipywidgets.ToggleButtons(
            options=list(options.items()), style={"button_width": "auto"}, tooltips=[words] * len(options)
        )
        if value is not None:
            self.buttons.value = value
        self.widget = _named(ipywidgets.Label(words, layout={"flex": "0 0 auto"}), self.buttons)  # buttons make room
        self.buttons.observe(weakly(self._pressed), "value")

    @property
    def value(self):
        """The value that is chosen."""
        return self.buttons.value

    def checked(self, value):
        """The value, or a `ValueError` that names this control and what there is to choose from."""
        if value not in self._options.values():
            refuse(ValueError, f"{self.name} must be one of {list(self._options.values())}, got {value!r}")
        return value

    def put(self, value):
        """Choose a value without reporting a move."""
        self._quiet = True
        try:
            self.buttons.value = value
        finally:
            self._quiet = False

    def on_move(self, call):
        """Have `call(name, value)` done whenever a hand presses another button."""
        self._moved = call

    def _pressed(self, change):
        if not self._quiet and self._moved is not None:
            self._moved(self.name, change.new)


class Text:
    """A box to type text in, and beside it, where the text is refused, why.

    Every key that is pressed is a move. A text that is refused stays in the box, and changes nothing.

    Args:
        name: what is typed.
        value: the text at first.
        check: a function that returns the text as it is to be taken, or refuses it with a `ValueError`.
        words: what may be typed, for the tooltip.
    """

    def __init__(self, name, value, check, *, words=""):
        self.name, self._check, self._quiet, self._moved = name, check, False, None
        self.box = ipywidgets.Text(continuous_update=True, tooltip=f"{name}: {words}", layout={"width": "320px"})
        self.complaint = ipywidgets.HTML()
        label = ipywidgets.HTML(f"<b>{html.escape(name)}</b>", layout={"width": "112px"})
        for name_of_class in ("lstm-complaint", "lstm-spoken", "lstm-ink-f"):
            self.complaint.add_class(name_of_class)
        self.widget = _named(label, self.box, self.complaint)
        self.widget.layout.flex_flow = "row wrap"
        self.put(self.checked(value))
        self.box.observe(weakly(self._typed), "value")

    def checked(self, value):
        """The text as it is to be taken, or an error that says what is wrong with it."""
        return self._check(value)

    def put(self, value):
        """Go to a text without reporting a move."""
        self.value = value
        self._complain("")
        self._quiet = True
        try:
            self.box.value = value
        finally:
            self._quiet = False

    def on_move(self, call):
        """Have `call(name, value)` done whenever a hand types a text that is taken."""
        self._moved = call

    def _typed(self, change):
        if self._quiet:
            return
        try:
            value = self.checked(change.new)
        except ValueError as error:
            self._complain(str(error))
            return
        self.put(value)
        if self._moved is not None:
            self._moved(self.name, value)

    def _complain(self, sentence):
        text = f'<div style="line-height: 1.4">{html.escape(sentence)}</div>'
        if self.complaint.value != text:
            self.complaint.value = text

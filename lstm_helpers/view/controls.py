"""Controls of a panel: a slider with a number box, a row of buttons, a text box, a player.

A control is a view of one value of the panel's state. The panel tells it what to show (`show`). When the user moves it,
it reports the new value to the panel, which changes its state and tells every control what to show now. A control
remembers only `shown`, the value it was last given: if the page reports that same value back, that is not a move.
"""

import html

import ipywidgets

from lstm_helpers._arguments import real_array, refuse, whole_number
from lstm_helpers.view.lifetime import weakly
from lstm_helpers.view.style import INK

_PLAYING = "playing" if hasattr(ipywidgets.Play, "playing") else "_playing"  # private in ipywidgets 7
_OFF_CENTER = 1e-7  # added to the box of a mixed slider, so that typing the number in the middle is a change, too


class Control:
    """A view of one value.

    Attributes:
        name: of the value, as in the code: `c_prev`.
        shown: the value it shows.
        widget: its widget on the page.
    """

    def __init__(self, name, label, *parts, kind):
        self.name, self.shown, self._callback, self._label = name, None, None, label
        label.add_class("lstm-name")  # panel.js names the parts after this label
        self.widget = ipywidgets.Box([label, *parts]).add_class("lstm-control").add_class(kind)

    def checked(self, value):
        """Return the value in the control's own type, or refuse it with an error that names the control."""
        raise NotImplementedError

    def show(self, value):
        """Show a value. This is not a move."""
        raise NotImplementedError

    def on_move(self, callback):
        """Call `callback(name, value)` whenever the user moves this control to another value."""
        self._callback = callback

    def facts(self):
        """Return the control as data, for a page without a kernel: name, kind, label as HTML, and possible values."""
        return {"name": self.name, "kind": type(self).__name__.lower(), "label": self._label.value, **self._facts()}

    def _facts(self):
        return {}

    def _widget_reports(self, change):
        if change.new != self.shown:
            self._report(change.new)

    def _report(self, value):
        if self._callback is not None:
            self._callback(self.name, value)


def checked_values(controls, values):
    """Return the values by name, each as its control takes it.

    Args:
        controls: the controls, whose names are the keys of the result, in this order.
        values: name -> value; other names are ignored.

    Raises:
        ValueError, TypeError: from the first control that cannot take its value.
    """
    return {control.name: control.checked(values[control.name]) for control in controls}


class Slider(Control):
    """A slider and a box for the same number.

    The browser snaps a handle to the nearest step and reports that as a move. If that counted, showing a panel would
    round every weight to two decimals. So a report changes nothing if the handle is where `show` put it, or at the step
    next to that. A handle that reports a move gets no echo: during a drag the echo would arrive late and pull it back.

    The box shows two decimals; the value keeps all of its digits.

    A slider of several numbers that differ shows None: a hollow handle in the middle, and "mixed" in the box. From
    there every report is a move.

    Args:
        name: of the value, as in the code: `c_prev`.
        low, high, step: both ends, and the distance that an arrow key moves it.
        words: a word or two about the value, after the label.
        label: the label; None: the name.
    """

    def __init__(self, name, low, high, *, step=0.01, words="", label=None):
        # The slider of ipywidgets 7 counts steps from the lower end, and stops before the upper end if the last step
        # overshoots it, even by rounding (0.9500000000000002). So the handle ends where the last step does.
        last = max(high, low + round((high - low) / step) * step)
        self.handle = ipywidgets.FloatSlider(min=low, max=last, step=step, readout=False)
        self.box = ipywidgets.BoundedFloatText(min=low, max=high, step=step)
        symbol = name.split("_")[0]
        self._ink = symbol if symbol in INK else "x"
        self._label_name = label or name
        text = _label(self._label_name, words, tooltip=f"{name} {words}".strip())
        super().__init__(name, text, self.handle, self.box, kind="lstm-slider")
        self.widget.add_class(f"lstm-ink-{self._ink}")
        self.handle.observe(weakly(self._handle_reports), "value")
        self.box.observe(weakly(self._box_reports), "value")

    def checked(self, value):
        """Return the value as a float; refuse what is not a number between the ends."""
        return float(real_array(self.name, value, ndim=0, within=(self.handle.min, self.handle.max)))

    def show(self, value):
        """Show a number, or None for several that differ."""
        self.shown = value
        if value is not None:
            self.widget.remove_class("lstm-mixed")
        if not _equal(self.handle.value, self._on_track()):
            self.handle.value = self._on_track()
        self.box.value = self._in_box()
        if value is None:
            self.widget.add_class("lstm-mixed")  # last, because the page then empties the box

    def end_at(self, high, words):
        """Change the upper end, which must not be below the value, and the words after the label."""
        self.handle.max = self.box.max = high
        self._label.value = _label_html(self._label_name, words, tooltip=f"{self.name} {words}".strip())

    def _facts(self):
        return {"ink": self._ink, "min": self.box.min, "max": self.box.max, "step": self.box.step}

    def _on_track(self):
        return (self.handle.min + self.handle.max) / 2 if self.shown is None else self.shown

    def _in_box(self):
        return self._on_track() + _OFF_CENTER if self.shown is None else round(self.shown, 2)

    def _handle_reports(self, change):
        low, step, shown = self.handle.min, self.handle.step, self._on_track()
        snapped = min(low + round((shown - low) / step) * step, self.handle.max)
        if not _equal(change.new, shown) and abs(change.new - snapped) > step / 4:
            self._report(round(change.new, 9))

    def _box_reports(self, change):
        if change.new != self._in_box():
            self._report(change.new)


def _label(name, words, tooltip):
    return ipywidgets.HTML(_label_html(name, words, tooltip))


def _label_html(name, words, tooltip):
    """Return a label as HTML. It has the tooltip because controls of ipywidgets 7 have none."""
    tooltip, name, words = map(html.escape, (tooltip, name, words))
    return f'<span title="{tooltip}"><b>{name}</b> {words}</span>'


def _equal(a, b):
    return abs(a - b) < 1e-9  # a browser counts 0.30000000000000004


class Choice(Control):
    """A row of buttons, one of which is pressed.

    Args:
        name: of the value.
        options: label -> value.
        words: the label of the row.

    Attributes:
        options: label -> value.
    """

    def __init__(self, name, options, words):
        self.options = options
        self.buttons = ipywidgets.ToggleButtons(
            options=list(options.items()), style={"button_width": "auto"}, tooltips=[words] * len(options)
        )
        super().__init__(name, ipywidgets.Label(words), self.buttons, kind="lstm-flow")
        self.buttons.observe(weakly(self._widget_reports), "value")

    def checked(self, value):
        """Return the value; refuse one that is not among the options."""
        if value not in self.options.values():
            refuse(ValueError, f"{self.name} must be one of {list(self.options.values())}, got {value!r}")
        return value

    def show(self, value):
        """Press the button of a value."""
        self.shown = value
        self.buttons.value = value

    def _facts(self):
        return {"label": html.escape(self._label.value), "options": list(self.options)}


class Text(Control):
    """A text box, with a complaint beside it if the text is refused.

    Every keystroke is a move. A text that is refused stays in the box but changes nothing.

    Args:
        name: of the value.
        check: a function that returns the text to use, or refuses it with a `ValueError`.
        words: which texts are allowed, for the tooltip.
    """

    def __init__(self, name, check, *, words=""):
        self._check = check
        self.box = ipywidgets.Text(continuous_update=True)
        self.complaint = ipywidgets.HTML()
        for class_name in ("lstm-complaint", "lstm-announced", "lstm-ink-f"):
            self.complaint.add_class(class_name)
        text = _label(name, "", tooltip=f"{name}: {words}")
        super().__init__(name, text, self.box, self.complaint, kind="lstm-text")
        self.box.observe(weakly(self._box_reports), "value")

    def checked(self, value):
        """Return the text to use, or refuse it."""
        return self._check(value)

    def show(self, value):
        """Show a text."""
        self.shown = value
        self._complain("")
        self.box.value = value

    def _box_reports(self, change):
        try:
            text = self.checked(change.new)
        except ValueError as error:
            self._complain(str(error))
            return
        if text == self.shown:  # back from a refused text, or the same text in other code points
            self.show(text)
        else:
            self._report(text)

    def _complain(self, sentence):
        self.complaint.value = html.escape(sentence)


class Player(Control):
    """A play button that counts from 0 to `high`, timed by the browser. "step" advances by `stride`.

    If the kernel is slower than the browser, it receives only the latest number, and draws once.

    Args:
        name: of the value: `t`.
        high: the last number.
        words: a word or two about the value, after the label.
        label: the label; None: the name.
        stride: how far "step" advances, at most to the end.
        interval: milliseconds from one number to the next.
    """

    def __init__(self, name, high, *, words="", label=None, stride=1, interval=150):
        self._high, self._stride = high, stride
        self.play = ipywidgets.Play(min=0, max=high, interval=interval, show_repeat=False)
        self.step, self.back = (ipywidgets.Button(description=text) for text in ("step", "back to the start"))
        parts = _label(label or name, words, tooltip=f"{name} {words}".strip()), self.play, self.step, self.back
        super().__init__(name, *parts, kind="lstm-flow")
        self.widget.add_class("lstm-player")
        self.play.observe(weakly(self._widget_reports), "value")
        self.step.on_click(weakly(self._step_clicked))
        self.back.on_click(weakly(self._back_clicked))

    def checked(self, value):
        """Return the value as an int; refuse what is not a whole number from 0 to the end."""
        return whole_number(self.name, value, 0, self._high)

    def show(self, value):
        """Show a number. A running player continues from there."""
        self.shown = value
        self.play.value = value

    def _facts(self):
        return {"min": 0, "max": self._high, "stride": self._stride, "interval": self.play.interval}

    def _step_clicked(self, _):
        self._jump(min(self.shown + self._stride, self._high))

    def _back_clicked(self, _):
        self._jump(0)

    def _jump(self, value):
        """Stop playing and move to a number."""
        setattr(self.play, _PLAYING, False)
        if value != self.shown:
            self._report(value)

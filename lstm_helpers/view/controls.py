"""The things a hand can move: a slider with a box for its number, buttons, a box to type text in, a player.

A control is a view of one value of a panel's state. It shows the value it is told to show, and when a hand moves it, it
asks the panel for another; the panel then tells every control what to show. A control keeps no value of its own but
`shown`, what it was last told: a report of the page that the control is where it was is not a move.
"""

import html

import ipywidgets

from lstm_helpers._arguments import real_array, refuse, whole_number
from lstm_helpers.view.lifetime import weakly
from lstm_helpers.view.style import INK

# What says that a player runs: ipywidgets 7 has it under the second name.
_PLAYING = "playing" if hasattr(ipywidgets.Play, "playing") else "_playing"
_NOWHERE = 1e-7  # so far beside its middle a box stands that shows no number: whatever is typed is another one


class Control:
    """A view of one value.

    Attributes:
        name: of the value, as in the code: `c_prev`.
        shown: what it was last told to show.
        widget: what stands on the page.
    """

    def __init__(self, name, label, *parts, kind):
        self.name, self.shown, self._ask, self._label = name, None, None, label
        label.add_class("lstm-name")  # the parts have their name from the label in front of them: see `access.voice`
        self.widget = ipywidgets.Box([label, *parts]).add_class("lstm-control").add_class(kind)

    def checked(self, value):
        """The value as it is to be taken, or an error that names this control and what it takes."""
        raise NotImplementedError

    def show(self, value):
        """Show a value. That is no move."""
        raise NotImplementedError

    def on_move(self, ask):
        """Have `ask(name, value)` called whenever a hand moves this control to another value."""
        self._ask = ask

    def facts(self):
        """The control as data, for a page without a kernel: its name, its kind, its label as HTML, what it takes."""
        raise NotImplementedError

    def _facts(self, kind, **takes):
        return {"name": self.name, "kind": kind, "label": self._label.value, **takes}

    def _moved(self, value):
        if self._ask is not None:
            self._ask(self.name, value)


def checked_values(controls, values):
    """Return the values by name, each as its control takes it.

    Args:
        controls: the controls to ask, whose names are the keys of the result, in this order.
        values: name -> value; names of no control are left out.

    Raises:
        ValueError, TypeError: from the first control that cannot take its value.
    """
    return {control.name: control.checked(values[control.name]) for control in controls}


class Slider(Control):
    """A slider and a box for the same number.

    The browser moves a slider's handle to the nearest step and reports that as a move. Taken at its word, it would
    round every weight to two decimals as soon as a panel is shown. So a report that the handle is where it was told to
    be, or at the step next to that, changes nothing. Nor is a handle that reports a move told where it is: in a drag it
    would hear of it late, and be put back to where it was some moves ago.

    The box shows two decimals; the number itself is what was typed, or what it was.

    A slider that stands for several numbers which differ is shown None: its handle is hollow and stands in the middle,
    and the box says "mixed". Whatever a hand then does is a move.

    Args:
        name: what it moves, as in the code: `c_prev`.
        low, high, step: its ends, and how far an arrow key moves it.
        words: what the number is, in a word or two.
        label: what stands in front of it; its name if not given.
    """

    def __init__(self, name, low, high, *, step=0.01, words="", label=None):
        # The slider of ipywidgets 7 counts its steps from the lower end. To what lies beyond the upper end, if only by
        # rounding (0.9500000000000002), it does not go: so there its end is.
        last = max(high, low + round((high - low) / step) * step)
        self.handle = ipywidgets.FloatSlider(min=low, max=last, step=step, readout=False)
        self.box = ipywidgets.BoundedFloatText(min=low, max=high, step=step)
        symbol = name.split("_")[0]
        self._ink = symbol if symbol in INK else "x"
        self._name_shown = label or name
        text = _label(self._name_shown, words, tooltip=f"{name} {words}".strip())
        super().__init__(name, text, self.handle, self.box, kind="lstm-slider")
        self.widget.add_class(f"lstm-ink-{self._ink}")
        self.handle.observe(weakly(self._handle_reports), "value")
        self.box.observe(weakly(self._box_reports), "value")

    def checked(self, value):
        """The value as a number, or a `ValueError` or `TypeError` that names this control and its ends."""
        return float(real_array(self.name, value, ndim=0, within=(self.handle.min, self.handle.max)))

    def facts(self):
        """The slider as data."""
        box = self.box
        return self._facts("slider", ink=self._ink, min=box.min, max=box.max, step=box.step)

    def show(self, value):
        """Go to a number, or to None where there are several. That is no move."""
        self.shown = value
        if value is not None:
            self.widget.remove_class("lstm-mixed")
        if not _equal(self.handle.value, self._on_track()):
            self.handle.value = self._on_track()
        self.box.value = self._in_box()
        if value is None:
            self.widget.add_class("lstm-mixed")  # last: the page empties the box as it sees this

    def end_at(self, high, words):
        """Have another upper end, and another word or two beside the name. The value lies below it already."""
        self.handle.max = self.box.max = high
        self._label.value = _labeled(self._name_shown, words, tooltip=f"{self.name} {words}".strip())

    def _on_track(self):
        return (self.handle.min + self.handle.max) / 2 if self.shown is None else self.shown

    def _in_box(self):
        return self._on_track() + _NOWHERE if self.shown is None else round(self.shown, 2)

    def _handle_reports(self, change):
        low, step, told = self.handle.min, self.handle.step, self._on_track()
        rests_at = min(low + round((told - low) / step) * step, self.handle.max)
        if not _equal(change.new, told) and abs(change.new - rests_at) > step / 4:
            self._moved(round(change.new, 9))

    def _box_reports(self, change):
        if change.new != self._in_box():
            self._moved(change.new)


def _label(name, words, tooltip):
    """What stands in front of a control. It has the tooltip, too: ipywidgets 7 has none for the control itself."""
    return ipywidgets.HTML(_labeled(name, words, tooltip))


def _labeled(name, words, tooltip):
    tooltip, name, words = map(html.escape, (tooltip, name, words))
    return f'<span title="{tooltip}"><b>{name}</b> {words}</span>'


def _equal(one, other):
    return abs(one - other) < 1e-9  # a browser counts 0.30000000000000004


class Choice(Control):
    """A row of buttons of which one is pressed.

    Args:
        name: what is chosen.
        options: label -> value.
        words: what stands in front of the buttons.

    Attributes:
        options: as given.
    """

    def __init__(self, name, options, words):
        self.options = options
        self.buttons = ipywidgets.ToggleButtons(
            options=list(options.items()), style={"button_width": "auto"}, tooltips=[words] * len(options)
        )
        super().__init__(name, ipywidgets.Label(words), self.buttons, kind="lstm-flow")
        self.buttons.observe(weakly(self._buttons_report), "value")

    def checked(self, value):
        """The value, or a `ValueError` that names this control and what there is to choose from."""
        if value not in self.options.values():
            refuse(ValueError, f"{self.name} must be one of {list(self.options.values())}, got {value!r}")
        return value

    def facts(self):
        """The row of buttons as data."""
        return self._facts("choice", label=html.escape(self._label.value), options=list(self.options))

    def show(self, value):
        """Press the button of a value. That is no move."""
        self.shown = value
        self.buttons.value = value

    def _buttons_report(self, change):
        if change.new != self.shown:
            self._moved(change.new)


class Text(Control):
    """A box to type text in, and beside it, where the text is refused, why.

    Every key that is pressed is a move. A text that is refused stays in the box, and changes nothing.

    Args:
        name: what is typed.
        check: a function that returns the text as it is to be taken, or refuses it with a `ValueError`.
        words: what may be typed, for the tooltip.
    """

    def __init__(self, name, check, *, words=""):
        self._check = check
        self.box = ipywidgets.Text(continuous_update=True)
        self.complaint = ipywidgets.HTML()
        for name_of_class in ("lstm-complaint", "lstm-spoken", "lstm-ink-f"):
            self.complaint.add_class(name_of_class)
        text = _label(name, "", tooltip=f"{name}: {words}")
        super().__init__(name, text, self.box, self.complaint, kind="lstm-text")
        self.box.observe(weakly(self._box_reports), "value")

    def checked(self, value):
        """The text as it is to be taken, or an error that says what is wrong with it."""
        return self._check(value)

    def facts(self):
        """The box as data."""
        return self._facts("text")

    def show(self, value):
        """Go to a text. That is no move."""
        self.shown = value
        self._complain("")
        self.box.value = value

    def _box_reports(self, change):
        try:
            text = self.checked(change.new)
        except ValueError as error:
            self._complain(str(error))
            return
        if text == self.shown:  # as it was before one that was refused, or the same in other code points
            self.show(text)
        else:
            self._moved(text)

    def _complain(self, sentence):
        self.complaint.value = html.escape(sentence)


class Player(Control):
    """A whole number that runs by itself: from 0 up to its end, in the browser's time, and a stride at a press.

    The browser counts. Where the kernel is slower than that, it gets the latest number alone, and draws once.

    Args:
        name: what is moved: `t`.
        high: the last number.
        words: what the number is, in a word or two.
        label: what stands in front of it; its name if not given.
        stride: how far a press of "step" goes, at most to the end.
        interval: milliseconds from one number to the next.
    """

    def __init__(self, name, high, *, words="", label=None, stride=1, interval=150):
        self._high, self._stride = high, stride
        self.play = ipywidgets.Play(min=0, max=high, interval=interval, show_repeat=False)
        self.step, self.back = (ipywidgets.Button(description=does) for does in ("step", "back to the start"))
        parts = _label(label or name, words, tooltip=f"{name} {words}".strip()), self.play, self.step, self.back
        super().__init__(name, *parts, kind="lstm-flow")
        self.widget.add_class("lstm-player")
        self.play.observe(weakly(self._play_reports), "value")
        self.step.on_click(weakly(self._stepped))
        self.back.on_click(weakly(self._went_back))

    def checked(self, value):
        """The value as an int, or a `ValueError` or `TypeError` that names this control and its ends."""
        return whole_number(self.name, value, 0, self._high)

    def facts(self):
        """The player as data."""
        return self._facts("player", min=0, max=self._high, stride=self._stride, interval=self.play.interval)

    def show(self, value):
        """Go to a number. That is no move, and what plays plays on from there."""
        self.shown = value
        self.play.value = value

    def _play_reports(self, change):
        if change.new != self.shown:
            self._moved(change.new)

    def _stepped(self, _):
        self._go_to(min(self.shown + self._stride, self._high))

    def _went_back(self, _):
        self._go_to(0)

    def _go_to(self, value):
        """Go there by hand, which ends the play."""
        setattr(self.play, _PLAYING, False)
        if value != self.shown:
            self._moved(value)

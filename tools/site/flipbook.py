"""Flip books: the panels of a notebook as pictures that a page turns over by itself, with no kernel.

The panels are the notebook's own: its cells are run, each panel that one of them shows is moved as a hand would, and
what it then draws and says is written down. So a book cannot say anything else than its panel does.

A panel may stand in more ways than a book can hold. A book has *settings*: where the panel opens, where its presets
lead, where one more button leads from there, and on as long as the budget of a page lasts. At each setting every
slider and player is moved alone: over some forty places where a preset has led from the opening, over thirteen
elsewhere. Where the book ends, a button leads to where it does from the preset that was pressed before.

A book, as `book` makes it:

    title, width, height    of the panel, and of its picture in units of the SVG
    head                    the opening tag of the layer that lies over what stands still
    stills, sentences       the elements that stand still; what is said: folded (see `fold`)
    parts                   for each moving artist, the groups that it is drawn as, folded
    frames                  columns, each number as its difference from the one before: which of the stills each frame
                            has, which sentence, and which group of each artist
    controls                `Control.facts` of each, in the order of the panel
    presets                 their names, in the order of the buttons
    settings                where one can stand: see below
    opens                   the setting where the panel opens

A setting:

    positions               where each control stands: a number, null if it stands for several that differ; the label
                            of a choice
    holds                   the presets that hold, "start" last: the page marks the one pressed last, else the first
    frame                   what is shown
    presets                 preset -> the setting that it leads to
    choices                 control -> label -> the setting that it leads to. A slider or player is here, by the number
                            of each place, where its places are settings too
    moves                   of the other sliders and players: name -> {"at": its places, "frames": what is shown there,
                            "holds": the presets that hold there, "positions": of other controls, where they are
                            not where they stand at the setting}; the last is left out where it is empty at every place
"""

import base64
import contextlib
import io
import itertools
import json
import zlib
from concurrent.futures import ProcessPoolExecutor
from types import ModuleType

import nbformat
import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from lstm_helpers.view.controls import Choice, Player, Slider
from lstm_helpers.view.live import opening_tag
from lstm_helpers.view.panel import Panel
from tools.notebooks import opens_a_panel
from tools.site.fold import fold, steps

FRAMES = 10_000  # of the panels of one page, about
LARGEST = 300_000  # bytes of the panels of one page, deflated: base64 makes 4 of 3, and compression on the way 3 of 4
_FINE = 40  # the places of a slider, about
# Where they are few: tenths of the way, and between these where a gate is all but shut or open.
_COARSE = (0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1)
_ROUND = (1, 2, 2.5, 5)  # from place to place it is one of these, times a power of ten
_SAME = 1e-6  # places that are nearer than this are one


def of_pages(paths):
    """The books of several notebooks, made side by side: name of a picture on the site -> book.

    Raises:
        ValueError: the panels of a page are too large; or what `panels` raises.
    """
    with ProcessPoolExecutor() as processes:
        return {name: made for page in processes.map(_of_page, paths) for name, made in page.items()}


def _of_page(path):
    """The books of a notebook; an error if a reader would have to wait for them."""
    made = books(panels(path.stem, nbformat.read(path, as_version=4)))
    size = sum(len(packed(name, book)) * 3 // 4 for name, book in made.items())
    if size > LARGEST:
        raise ValueError(f"{path.name}: its panels take {size:,} bytes, and {LARGEST:,} is the most for a page")
    return made


def books(panels):
    """The books of the panels of a page, name -> book. They share what its budget leaves when each has the least."""
    ways = {name: _Ways(panel) for name, panel in panels.items()}
    least = {name: way.frames(len(way.settings(0)[0])) for name, way in ways.items()}
    spare = (FRAMES - sum(least.values())) // max(1, len(panels))
    return {name: book(panel, least[name] + spare) for name, panel in panels.items()}


def panels(name, notebook):
    """The panels that a notebook shows, as they open.

    Args:
        name: the name of the notebook, without its ending.
        notebook: the notebook, with its outputs.

    Returns:
        name of the panel's picture on the site, such as "00_start_here_1" -> panel.

    Raises:
        ValueError: a panel does not open on the picture that is stored.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    last = max((k for k, cell in enumerate(cells) if opens_a_panel(cell.source)), default=-1)
    found, count = {}, 0
    for cell, value in zip(cells, _values(name, cells[: last + 1]), strict=False):
        pictures = [output for output in cell.outputs if "image/png" in output.get("data", {})]
        count += len(pictures)
        if isinstance(value, Panel):
            stored, now = pictures[-1].data["text/plain"], f"{value.title}. {value.sentence}"
            if stored != now:
                raise ValueError(f"{name}: a panel opens on {now!r}, and stored is {stored!r}; run `make notebooks`")
            found[f"{name}_{count}"] = value
    return found


def _values(name, cells):
    """Run cells, one after another, in a shell of their own; yields what each ends with."""
    quiet = Config({"HistoryManager": {"enabled": False}})
    shell = InteractiveShell(config=quiet, user_module=ModuleType(name))
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            result = shell.run_cell(cell.source)
        result.raise_error()
        yield result.result


def packed(name, book):
    """The file of a book: one line of JavaScript, which hands it to `flipbook`, deflated and in base64."""
    text = json.dumps(book, ensure_ascii=False, separators=(",", ":"))
    deflate = zlib.compressobj(9, wbits=-15)
    data = base64.b64encode(deflate.compress(text.encode()) + deflate.flush()).decode("ascii")
    return f'flipbook("{name}", "{data}");\n'


def book(panel, budget=FRAMES):
    """The book of a panel: see the top of this file. The panel ends where it was.

    Args:
        panel: a `Panel`.
        budget: the number of frames beyond which no settings are taken in that are further than a preset and a button.
    """
    ways, frames = _Ways(panel), _Frames(panel)
    settings, roots = ways.settings(budget)
    index = {key: k for k, key in enumerate(settings)}
    written = [_setting(ways, state, frames) | ways.lead(state, index, roots[key]) for key, state in settings.items()]
    panel.go_to(ways.opening)
    box = panel.picture.figure.bbox
    return {
        "title": panel.title,
        "width": round(box.width),
        "height": round(box.height),
        "head": opening_tag(panel.picture.figure),
        **frames.folded(),
        "controls": [control.facts() for control in panel.controls.values()],
        "presets": list(panel.presets),
        "settings": written,
        "opens": index[_key(ways.opening)],
    }


def _key(state):
    """A state as something that a dictionary finds."""
    return tuple(value.tobytes() if isinstance(value, np.ndarray) else value for value in state.values())


class _Ways:
    """Where the controls of a panel lead, from state to state. Nothing is drawn.

    Attributes:
        opening: the state where the panel opens.
        doors: the controls whose every place is a setting: control -> label of each place -> its value. These are the
            choices; a player whose number can also be chosen; and every slider and player of a panel in which all of
            them move the same number.
        moving: the other sliders and players, which are moved alone at each setting: name -> control.
    """

    def __init__(self, panel):
        self.panel, self.opening = panel, panel.state
        first = [self.pressed(self.opening, preset) for preset in panel.presets]
        self._first = {_key(state): state for state in first}  # where the presets lead from the opening
        controls = panel.controls.items()
        self.moving = {name: control for name, control in controls if isinstance(control, (Slider, Player))}
        self.doors = {name: control.options for name, control in controls if isinstance(control, Choice)}
        chosen = set().union(*(self._changed(name, options.values()) for name, options in self.doors.items()))
        changes = {name: self._changed(name, _places(control)) for name, control in self.moving.items()}
        one = len(set().union(*changes.values())) == 1
        for name, control in list(self.moving.items()):
            if one or (isinstance(control, Player) and changes[name] <= chosen):
                self.doors[name] = {f"{place:g}": place for place in _places(control)}
                del self.moving[name]

    def moved(self, state, name, value):
        """The state after a move. Where a control stands already is no move."""
        return state if self.panel.positions(state)[name] == value else self.panel.after_move(state, name, value)

    def pressed(self, state, preset):
        """The state after the button of a preset."""
        return state | self.panel.change(preset, state)

    def places(self, state, name):
        """Where a slider or player is moved from a setting: many places if a preset leads there from the opening."""
        control = self.moving[name]
        return _places(control) if _key(state) in self._first else _few_places(control)

    def settings(self, budget):
        """The settings, key -> state, and key -> the state that a preset led to before.

        First what one button leads to, then what one leads to from where a preset has led: all of it. Then whatever one
        more button leads to, as far as the budget goes.
        """
        known, roots = {_key(self.opening): self.opening}, {_key(self.opening): self.opening}
        for depth in itertools.count():
            begin = [self.opening] if depth == 0 else self._first.values() if depth == 1 else list(known.values())
            further = {}
            for state in begin:
                root = roots[_key(state)]
                for after in self._next(state):
                    key = _key(after)
                    if key not in known and key not in further:
                        further[key] = after
                        roots[key] = self._first.get(key, root)
            if depth > 1 and (not further or self.frames(len(known) + len(further)) > budget):
                break
            known |= further
        return known, roots

    def frames(self, settings):
        """The number of frames of so many settings, at most."""
        many, few = (sum(map(len, map(places, self.moving.values()))) for places in (_places, _few_places))
        return len(self._first) * many + (settings - len(self._first)) * (few + 1)

    def lead(self, state, index, root):
        """The presets and choices of a setting: the numbers of the settings where they lead."""

        def to(go, *what):
            return next(index[key] for begin in (state, root) if (key := _key(go(begin, *what))) in index)

        choices = {
            name: {label: to(self.moved, name, value) for label, value in options.items()}
            for name, options in self.doors.items()
        }
        return {"presets": {name: to(self.pressed, name) for name in self.panel.presets}, "choices": choices}

    def _next(self, state):
        yield from (self.pressed(state, preset) for preset in self.panel.presets)
        yield from (self.moved(state, name, value) for name, places in self.doors.items() for value in places.values())

    def _changed(self, name, values):
        """What the moves of a control change, of all that a state has."""
        after = [self.moved(self.opening, name, value) for value in values]
        same = np.array_equal
        return {part for part, value in self.opening.items() if not all(same(state[part], value) for state in after)}


class _Frames:
    """What a panel shows at states, each drawn once, its fragments shared."""

    def __init__(self, panel):
        self._panel, self._known = panel, {}
        self._stills, self._sentences, self._parts = {}, {}, [{} for _ in panel.frame()[1]]

    def at(self, state):
        """The number of the frame of a state."""
        key = _key(state)
        if key not in self._known:
            self._panel.go_to(state)
            still, parts, sentence = self._panel.frame()
            drawn = zip([self._stills, self._sentences, *self._parts], [still, sentence, *parts], strict=True)
            self._known[key] = len(self._known), [pool.setdefault(text, len(pool)) for pool, text in drawn]
        return self._known[key][0]

    def folded(self):
        """All frames, and the fragments that they share."""
        pools = [self._stills, self._sentences, *self._parts]
        (stills, *_), (sentences, *_), *parts = folded = [fold(list(pool)) for pool in pools]
        columns = zip(*(frame for _, frame in self._known.values()), strict=True)
        frames = [steps([places[k] for k in column]) for (_, places), column in zip(folded, columns, strict=True)]
        return {"stills": stills, "sentences": sentences, "parts": [part for part, _ in parts], "frames": frames}


def _setting(ways, state, frames):
    """A setting, but for where it leads."""
    setting = {"positions": _positions(ways.panel, state), "holds": ways.panel.held(state)}
    moves = {name: _move(ways, state, name, frames) for name in ways.moving}
    return setting | {"frame": frames.at(state), "moves": moves}


def _move(ways, state, name, frames):
    """A slider or player moved alone: its places, among them its own, and what is shown there."""
    panel, own = ways.panel, _positions(ways.panel, state)
    at = {place: ways.moved(state, name, place) for place in ways.places(state, name)}
    if own[name] is not None:
        at = {place: after for place, after in at.items() if abs(place - own[name]) > _SAME} | {own[name]: state}
    at = dict(sorted(at.items()))
    others = [
        {other: place for other, place in _positions(panel, after).items() if other != name and place != own[other]}
        for after in at.values()
    ]
    move = {"at": list(at), "frames": [frames.at(after) for after in at.values()]}
    move["holds"] = [panel.held(after) for after in at.values()]
    return move | ({"positions": others} if any(others) else {})


def _positions(panel, state):
    """Where the controls stand, as a page writes it: the label of a choice; None if that is nothing, or several."""
    return {name: _on_page(panel.controls[name], value) for name, value in panel.positions(state).items()}


def _on_page(control, value):
    if isinstance(control, Choice):
        return next((label for label, option in control.options.items() if option == value), None)
    return round(float(value), 6) if isinstance(control, Slider) and value is not None else value


def _places(control):
    """The places of a control: of a player all, of a slider its ends and the round numbers between, some forty."""
    facts = control.facts()
    if isinstance(control, Player):
        return list(range(facts["max"] + 1))
    low, high, step = facts["min"], facts["max"], facts["step"]
    decade = 10.0 ** np.floor(np.log10((high - low) / _FINE))
    apart = [size * decade * ten for ten in (1, 10) for size in _ROUND]
    apart = [size for size in apart if abs(size / step - round(size / step)) < _SAME] or [step]
    best = min(apart, key=lambda size: abs(np.log((high - low) / size / _FINE)))
    between = best * np.arange(np.ceil(low / best - _SAME), np.floor(high / best + _SAME) + 1)
    return _sorted(control, [low, *between, high])


def _few_places(control):
    """As many as show how it goes: of a player all, of a slider its ends and ten or so between."""
    if isinstance(control, Player):
        return _places(control)
    facts = control.facts()
    low, high, step = facts["min"], facts["max"], facts["step"]
    return _sorted(control, [low + round(part * (high - low) / step) * step for part in _COARSE])


def _sorted(control, places):
    return sorted({control.checked(round(float(place), 9)) for place in places})

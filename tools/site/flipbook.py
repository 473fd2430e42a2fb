"""Flip books: the panels of a notebook as precomputed pictures, which a web page shows without a kernel.

This runs the notebook's cells, moves each panel as a user would, and records its pictures and sentences. So a book
never differs from its panel.

A panel has more states than a book can hold. A book has *settings*: the opening, the states that presets lead to, the
states one more button away, and so on while the page's budget lasts. At each setting every slider and player is moved
alone: over about forty places at the opening's presets, over thirteen elsewhere. Where the book ends, a button leads to
the same place as from the preset that was pressed before.

A book, as `book` makes it:

    title                   of the panel
    width, height           of its picture, in units of the SVG
    head                    opening tag of the moving layer, which is drawn over the still picture
    stills, sentences       the still pictures and the sentences, folded (see `fold`)
    parts                   for each moving artist its SVG groups, folded
    frames                  columns of differences between successive frames: the index of the still picture, of the
                            sentence, and of the group of each artist
    controls                `Control.facts` of each, in the panel's order
    presets                 their names, in the order of the buttons
    settings                see below
    opens                   index of the opening

A setting:

    positions               control -> its position: a number, the label of a choice, or null for mixed values
    holds                   the presets that hold, "start" last: the page marks the one pressed last, else the first
    frame                   index of the frame
    presets                 preset -> index of the setting that it leads to
    choices                 control -> label -> index of the setting that it leads to; also for a slider or player whose
                            places are all settings, with their numbers as labels
    moves                   other slider or player -> {"at": its places, "frames": the frame at each, "holds": the
                            presets that hold at each, "positions": other controls' positions at each, if they differ
                            from the setting's}; "positions" is missing if it is empty at every place
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
from lstm_helpers.view.panel import Panel, equal
from tools.notebooks import opens_a_panel
from tools.site.fold import fold, steps

FRAMES = 10_000  # approximate budget for the panels of one page
MAX_BYTES = 300_000  # deflated, for the panels of one page; base64 adds a third, which HTTP compression removes again
_FINE = 40  # approximate number of a slider's places
# Positions of the few places, relative to the range: finer near the ends, where a gate is almost shut or open.
_COARSE = (0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1)
_ROUND = (1, 2, 2.5, 5)  # distances between places, times a power of ten
_SAME = 1e-6  # places closer than this are the same


def of_pages(paths):
    """Make the books of several notebooks, in parallel; return name of a picture on the site -> book.

    Raises:
        ValueError: the panels of a page are too large, or one differs from its stored picture (see `panels`).
    """
    with ProcessPoolExecutor() as processes:
        return {name: book for page in processes.map(_of_page, paths) for name, book in page.items()}


def _of_page(path):
    """Make the books of a notebook; refuse a page that would take too long to load."""
    found = books(panels(path.stem, nbformat.read(path, as_version=4)))
    size = sum(len(packed(name, book)) * 3 // 4 for name, book in found.items())
    if size > MAX_BYTES:
        raise ValueError(f"{path.name}: its panels take {size:,} bytes; a page may take {MAX_BYTES:,}")
    return found


def books(panels):
    """Make the books of a page's panels, name -> book. Each gets its minimum and an equal share of the rest."""
    transitions = {name: _Transitions(panel) for name, panel in panels.items()}
    minimum = {name: graph.frames(len(graph.settings(0)[0])) for name, graph in transitions.items()}
    share = (FRAMES - sum(minimum.values())) // max(1, len(panels))
    return {name: book(panel, minimum[name] + share) for name, panel in panels.items()}


def panels(name, notebook):
    """Run a notebook and return its panels as they open.

    Args:
        name: the name of the notebook, without its suffix.
        notebook: the notebook, with its outputs.

    Returns:
        name of the panel's picture on the site, such as "00_start_here_1" -> panel.

    Raises:
        ValueError: a panel differs from its stored picture.
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
                raise ValueError(f"{name}: a panel opens with {now!r}, but stored is {stored!r}; run `make notebooks`")
            found[f"{name}_{count}"] = value
    return found


def _values(name, cells):
    """Run cells in a separate IPython shell; yield the value of each one's last expression."""
    quiet = Config({"HistoryManager": {"enabled": False}})
    shell = InteractiveShell(config=quiet, user_module=ModuleType(name))
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            result = shell.run_cell(cell.source)
        result.raise_error()
        yield result.result


def packed(name, book):
    """Return a book's file: one line of JavaScript that calls `flipbook` with the book, deflated, in base64."""
    text = json.dumps(book, ensure_ascii=False, separators=(",", ":"))
    deflate = zlib.compressobj(9, wbits=-15)
    data = base64.b64encode(deflate.compress(text.encode()) + deflate.flush()).decode("ascii")
    return f'flipbook("{name}", "{data}");\n'


def book(panel, budget=FRAMES):
    """Make the book of a panel, and bring the panel back to its opening.

    Args:
        panel: a `Panel`.
        budget: number of frames; settings farther away than a preset and a button are added only within it.
    """
    transitions, frames = _Transitions(panel), _Frames(panel)
    settings, roots = transitions.settings(budget)
    index = {key: k for k, key in enumerate(settings)}
    entries = [
        _setting(transitions, state, frames) | transitions.targets(state, index, roots[key])
        for key, state in settings.items()
    ]
    panel.go_to(transitions.opening)
    box = panel.picture.figure.bbox
    return {
        "title": panel.title,
        "width": round(box.width),
        "height": round(box.height),
        "head": opening_tag(panel.picture.figure),
        **frames.folded(),
        "controls": [control.facts() for control in panel.controls.values()],
        "presets": list(panel.presets),
        "settings": entries,
        "opens": index[_key(transitions.opening)],
    }


def _key(state):
    """Return a state as a hashable key."""
    return tuple(value.tobytes() if isinstance(value, np.ndarray) else value for value in state.values())


class _Transitions:
    """The states that the controls of a panel lead to, without drawing them.

    Attributes:
        opening: the state in which the panel opens.
        branches: control -> label -> value, for controls whose every place is a setting: choices, a player whose number
            can also be chosen, and the sliders and players of a panel in which they all move the same number.
        moving: name -> control, the other sliders and players, which are moved alone at each setting.
    """

    def __init__(self, panel):
        self.panel, self.opening = panel, panel.state
        presets = [self.pressed(self.opening, preset) for preset in panel.presets]
        self._first = {_key(state): state for state in presets}  # the presets' states, from the opening
        controls = panel.controls.items()
        self.moving = {name: control for name, control in controls if isinstance(control, (Slider, Player))}
        self.branches = {name: control.options for name, control in controls if isinstance(control, Choice)}
        chosen = set().union(*(self._changed(name, options.values()) for name, options in self.branches.items()))
        changes = {name: self._changed(name, _places(control)) for name, control in self.moving.items()}
        same_number = len(set().union(*changes.values())) == 1
        for name, control in list(self.moving.items()):
            if same_number or (isinstance(control, Player) and changes[name] <= chosen):
                self.branches[name] = {f"{place:g}": place for place in _places(control)}
                del self.moving[name]

    def moved(self, state, name, value):
        """Return the state after a move; the same state if the control is already there."""
        return state if self.panel.positions(state)[name] == value else self.panel.after_move(state, name, value)

    def pressed(self, state, preset):
        """Return the state after pressing a preset's button."""
        return state | self.panel.change(preset, state)

    def places(self, state, name):
        """Return a control's places at a setting: many if a preset leads to the setting from the opening."""
        control = self.moving[name]
        return _places(control) if _key(state) in self._first else _few_places(control)

    def settings(self, budget):
        """Return the settings, key -> state, and key -> the last preset's state on the path to each.

        The settings one button away from the opening or from a preset's state are always included; those farther away
        are added level by level, within the budget.
        """
        known, roots = {_key(self.opening): self.opening}, {_key(self.opening): self.opening}
        for depth in itertools.count():
            sources = [self.opening] if depth == 0 else self._first.values() if depth == 1 else list(known.values())
            found = {}
            for state in sources:
                root = roots[_key(state)]
                for after in self._next(state):
                    key = _key(after)
                    if key not in known and key not in found:
                        found[key] = after
                        roots[key] = self._first.get(key, root)
            if depth > 1 and (not found or self.frames(len(known) + len(found)) > budget):
                break
            known |= found
        return known, roots

    def frames(self, settings):
        """Return the maximum number of frames for a number of settings."""
        many, few = (sum(map(len, map(places, self.moving.values()))) for places in (_places, _few_places))
        return len(self._first) * many + (settings - len(self._first)) * (few + 1)

    def targets(self, state, index, root):
        """Return the indices of the settings that the presets and choices of a setting lead to."""

        def target(action, *arguments):
            keys = (_key(action(source, *arguments)) for source in (state, root))
            return next(index[key] for key in keys if key in index)

        choices = {
            name: {label: target(self.moved, name, value) for label, value in options.items()}
            for name, options in self.branches.items()
        }
        return {"presets": {name: target(self.pressed, name) for name in self.panel.presets}, "choices": choices}

    def _next(self, state):
        yield from (self.pressed(state, preset) for preset in self.panel.presets)
        for name, options in self.branches.items():
            yield from (self.moved(state, name, value) for value in options.values())

    def _changed(self, name, values):
        """Return the names in the state that moves of a control change."""
        states = [self.moved(self.opening, name, value) for value in values]
        return {part for part, value in self.opening.items() if not all(equal(state[part], value) for state in states)}


class _Frames:
    """The frames of a panel: each state is drawn once, and equal fragments are shared."""

    def __init__(self, panel):
        self._panel, self._known = panel, {}
        self._stills, self._sentences, self._parts = {}, {}, [{} for _ in panel.frame()[1]]

    def at(self, state):
        """Return the index of a state's frame."""
        key = _key(state)
        if key not in self._known:
            self._panel.go_to(state)
            still, parts, sentence = self._panel.frame()
            drawn = zip([self._stills, self._sentences, *self._parts], [still, sentence, *parts], strict=True)
            self._known[key] = len(self._known), [pool.setdefault(text, len(pool)) for pool, text in drawn]
        return self._known[key][0]

    def folded(self):
        """Return all frames and their fragments, folded."""
        pools = [self._stills, self._sentences, *self._parts]
        (stills, *_), (sentences, *_), *parts = folded = [fold(list(pool)) for pool in pools]
        columns = zip(*(frame for _, frame in self._known.values()), strict=True)
        frames = [steps([places[k] for k in column]) for (_, places), column in zip(folded, columns, strict=True)]
        return {"stills": stills, "sentences": sentences, "parts": [part for part, _ in parts], "frames": frames}


def _setting(transitions, state, frames):
    """Return a setting without its presets and choices."""
    setting = {"positions": _positions(transitions.panel, state), "holds": transitions.panel.held(state)}
    moves = {name: _move(transitions, state, name, frames) for name in transitions.moving}
    return setting | {"frame": frames.at(state), "moves": moves}


def _move(transitions, state, name, frames):
    """Return the places of a slider or player that is moved alone, its own included, and the frames there."""
    panel, own = transitions.panel, _positions(transitions.panel, state)
    after = {place: transitions.moved(state, name, place) for place in transitions.places(state, name)}
    if own[name] is not None:
        after = {place: end for place, end in after.items() if abs(place - own[name]) > _SAME} | {own[name]: state}
    after = dict(sorted(after.items()))
    others = [
        {other: place for other, place in _positions(panel, end).items() if other != name and place != own[other]}
        for end in after.values()
    ]
    move = {"at": list(after), "frames": [frames.at(end) for end in after.values()]}
    move["holds"] = [panel.held(end) for end in after.values()]
    return move | ({"positions": others} if any(others) else {})


def _positions(panel, state):
    """Return the controls' positions as the page shows them: a number, a label, or None for none or mixed values."""
    return {name: _on_page(panel.controls[name], value) for name, value in panel.positions(state).items()}


def _on_page(control, value):
    if isinstance(control, Choice):
        return next((label for label, option in control.options.items() if option == value), None)
    return round(float(value), 6) if isinstance(control, Slider) and value is not None else value


def _places(control):
    """Return all places of a player; of a slider the ends and the round numbers between, about forty."""
    facts = control.facts()
    if isinstance(control, Player):
        return list(range(facts["max"] + 1))
    low, high, step = facts["min"], facts["max"], facts["step"]
    decade = 10.0 ** np.floor(np.log10((high - low) / _FINE))
    sizes = [size * decade * ten for ten in (1, 10) for size in _ROUND]
    sizes = [size for size in sizes if abs(size / step - round(size / step)) < _SAME] or [step]
    best = min(sizes, key=lambda size: abs(np.log((high - low) / size / _FINE)))
    between = best * np.arange(np.ceil(low / best - _SAME), np.floor(high / best + _SAME) + 1)
    return _sorted(control, [low, *between, high])


def _few_places(control):
    """Return all places of a player; of a slider the ends and about ten between."""
    if isinstance(control, Player):
        return _places(control)
    facts = control.facts()
    low, high, step = facts["min"], facts["max"], facts["step"]
    return _sorted(control, [low + round(part * (high - low) / step) * step for part in _COARSE])


def _sorted(control, places):
    return sorted({control.checked(round(float(place), 9)) for place in places})

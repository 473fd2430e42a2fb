"""A training as a film: the loss so far, and how the network of that moment reads one sentence."""

from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.colors import to_rgba

from lstm_helpers._arguments import must_be, short_traceback, whole_number
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.interventions import intervene
from lstm_helpers.runs import NAMES, RECIPES, open_run
from lstm_helpers.runs.run import recorded
from lstm_helpers.tasks import one_hot, remember_first, sentences_batch
from lstm_helpers.training import softmax
from lstm_helpers.view.controls import Choice, Player, Slider
from lstm_helpers.view.drawing import Drawing
from lstm_helpers.view.labels import spread
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, as_typed, read_prediction
from lstm_helpers.view.style import (
    COLORS,
    FAINT,
    GRAY,
    INK,
    MATH,
    QUIET,
    number,
    percent,
    styled,
)

# What may be chosen of a run, by the name it has in the recipe: the words before the buttons, and what stands on them.
CHOICES = {
    "forget_bias": ("forget bias", "{:g}".format),
    "reads_h": ("gates", {False: "document", True: "standard"}.get),
    "delay": ("delay", "{} steps".format),
}
EXAM = 32  # sequences that the network is asked about at every moment
GOT = 0.5  # times the loss of guessing: a network whose loss stays below that has got it


class LearningExplorer(Panel):
    """A recorded training, moment by moment: the loss, and how the network of that moment reads one sequence.

    Args:
        run: the name of the run where it opens, one of `lstm_helpers.runs.NAMES`. The others of its task may be chosen.
        moment: the moment where it opens, from 0, which is before the first step; -1 is the last.
        prediction: after how many steps the network gets it, a number; `...` if nothing is predicted yet.
        question: the name of what is predicted, if the prediction is to be counted in a class.

    The state has the `moment`, and what was chosen of the recipe: `forget_bias`, and `reads_h` or `delay`.
    """

    title = "Learning explorer"

    @short_traceback
    def __init__(self, run="cat: document gates, bias 3", *, moment=0, prediction=..., question=""):
        known = f"the name of a recorded run, such as {NAMES[0]!r}"
        recipe = RECIPES[must_be("run", run, known, isinstance(run, str) and run in NAMES, ValueError)]
        self._task, last = recipe.task, len(recipe.moments) - 1
        moment = whole_number("moment", moment, -last - 1, last)
        choices = _choices(recipe.task)
        opening = {choice.name: getattr(recipe, choice.name) for choice in choices}
        rows = [
            [Slider("moment", 0, last, step=1, words=f"of {last}")],
            [Player("play", last, label="training", interval=300)],
            *([choice] for choice in choices),
        ]
        asked = Asked(question, prediction, lambda one: read_prediction(one, {"steps": ((),)}, within=(0, np.inf)))
        open_run(run)  # so that a page goes on if its file is damaged; a choice says so, and the panel goes on
        picture = LearningPicture(recipe.moments, film(run))
        predictions = [_on(picture.loss.axes, recipe.moments, float(value)) for value in asked.given.values()]
        state = {"moment": float(moment % (last + 1)), **opening}
        super().__init__(picture, rows, state, _presets(film(run), opening), predictions, asked)

    def show(self, moment, **chosen):
        """The loss and the gates up to a moment, and what the network of that moment does with one sequence."""
        of, k = film(_name(self._task, chosen)), round(moment)
        return {"film": of, "moment": k, "got": of.got is not None and of.got <= k}, of.said(k)

    def positions(self, state):
        """The moment as a place on the slider and as a frame of the film; and what is chosen."""
        return {**state, "play": round(state["moment"])}

    def after_move(self, state, name, value):
        """Another moment, or the same moment of another run."""
        return state | ({"moment": float(value)} if name == "play" else {name: value})


def _choices(task):
    """What differs between the runs of a task, as buttons."""
    recipes = [recipe for recipe in RECIPES.values() if recipe.task == task]
    values = {name: dict.fromkeys(getattr(recipe, name) for recipe in recipes) for name in CHOICES}
    return [
        Choice(name, {CHOICES[name][1](value): value for value in several}, CHOICES[name][0])
        for name, several in values.items()
        if len(several) > 1
    ]


def _name(task, chosen):
    """The name of the run of a task that was chosen."""
    (name,) = [
        name
        for name, recipe in RECIPES.items()
        if recipe.task == task and all(getattr(recipe, part) == value for part, value in chosen.items())
    ]
    return name


def _presets(of, opening):
    """Moments worth a look: of the run where the panel opens, if it learns; and the end of another."""
    last = float(of.last)
    presets = {"the end": {"moment": last}}
    if of.got is not None:
        before = np.flatnonzero(of.loss[: of.got] > 0.9 * of.guessing)
        plateau = {"the plateau": {"moment": float(before[-1])} | opening} if before.size else {}
        presets = plateau | {"it gets it": {"moment": float(of.got)} | opening} | presets
    return presets | {"bias 0, the end": opening | {"moment": last, "forget_bias": 0}}


def _on(axes, moments, steps):
    """A prediction of the number of steps after which it is got."""

    def exact(data):
        return data["film"].moments[data["film"].got] if data["got"] else None

    def truth(data):
        return f"{exact(data):,}" if data["got"] else "never" if data["moment"] == data["film"].last else "not yet"

    def place(data):
        return float(np.interp(steps, moments, np.arange(len(moments)))), data["film"].guessing

    return Prediction(axes, place, f"{as_typed(steps)} steps", exact, truth, near=10)


# What a run does at each of its moments.


class Questions(NamedTuple):
    """Sequences that a network is asked about, each followed, EXAM later, by its twin: the same but for what counts.

    Attributes:
        x: (T, 2 * EXAM, D).
        first: the step at which comes what counts.
        asked: (2 * EXAM,), the steps at which it is asked for.
        answers: what may be answered, and classes: the numbers of these classes.
        right: (2 * EXAM,), which of the answers is right.
        steps: what stands under the steps of the first sequence, to where it is asked; "" under most of many.
        what: the name of a sequence.
    """

    x: np.ndarray
    first: int
    asked: np.ndarray
    answers: list
    classes: np.ndarray
    right: np.ndarray
    steps: list
    what: str


def _cat_exam(run):
    """Sentences that the network has not learned from; the first is a short one about the first noun."""
    nouns = list(run.recipe.nouns)
    about = {noun: [sentence for sentence in run.unseen if sentence[1] == noun] for noun in nouns}
    short = next(sentence for sentence in about[nouns[0]] if len(sentence) <= 15)
    about[nouns[0]].sort(key=lambda sentence: sentence is not short)
    sentences = [sentence for noun in nouns for sentence in about[noun][: EXAM // len(nouns)]]
    turned = dict(zip(nouns, nouns[1:] + nouns[:1], strict=True))
    sentences += [[turned.get(word, word) for word in s] for s in sentences]
    asked = np.array([len(s) - 5 for s in sentences])  # of ". ADJECTIVE was NOUN the", the last before the noun
    right = np.array([nouns.index(s[1]) for s in sentences])
    x = sentences_batch(sentences, run.vocabulary).x
    steps = sentences[0][: asked[0] + 1]
    return Questions(x, 1, asked, nouns, run.vocabulary.encode(nouns), right, steps, "unseen sentences")


def _first_exam(run):
    """New sequences: a symbol, and random fillers after it."""
    T, rng = run.recipe.delay + 1, np.random.default_rng(run.recipe.seed + 1)
    x = remember_first(T, EXAM, rng=rng).x
    K = x.shape[-1] // 2
    first, turned = x[0].argmax(axis=-1), x.copy()
    turned[0] = one_hot((first + 1) % K, 2 * K)
    right = np.concatenate([first, (first + 1) % K])
    answers = list("ABCDEFGH"[:K])
    steps = [answers[right[0]], *(str(t) if t % (T // 4 or 1) == 0 else "" for t in range(1, T))]
    both, asked = np.concatenate([x, turned], axis=1), np.full(2 * EXAM, T - 1)
    return Questions(both, 0, asked, answers, np.arange(K), right, steps, "new sequences")


class Film:
    """A run and all that is shown of it, at each of its moments.

    Attributes:
        moments, last, exam: of the run, the index of the last moment, and what it is asked.
        unit: the one that matters most: with its twin's memory in it, halfway, the last network errs most.
        guessing: the loss of one who knows the answers and guesses; loss: (M,), that of the network on the exam.
        passed: (M,), how many it gets right; got: the moment from which on its loss stays low, or None.
        f, i, o, c: (M, T), of the unit in the first sequence; c_twin: in its twin.
        p: (M, K), the probabilities of the answers there; kept: (M,), the product of f on the way to the question.
    """

    def __init__(self, run):
        self.moments, self.last = np.asarray(run.moments), len(run.moments) - 1
        exam = self.exam = (_cat_exam if run.recipe.task == "cat" else _first_exam)(run)
        self.unit = _unit_that_matters(run.model(-1), exam)
        self.guessing = float(np.log(len(exam.answers)))
        looks = zip(*(_look(run.model(k), exam, self.unit) for k in range(len(self.moments))), strict=True)
        self.f, self.i, self.o, self.c, self.c_twin, self.p, self.loss, self.passed = map(np.array, looks)
        self.kept = self.f[:, exam.first + 1 :].prod(axis=1)
        fails = np.flatnonzero(self.loss >= GOT * self.guessing)
        got = fails[-1] + 1 if fails.size else 0
        self.got = None if got > self.last else int(got)

    def said(self, k):
        """What is shown at a moment, in a sentence."""
        exam, p = self.exam, self.p[k]
        what = exam.answers[exam.right[0]]
        holds = f"Unit {self.unit} keeps {percent(self.kept[k])} of what it wrote at “{what}”."
        if self.got is None and k == self.last:
            holds = f"It never gets it: no unit holds “{what}”; unit {self.unit} comes closest."
        return (
            f"After {self.moments[k]:,} training steps the loss is {number(self.loss[k])}; guessing costs "
            f"{number(self.guessing)}. {holds} P({what}) = {number(p[exam.right[0]])}. "
            f"Right on {self.passed[k]} of {EXAM} {exam.what}."
        )


@cache
def film(name):
    """The film of the run of this name, made once."""
    return Film(recorded(name))


def _surprise(model, h, exam, who):
    """The probabilities of the answers where they are asked for, (N, K), and -ln p of the right one, (N,)."""
    each = np.arange(h.shape[1])
    p = softmax(model.readout.forward(h[exam.asked[who], each]))[:, exam.classes]
    return p, -np.log(np.maximum(p[each, exam.right[who]], 1e-300))


def _unit_that_matters(model, exam):
    """By experiment: on the way to the question each unit in turn gets its twin's memory; which costs most?"""
    layer, half = model.layer, (exam.first + exam.asked.min() + 1) // 2
    c = layer.forward(exam.x).c[half, np.roll(np.arange(2 * EXAM), EXAM)]

    def cost(unit):
        return _surprise(model, intervene(layer, exam.x, half, unit, c=c[:, unit]).h, exam, slice(None))[1].mean()

    return int(np.argmax([cost(unit) for unit in range(layer.hidden_size)]))


def _look(model, exam, unit):
    """What a network does: one unit in the first sequence and in its twin, and the whole exam."""
    who, asked = np.arange(EXAM + 1), exam.asked[0] + 1  # the last of them is the twin of the first
    trace = model.layer.forward(exam.x[:, who])
    p, surprise = _surprise(model, trace.h, exam, who)
    seen = (getattr(trace, name)[:asked, 0, unit] for name in "fioc")
    passed = int((p.argmax(axis=1) == exam.right[who])[:EXAM].sum())
    return (*seen, trace.c[:asked, EXAM, unit], p[0], float(surprise[:EXAM].mean()), passed)


# The picture, in units of the SVG. On the left, over the training: the loss, and under it the gates. On the right, over
# one sequence: the gates of one unit, its memory, and the answer.
_HEIGHT = 440
_LOSS, _GATES = (56, 258, 312, 142), (56, 46, 312, 132)  # left, bottom, width, height
_LEFT, _READ = 444, 296  # of the right half: its left edge, and its width
_LANES, _LANE = 406, 30  # the upper end of the three rows of gates, and the height of one
_FULL = 0.8  # the height of a gate that is open, in lanes
_MEMORY = (152, 148)  # the lower end of the memory, with room for words and answers under it, and its height
_ANSWER = 22  # the height of a bar
_MARKS = {"f": ("o", "-", "●"), "i": ("s", "--", "■"), "o": ("^", ":", "▲")}
_TICKS = (0, 20, 50, 100, 200, 2000)  # steps that are named on the axis, where there is such a moment
_APART = 17  # the names of two lines, at least


class LearningPicture(Drawing):
    """The training so far, and one sequence as the network of this moment reads it.

    Args:
        moments: the steps at which the network was kept.
        opening: the `Film` with which it opens.

    Attributes:
        figure, moving: for the live picture.
        loss, over_time: the line of the loss, and those of the gates by name.
        lanes, lines, ends, bars, amounts: of the sequence: the gates, the memories, their names, the answers.
    """

    def __init__(self, moments, opening):
        self._moments, self._film = moments, None
        with styled():
            super().__init__(_HEIGHT)
            self._draw_loss(opening.guessing)
            self._draw_gates()
            self._draw_lanes()
            self._draw_memory()
            self._draw_answers(opening.exam.answers)
        self.moving = [
            self.loss, self.now, self.got, self.got_words, *self._cursors, *self.over_time.values(),
            *self._dots.values(), *self.values.values(), self.heading, *self.lanes.values(), *self.lines.values(),
            *self.ends.values(), *self.bars, *self.amounts,
        ]  # fmt: skip

    def update(self, data):
        """Show what `LearningExplorer.show` returns; true if the axes of the sequence have changed."""
        of, k = data["film"], data["moment"]
        new = of is not self._film
        if new:
            self._film = of
            self._name_the_steps(of)
        at = np.arange(k + 1)
        put(self.loss, data=(at, of.loss[: k + 1]))
        top = 2 * of.guessing
        put(self.now, data=([k], [min(of.loss[k], top)]))
        put(self.values["loss"], text=number(of.loss[k]))
        for cursor in self._cursors:
            put(cursor, xdata=[k, k])
        for artist in (self.got, self.got_words):
            put(artist, visible=data["got"])
        if data["got"]:
            put(self.got, xdata=[of.got, of.got])
            left = of.got > 0.6 * of.last
            put(self.got_words, position=(of.got + (-0.6 if left else 0.6), 1.75 * of.guessing))
            side = "right" if left else "left"
            put(self.got_words, text=f"gets it: {of.moments[of.got]:,}", horizontalalignment=side)
        first = of.exam.first
        told = {"f": of.kept, "i": of.i[:, first], "o": of.o[:, -1]}
        for gate, values in told.items():
            put(self.over_time[gate], data=(at, values[: k + 1]))
            put(self._dots[gate], data=([k], [values[k]]))
            put(self.values[gate], text=number(values[k]))
        self._show_sequence(of, k)
        return new

    def _show_sequence(self, of, k):
        put(self.heading, text=f"unit {of.unit}")
        edges = np.arange(len(of.exam.steps) + 1) - 0.5
        for base, (gate, lane) in zip((2, 1, 0), self.lanes.items(), strict=True):
            values = getattr(of, gate)[k]
            if not np.array_equal(lane.get_data().values, base + values * _FULL):
                lane.set_data(base + values * _FULL, edges, base)
        memories = {"c": of.c[k], "twin": of.c_twin[k]}
        for name, line in self.lines.items():
            put(line, data=(np.arange(len(of.exam.steps)), memories[name]))
        self._name_the_ends(of, k)
        for n, (bar, text, p) in enumerate(zip(self.bars, self.amounts, of.p[k], strict=True)):
            right = n == of.exam.right[0]
            put(bar, width=p, facecolor=to_rgba(QUIET if right else GRAY))
            put(text, text=number(p), fontweight="bold" if right else "normal")

    def _name_the_ends(self, of, k):
        """The names of the two memories beside their ends, one pushed away from the other."""
        low, high = self.lines["c"].axes.get_ylim()
        room, x = _APART / _MEMORY[1] * (high - low), 1.02 * len(of.exam.steps) - 0.5
        places = spread([of.c_twin[k, -1], of.c[k, -1]], [room, room], -np.inf, np.inf)
        for name, y, which in zip(("twin", "c"), places, (EXAM, 0), strict=True):
            put(self.ends[name], position=(x, y), text=of.exam.answers[of.exam.right[which]])

    def _name_the_steps(self, of):
        """The axes of another run: its words, and as much of the memory as it ever has."""
        steps = of.exam.steps
        limit = float(np.ceil(max(np.abs(of.c).max(), np.abs(of.c_twin).max())))
        self._lane_axes.set_xlim(-0.5, len(steps) - 0.5)
        axes = self.lines["c"].axes
        axes.set(xlim=(-0.5, len(steps) - 0.5), ylim=(-limit, limit), yticks=(-limit, 0, limit))
        axes.set_yticklabels([f"−{limit:g}", "0", f"{limit:g}"])
        for line in self.lines.values():
            line.set_markersize(5 if "" not in steps else 3)
        named = [(t, word) for t, word in enumerate(steps) if word]
        look = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if "" not in steps else {}
        axes.set_xticks([t for t, _ in named], [word for _, word in named], **look)

    def _over_training(self, place, ylim):
        """Axes over the training, on which the moments stand at equal distances."""
        axes = self.plot(*place, xlim=(-0.7, len(self._moments) - 0.3), ylim=ylim)
        named = [(k, steps) for k, steps in enumerate(self._moments) if steps in _TICKS]
        axes.set_xticks([k for k, _ in named], [f"{steps:,}" for _, steps in named])
        axes.tick_params(length=4, labelsize=14)
        return axes

    def _draw_loss(self, guessing):
        axes = self._over_training(_LOSS, (0, 2 * guessing))
        axes.set_yticks([0, guessing], ["0", number(guessing)])
        axes.set_xticklabels([])
        left, bottom, width, height = _LOSS
        bold = {"size": 16, "color": "black", "weight": "bold"}
        self.text(left - 44, bottom + height + 22, "loss: the surprise at the answer", "left", size=16)
        self.values = {"loss": self.text(left + width, bottom + height + 22, "", "right", **bold)}
        axes.axhline(guessing, color=QUIET, linewidth=1.5, linestyle="--")
        at = len(self._moments) - 1.6  # beside the cursor of the last moment
        axes.text(at, 0.92 * guessing, "guessing", ha="right", va="top", fontsize=14, color=QUIET)
        (self.loss,) = axes.plot([], [], color=COLORS["x"], linewidth=3)
        (self.now,) = axes.plot([], [], color=INK["x"], marker="o", markersize=10, clip_on=False, zorder=4)
        (self.got,) = axes.plot([0, 0], [0, 2 * guessing], color=QUIET, linewidth=1.5, linestyle=":")
        self.got_words = axes.text(0, 0, "", ha="left", va="center", fontsize=14, color=QUIET)
        self._cursors = [axes.axvline(0, color=FAINT, linewidth=6, alpha=0.6, zorder=0)]

    def _draw_gates(self):
        left, bottom, _, height = _GATES
        axes = self._over_training(_GATES, (0, 1))
        axes.set_yticks([0, 1])
        self.text(left + _GATES[2] / 2, 10, "training steps (not to scale)", "center")
        self.over_time, self._dots = {}, {}
        captions = {"f": ("kept to the end", 12), "i": ("$i$ at the start", 156), "o": ("$o$ at the end", 272)}
        for gate, (marker, line, sign) in _MARKS.items():
            (self.over_time[gate],) = axes.plot([], [], line, color=COLORS[gate], clip_on=False)
            look = {"color": COLORS[gate], "marker": marker, "markersize": 9, "clip_on": False, "zorder": 4}
            (self._dots[gate],) = axes.plot([], [], **look)
            words, x = captions[gate]
            self.text(x, bottom + height + 36, f"{sign} {words}", "left", color=INK[gate], **MATH)
            bold = {"size": 16, "color": INK[gate], "weight": "bold"}
            self.values[gate] = self.text(x + 20, bottom + height + 17, "", "left", **bold)
        self._cursors.append(axes.axvline(0, color=FAINT, linewidth=6, alpha=0.6, zorder=0))

    def _draw_lanes(self):
        axes = self._lane_axes = self.plot(_LEFT, _LANES - 3 * _LANE, _READ, 3 * _LANE, xlim=(0, 1), ylim=(0, 3))
        axes.set_axis_off()
        self.heading = self.text(_LEFT - 28, _LANES + 16, "", "left", size=16, color="black", weight="bold")
        self.text(_LEFT + 50, _LANES + 16, "its gates", "left")
        self.lanes = {}
        for base, gate in zip((2, 1, 0), "fio", strict=True):
            for y in (base, base + _FULL):
                axes.axhline(y, color=FAINT, linewidth=1)
            look = {"fill": True, "facecolor": COLORS[gate], "linewidth": 0}
            self.lanes[gate] = axes.stairs([0], [0, 1], baseline=base, **look)
            y = _LANES - 3 * _LANE + (base + _FULL / 2) * _LANE
            self.text(_LEFT - 10, y, gate, "right", size=17, color=INK[gate], weight="bold")

    def _draw_memory(self):
        bottom, height = _MEMORY
        axes = self.plot(_LEFT, bottom, _READ, height, xlim=(0, 1), ylim=(-1, 1))
        axes.axhline(0, color=QUIET, linewidth=1)
        self.text(_LEFT - 40, bottom + height / 2, "memory $c$", "center", rotation=90, **MATH)
        twin = {"color": COLORS["x"], "linestyle": "--", "marker": "s"}
        now = {"color": COLORS["c"], "marker": "o"}
        self.lines = {name: axes.plot([], [], clip_on=False, **look)[0] for name, look in (("twin", twin), ("c", now))}
        looks = {"va": "center", "fontsize": 14, "clip_on": False}
        self.ends = {name: axes.text(0, 0, "", color=INK[k], **looks) for name, k in (("twin", "x"), ("c", "c"))}
        axes.tick_params(axis="x", length=0, labelcolor="black", labelsize=14, pad=4)
        axes.spines["bottom"].set_visible(False)

    def _draw_answers(self, answers):
        K = len(answers)
        axes = self.plot(_LEFT + 40, 6, 190, _ANSWER * K, xlim=(0, 1), ylim=(K - 0.5, -0.5))
        axes.set_axis_off()
        self.text(_LEFT - 28, 6 + _ANSWER * K + 12, "answer: the probability of", "left")
        frame = {"facecolor": "white", "edgecolor": FAINT, "linewidth": 1.5}
        axes.barh(np.arange(K), np.ones(K), 0.72, **frame)
        self.bars = axes.barh(np.arange(K), np.zeros(K), 0.72).patches
        for row, answer in enumerate(answers):
            axes.text(-0.04, row, answer, ha="right", va="center", fontsize=16)
        self.amounts = [axes.text(1.04, row, "", ha="left", va="center", fontsize=16) for row in range(K)]

"""Learning explorer: a recorded training, the loss so far and how the network of that moment reads one sentence."""

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
from lstm_helpers.view.prediction import Prediction, read_prediction, steps_as_typed
from lstm_helpers.view.style import COLORS, FAINT, GRAY, INK, MATH, QUIET, number, percent, styled

# Part of a recipe that the learner may choose -> the text before its buttons, and a function to the text on each.
_CHOICES = {
    "forget_bias": ("forget bias", "{:g}".format),
    "reads_h": ("gates", {False: "document", True: "standard"}.get),
    "delay": ("delay", "{} steps".format),
}
EXAM = 32  # sequences that the network answers at every moment
_GOT = 0.5  # a network has got it once its loss stays below this fraction of the loss of guessing


class LearningExplorer(Panel):
    """A recorded training, moment by moment: the loss, and how the network of that moment reads one sequence.

    Args:
        run: the name of the run to open with, one of `lstm_helpers.runs.NAMES`. Buttons lead to the others of its task.
        moment: the moment to open at; 0 is before the first step, -1 the last.
        prediction: the number of steps after which the network gets it; `...` for no prediction yet.
        question: name of the question, if the class's predictions are counted.

    The state has the `moment` and the chosen parts of the recipe: `forget_bias`, and `reads_h` or `delay`.
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
        slider = Slider("moment", 0, last, step=1, words=f"of {last}")
        player = Player("play", last, label="training", interval=300)
        asked = Asked(question, prediction, lambda value: read_prediction(value, {"steps": ((),)}, within=(0, np.inf)))
        open_run(run)  # trains it again if its file is damaged, so that the page still runs
        picture = LearningPicture(recipe.moments, film(run))
        predictions = [_prediction(picture.loss.axes, recipe.moments, float(value)) for value in asked.given.values()]
        state = {"moment": float(moment % (last + 1)), **opening}
        super().__init__(picture, [slider, player, *choices], state, _presets(film(run), opening), predictions, asked)

    def show(self, moment, **chosen):
        """The loss and the gates up to a moment, and one sequence as the network of that moment reads it."""
        shown, k = film(_run_name(self._task, chosen)), round(moment)
        return {"film": shown, "moment": k, "got": shown.got is not None and shown.got <= k}, shown.sentence(k)

    def positions(self, state):
        """The state; the player is at the moment too."""
        return {**state, "play": round(state["moment"])}

    def after_move(self, state, name, value):
        """Set one value; the player sets the moment."""
        return state | ({"moment": float(value)} if name == "play" else {name: value})


def _choices(task):
    """Buttons for each part of the recipe that differs between the runs of a task."""
    choices = []
    for name, (label, text) in _CHOICES.items():
        values = dict.fromkeys(getattr(recipe, name) for recipe in RECIPES.values() if recipe.task == task)
        if len(values) > 1:
            choices.append(Choice(name, {text(value): value for value in values}, label))
    return choices


def _run_name(task, chosen):
    """The name of the one run of a task with the chosen parts of the recipe."""
    (name,) = [
        name
        for name, recipe in RECIPES.items()
        if recipe.task == task and all(getattr(recipe, part) == value for part, value in chosen.items())
    ]
    return name


def _presets(film, opening):
    """Moments worth seeing: in the run that the panel opens with, if it learns, and at the end of another."""
    presets = {}
    if film.got is not None:
        before = np.flatnonzero(film.loss[: film.got] > 0.9 * film.guessing)
        if before.size:
            presets["the plateau"] = {"moment": float(before[-1])} | opening
        presets["it gets it"] = {"moment": float(film.got)} | opening
    end = {"moment": float(film.last)}
    return presets | {"the end": end, "bias 0, the end": opening | end | {"forget_bias": 0}}


def _prediction(axes, moments, steps):
    """The prediction of the number of steps after which the network gets it."""

    def exact(data):
        return data["film"].moments[data["film"].got] if data["got"] else None

    def truth(data):
        if data["got"]:
            return f"{exact(data):,}"
        return "it never gets it" if data["moment"] == data["film"].last else "it has not got it yet"

    def place(data):
        return float(np.interp(steps, moments, np.arange(len(moments)))), data["film"].guessing

    return Prediction(axes, place, steps_as_typed(steps), exact, truth, near=10)


class Questions(NamedTuple):
    """An exam: EXAM sequences and then their twins, the same but for the word (or symbol) to remember.

    Attributes:
        x: (T, 2 * EXAM, D).
        first: the step of the word to remember.
        asked: (2 * EXAM,), the steps at which the network has to say it.
        answers, classes: the possible answers, and their class numbers.
        right: (2 * EXAM,), the index of the right answer.
        steps: labels for the steps of the first sequence up to its question; "" for most of a long one.
        sequences: a name for the sequences.
    """

    x: np.ndarray
    first: int
    asked: np.ndarray
    answers: list
    classes: np.ndarray
    right: np.ndarray
    steps: list
    sequences: str


def _cat_exam(run):
    """Sentences that are not in the training data; the first is a short one about the first noun."""
    nouns = list(run.recipe.nouns)
    about = {noun: [sentence for sentence in run.unseen if sentence[1] == noun] for noun in nouns}
    short = next(sentence for sentence in about[nouns[0]] if len(sentence) <= 15)
    about[nouns[0]].sort(key=lambda sentence: sentence is not short)
    sentences = [sentence for noun in nouns for sentence in about[noun][: EXAM // len(nouns)]]
    twin = dict(zip(nouns, nouns[1:] + nouns[:1], strict=True))
    sentences += [[twin.get(word, word) for word in s] for s in sentences]
    asked = np.array([len(s) - 5 for s in sentences])  # "the", in "the NOUN was ADJECTIVE ."
    right = np.array([nouns.index(s[1]) for s in sentences])
    x = sentences_batch(sentences, run.vocabulary).x
    steps = sentences[0][: asked[0] + 1]
    return Questions(x, 1, asked, nouns, run.vocabulary.encode(nouns), right, steps, "unseen sentences")


def _first_exam(run):
    """New sequences: a symbol to remember, then random fillers."""
    T, rng = run.recipe.delay + 1, np.random.default_rng(run.recipe.seed + 1)
    x = remember_first(T, EXAM, rng=rng).x
    K = x.shape[-1] // 2
    symbols, twins = x[0].argmax(axis=-1), x.copy()
    twins[0] = one_hot((symbols + 1) % K, 2 * K)
    right = np.concatenate([symbols, (symbols + 1) % K])
    answers = list("ABCDEFGH"[:K])
    steps = [answers[right[0]], *(str(t) if t % (T // 4 or 1) == 0 else "" for t in range(1, T))]
    x, asked = np.concatenate([x, twins], axis=1), np.full(2 * EXAM, T - 1)
    return Questions(x, 0, asked, answers, np.arange(K), right, steps, "new sequences")


class Film:
    """The exam of a run's network at each of its M moments.

    Attributes:
        moments, last: the training steps of the moments, and the index of the last one.
        exam: the `Questions`.
        unit: the unit that matters most to the last network.
        guessing, loss: the loss of guessing among the answers, and (M,), of the network.
        passed: (M,), the number of right answers.
        got: the moment from which the loss stays low, or None.
        f, i, o, c, c_twin: (M, T), of the unit in the first sequence, and its c in the twin.
        p: (M, K), the probabilities of the answers to the first sequence.
        kept: (M,), the product of f from the word to the question.
    """

    def __init__(self, run):
        self.moments, self.last = np.asarray(run.moments), len(run.moments) - 1
        exam = self.exam = (_cat_exam if run.recipe.task == "cat" else _first_exam)(run)
        self.unit = _unit_that_matters(run.model(-1), exam)
        self.guessing = float(np.log(len(exam.answers)))
        results = (_examine(run.model(k), exam, self.unit) for k in range(len(self.moments)))
        columns = map(np.array, zip(*results, strict=True))
        self.f, self.i, self.o, self.c, self.c_twin, self.p, self.loss, self.passed = columns
        self.kept = self.f[:, exam.first + 1 :].prod(axis=1)
        fails = np.flatnonzero(self.loss >= _GOT * self.guessing)
        got = fails[-1] + 1 if fails.size else 0
        self.got = None if got > self.last else int(got)

    def sentence(self, k):
        """The sentence that the panel shows at a moment."""
        exam, p = self.exam, self.p[k]
        word = exam.answers[exam.right[0]]
        memory = f"Unit {self.unit} keeps {percent(self.kept[k])} of what it wrote at “{word}”."
        if self.got is None and k == self.last:
            memory = f"It never gets it: no unit holds “{word}”; unit {self.unit} comes closest."
        return (
            f"After {self.moments[k]:,} training steps the loss is {number(self.loss[k])}; guessing costs "
            f"{number(self.guessing)}. {memory} P({word}) = {number(p[exam.right[0]])}. "
            f"Right on {self.passed[k]} of {EXAM} {exam.sequences}."
        )


@cache
def film(name):
    """The `Film` of a recorded run, by the run's name."""
    return Film(recorded(name))


def _answers(model, h, exam):
    """The probabilities of the answers to the first N questions, (N, K), and -ln p of the right ones, (N,)."""
    questions = np.arange(h.shape[1])
    p = softmax(model.readout.forward(h[exam.asked[questions], questions]))[:, exam.classes]
    return p, -np.log(np.maximum(p[questions, exam.right[questions]], 1e-300))


def _unit_that_matters(model, exam):
    """The unit that costs most when, halfway to the question, its memory is exchanged with that of the twin."""
    layer, half = model.layer, (exam.first + exam.asked.min() + 1) // 2
    c = layer.forward(exam.x).c[half, np.roll(np.arange(2 * EXAM), EXAM)]

    def loss(unit):
        return _answers(model, intervene(layer, exam.x, half, unit, c=c[:, unit]).h, exam)[1].mean()

    return int(np.argmax([loss(unit) for unit in range(layer.hidden_size)]))


def _examine(model, exam, unit):
    """One row of a `Film`: f, i, o, c, c_twin, p, loss, passed."""
    end = exam.asked[0] + 1
    trace = model.layer.forward(exam.x[:, : EXAM + 1])  # the last of these is the twin of the first
    p, surprise = _answers(model, trace.h, exam)
    f, i, o, c = (getattr(trace, name)[:end, 0, unit] for name in "fioc")
    passed = int((p.argmax(axis=1) == exam.right[: EXAM + 1])[:EXAM].sum())
    return f, i, o, c, trace.c[:end, EXAM, unit], p[0], float(surprise[:EXAM].mean()), passed


# Layout of the picture, in units of the SVG. Left, over the training: the loss, and under it the gates. Right, over one
# sequence: the gates of one unit, its memory, and the answer.
_HEIGHT = 440
_LOSS, _GATES = (56, 258, 312, 142), (56, 46, 312, 132)  # left, bottom, width, height
_LEFT, _WIDTH = 444, 296  # of the right half
_LANES_TOP, _LANE = 406, 30  # the rows of gates, and the height of one
_LANE_FILL = 0.8  # height of an open gate, in lanes
_MEMORY = (152, 148)  # bottom, height; words and answers go below
_ANSWER = 22  # height of a bar
_MARKS = {"f": ("o", "-", "●"), "i": ("s", "--", "■"), "o": ("^", ":", "▲")}
_TICKS = (0, 20, 50, 100, 200, 2000)  # training steps, if there is such a moment
_LABEL_ROOM = 17  # from the name of one line to that of the other


class LearningPicture(Drawing):
    """The training so far, and one sequence as the network of this moment reads it.

    Args:
        moments: the training steps of the moments.
        opening: the `Film` that the panel opens with.

    Attributes:
        figure, moving: for `LiveFigure`.
        loss, over_time: the line of the loss, and those of the gates by name.
        lanes, lines, ends, bars, amounts: of the sequence: the gates, the memories and their names, the answers.
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
        """Show the data of `LearningExplorer.show`; true if the axes of the sequence have changed."""
        film, k = data["film"], data["moment"]
        new = film is not self._film
        if new:
            self._film = film
            self._fit_sequence(film)
        moments = np.arange(k + 1)
        put(self.loss, data=(moments, film.loss[: k + 1]))
        put(self.now, data=([k], [min(film.loss[k], 2 * film.guessing)]))
        put(self.values["loss"], text=number(film.loss[k]))
        for cursor in self._cursors:
            put(cursor, xdata=[k, k])
        for artist in (self.got, self.got_words):
            put(artist, visible=data["got"])
        if data["got"]:
            put(self.got, xdata=[film.got, film.got])
            side, offset = ("right", -0.6) if film.got > 0.6 * film.last else ("left", 0.6)
            put(self.got_words, position=(film.got + offset, 1.75 * film.guessing))
            put(self.got_words, text=f"gets it: {film.moments[film.got]:,}", horizontalalignment=side)
        for gate, values in {"f": film.kept, "i": film.i[:, film.exam.first], "o": film.o[:, -1]}.items():
            put(self.over_time[gate], data=(moments, values[: k + 1]))
            put(self._dots[gate], data=([k], [values[k]]))
            put(self.values[gate], text=number(values[k]))
        self._show_sequence(film, k)
        return new

    def _show_sequence(self, film, k):
        put(self.heading, text=f"unit {film.unit}")
        steps, right = len(film.exam.steps), film.exam.right[0]
        for base, (gate, lane) in zip((2, 1, 0), self.lanes.items(), strict=True):
            heights = base + getattr(film, gate)[k] * _LANE_FILL
            if not np.array_equal(lane.get_data().values, heights):
                lane.set_data(heights, np.arange(steps + 1) - 0.5, base)
        put(self.lines["c"], data=(np.arange(steps), film.c[k]))
        put(self.lines["twin"], data=(np.arange(steps), film.c_twin[k]))
        self._name_the_ends(film, k)
        for n, (bar, text, p) in enumerate(zip(self.bars, self.amounts, film.p[k], strict=True)):
            put(bar, width=p, facecolor=to_rgba(QUIET if n == right else GRAY))
            put(text, text=number(p), fontweight="bold" if n == right else "normal")

    def _name_the_ends(self, film, k):
        """Name the two memories at their ends, pushed apart."""
        low, high = self.lines["c"].axes.get_ylim()
        room, x = _LABEL_ROOM / _MEMORY[1] * (high - low), 1.02 * len(film.exam.steps) - 0.5
        heights = spread([film.c_twin[k, -1], film.c[k, -1]], [room, room], -np.inf, np.inf)
        for name, y, question in zip(("twin", "c"), heights, (EXAM, 0), strict=True):
            put(self.ends[name], position=(x, y), text=film.exam.answers[film.exam.right[question]])

    def _fit_sequence(self, film):
        """Fit the axes of the sequence to a run: its words, and its largest memory at any moment."""
        steps = film.exam.steps
        limit = float(np.ceil(max(np.abs(film.c).max(), np.abs(film.c_twin).max())))
        self._lane_axes.set_xlim(-0.5, len(steps) - 0.5)
        axes = self.lines["c"].axes
        axes.set(xlim=(-0.5, len(steps) - 0.5), ylim=(-limit, limit), yticks=(-limit, 0, limit))
        axes.set_yticklabels([f"−{limit:g}", "0", f"{limit:g}"])
        for line in self.lines.values():
            line.set_markersize(5 if "" not in steps else 3)
        labeled = [(t, word) for t, word in enumerate(steps) if word]
        style = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if "" not in steps else {}
        axes.set_xticks([t for t, _ in labeled], [word for _, word in labeled], **style)

    def _over_training(self, place, ylim):
        """Axes over the training, with equal distances between moments."""
        axes = self.plot(*place, xlim=(-0.7, len(self._moments) - 0.3), ylim=ylim)
        labeled = [(k, steps) for k, steps in enumerate(self._moments) if steps in _TICKS]
        axes.set_xticks([k for k, _ in labeled], [f"{steps:,}" for _, steps in labeled])
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
        x = len(self._moments) - 1.6  # clear of the cursor at the last moment
        axes.text(x, 0.92 * guessing, "guessing", ha="right", va="top", fontsize=14, color=QUIET)
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
        for gate, (marker, dashes, sign) in _MARKS.items():
            (self.over_time[gate],) = axes.plot([], [], dashes, color=COLORS[gate], clip_on=False)
            style = {"color": COLORS[gate], "marker": marker, "markersize": 9, "clip_on": False, "zorder": 4}
            (self._dots[gate],) = axes.plot([], [], **style)
            words, x = captions[gate]
            self.text(x, bottom + height + 36, f"{sign} {words}", "left", color=INK[gate], **MATH)
            bold = {"size": 16, "color": INK[gate], "weight": "bold"}
            self.values[gate] = self.text(x + 20, bottom + height + 17, "", "left", **bold)
        self._cursors.append(axes.axvline(0, color=FAINT, linewidth=6, alpha=0.6, zorder=0))

    def _draw_lanes(self):
        bottom = _LANES_TOP - 3 * _LANE
        axes = self._lane_axes = self.plot(_LEFT, bottom, _WIDTH, 3 * _LANE, xlim=(0, 1), ylim=(0, 3))
        axes.set_axis_off()
        self.heading = self.text(_LEFT - 28, _LANES_TOP + 16, "", "left", size=16, color="black", weight="bold")
        self.text(_LEFT + 50, _LANES_TOP + 16, "its gates", "left")
        self.lanes = {}
        for base, gate in zip((2, 1, 0), "fio", strict=True):
            for y in (base, base + _LANE_FILL):
                axes.axhline(y, color=FAINT, linewidth=1)
            style = {"fill": True, "facecolor": COLORS[gate], "linewidth": 0}
            self.lanes[gate] = axes.stairs([0], [0, 1], baseline=base, **style)
            y = bottom + (base + _LANE_FILL / 2) * _LANE
            self.text(_LEFT - 10, y, gate, "right", size=17, color=INK[gate], weight="bold")

    def _draw_memory(self):
        bottom, height = _MEMORY
        axes = self.plot(_LEFT, bottom, _WIDTH, height, xlim=(0, 1), ylim=(-1, 1))
        axes.axhline(0, color=QUIET, linewidth=1)
        self.text(_LEFT - 40, bottom + height / 2, "memory $c$", "center", rotation=90, **MATH)
        styles = {"twin": ("x", {"linestyle": "--", "marker": "s"}), "c": ("c", {"marker": "o"})}
        self.lines, self.ends = {}, {}
        for name, (symbol, style) in styles.items():
            (self.lines[name],) = axes.plot([], [], clip_on=False, color=COLORS[symbol], **style)
            text = {"va": "center", "fontsize": 14, "clip_on": False}
            self.ends[name] = axes.text(0, 0, "", color=INK[symbol], **text)
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

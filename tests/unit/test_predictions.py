"""A prediction in an explorer: it is drawn beside the truth and named in the sentence, and changes nothing else."""

import html
import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from lstm_helpers.explorers import (
    CellExplorer,
    ForgettingExplorer,
    GateExplorer,
    GradientExplorer,
    LearningExplorer,
    MemoryUnitExplorer,
    OpenedModelExplorer,
    PointwiseExplorer,
    ScheduleExplorer,
    TextExplorer,
    UnrolledExplorer,
    VariantExplorer,
)
from lstm_helpers.view.live import LiveFigure
from lstm_helpers.view.prediction import as_typed
from lstm_helpers.view.style import magnitude, number
from tests.support.explorers import (
    ONE_OF_EACH,
    PREDICTED,
    Kept,
    forget_explorer,
    gradient_explorer,
    letters_and_model,
    memory_explorer,
    sliders,
    text_explorer,
    word_explorer,
)
from tests.support.learning import loss_at_every_moment
from tests.support.opened import opened_explorer
from tests.support.refusals import assert_refused
from tests.support.svg import ids, references, unsalted


def case(prediction, said, truth, x, y, label="you"):
    """A prediction, what the sentence says of it, and where it belongs; what depends on the state is a function.

    Said and truth are texts or lists of them, x and y numbers or lists of them; with several predictions lists of such.
    """
    return SimpleNamespace(prediction=prediction, said=said, truth=truth, x=x, y=y, label=label)


def several(*cases):
    """Several cases in one prediction, a mapping."""
    return SimpleNamespace(prediction={k: v for one in cases for k, v in one.prediction.items()}, parts=cases)


def in_a_row(words):
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def texts(artists):
    return f"[{', '.join(artist.get_text() for artist in artists)}]"


def box_of(text):
    """Return the extent of a text in units of the picture. (A text caches its extent in a PNG.)"""
    return text.get_window_extent(text.get_figure()._get_renderer())


def middles(bars):
    return [bar.get_x() + bar.get_width() / 2 for bar in bars]


def pointwise_cases(e):
    def one(part, sign, values, said, named):
        cells = e.picture.cells[part, "result"]
        said, truth = f"{said} for {sign}", lambda e: texts(e.picture.cells[part, "result"])
        return case({part: values} if named else values, said, truth, [k + 0.26 for k in range(len(cells))], values)

    yield one("product", "x × y", [0.1, 0.5, 0.9], "[0.1, 0.5, 0.9]", named=False)
    yield several(
        one("sum", "x + y", (0, -0.0, 5), "[0, 0, 5]", named=True),
        one("product", "x × y", np.array([-1.0, -0.04, -3]), "[−1, −0.04, −3]", named=True),
    )


def cell_cases(e):
    def one(name, value, place):
        said, truth = f"{as_typed(value)} for {name}", lambda e: e.picture.labels[name].get_text()
        return case({name: value}, said, truth, *place, label=f"you {as_typed(value)}")

    c, h = one("c", 0.95, (575, 262)), one("h", -0.4, (676, 125))
    yield SimpleNamespace(**{**vars(c), "prediction": 0.95})
    yield h
    yield several(c, h)


def gate_cases(e):
    symbol, result = e.symbol, {"f": "kept", "i": "written", "o": "shown"}[e.symbol]

    def gate(e):
        return e.picture.gate_labels[e.state["unit"]].get_text()

    def through(values):
        bars = e.picture.passed_bars
        said, truth = f"{as_typed(values)} for what is {result}", lambda e: texts(e.picture.passed_labels)
        return case({result: values}, said, truth, middles(bars), values)

    yield case(0.25, f"0.25 for {symbol}", gate, -math.log(3), 0.25)
    yield case(1, f"1 for {symbol}", gate, 6, 1)
    yield case(-0.5, f"−0.5 for {symbol}", gate, -6, -0.5)
    some = through([0.4, -0.15, 2.0])
    yield SimpleNamespace(**{**vars(some), "prediction": [0.4, -0.15, 2.0]})
    yield several(case({symbol: 0.75}, f"0.75 for {symbol}", gate, math.log(3), 0.75), some)


def schedule_cases(e):
    steps = len(e.state["f"])

    def last(name, value, label="you"):
        said, truth = f"{as_typed(value)} for {name} after step {steps}", lambda e: number(line(e, name)[-1])
        return case({name: value}, said, truth, steps, value, label=label)

    def line(e, name):
        return e.picture.lines[name].get_ydata()

    def every(name, values, label="you"):
        said = f"[{', '.join(map(as_typed, values))}] for {name} step by step"
        truth = lambda e: f"[{', '.join(number(v) for v in line(e, name)[-steps:])}]"  # noqa: E731
        return case({name: values}, said, truth, range(1, steps + 1), values, label=label)

    yield SimpleNamespace(**{**vars(last("c", 0.4)), "prediction": 0.4})
    values = np.linspace(-3, 3, steps)
    yield SimpleNamespace(**{**vars(every("c", values)), "prediction": values})
    yield last("h", 0)
    yield several(every("h", values, "your h"), last("c", 1e9, "your c"))


def forgetting_cases(e):
    def left(e):
        return number(e.picture.lines["c"].get_ydata()[-1])

    def until_half(e):
        f = e.state["f"]
        if e.state["i"] * e.state["g"] or not e.state["c_0"]:
            writes = e.state["i"] * e.state["g"]
            return f"there is no half-life ({'each step also writes' if writes else 'the memory is 0'})"
        return (
            "infinitely many" if f == 1 else "less than 1" if f < 0.5 else f"{math.log(0.5, f):.1f}".removesuffix(".0")
        )

    def half(steps, x, **options):
        said = f"{as_typed(steps)} step{'s' if steps != 1 else ''} until half is gone"
        return case({"half": steps}, said, until_half, x, lambda e: e.state["c_0"] / 2, **options)

    last = case({"c": 0.3}, "0.3 after step 20", left, 20, 0.3)
    yield SimpleNamespace(**{**vars(last), "prediction": 0.3})
    yield case({"c": -4}, "−4 after step 20", left, 20, -4)
    yield half(7, 7)
    yield half(1, 1)
    yield several(half(100, 20, label="your half"), case({"c": 0.0}, "0 after step 20", left, 20, 0, label="your c"))


def gradient_cases(e):
    lines = {"RNN": "RNN", "LSTM": "LSTM, all paths"}

    def one(name, value, said, label="you"):
        def left(e):
            y = e.picture.lines[lines[name]].get_ydata()[-1]  # independent of the pulse
            return magnitude(y) if y > 1e-10 else None  # smaller values are not drawn

        return case({name: value}, f"{said} for the {name} after all steps", left, lambda e: e.state["T"], value, label)

    yield SimpleNamespace(**{**vars(one("LSTM", 0.01, "0.01")), "prediction": 0.01})
    yield SimpleNamespace(**{**vars(one("LSTM", 0, "0")), "prediction": 0})
    yield one("RNN", 2.5e-5, "2.5 × 10⁻⁵")
    yield several(one("LSTM", 1e9, "1 × 10⁹", "your LSTM"), one("RNN", 0.5, "0.5", "your RNN"))


def memory_cases(e):
    nouns = e._nouns

    def p(noun):
        return lambda e: e.picture.numbers[0][nouns.index(noun)].get_text()

    def best(e):
        (row,) = [k for k, text in enumerate(e.picture.numbers[0]) if text.get_fontweight() == "bold"]
        return f"“{nouns[row]}”"

    yield case(0.3, "0.3 for P(cat)", p("cat"), 0.3, 0)
    yield case("dog", "“dog”", best, lambda e: e.picture.bars[0][1].get_width(), 1)
    yield several(case({"dog": 1}, "1 for P(dog)", p("dog"), 1, 1), case({"cat": 0}, "0 for P(cat)", p("cat"), 0, 0))
    if len(nouns) > 2:
        yield several(*(case({noun: 0.2}, f"0.2 for P({noun})", p(noun), 0.2, k) for k, noun in enumerate(nouns)))


def text_cases(e):
    named = {"␣": "a space", "↵": "the end of the line"}

    def likeliest(e):
        name = e.picture.names[0].get_text()
        return named.get(name, name)

    def bar_of(character):
        def which(e):
            names = [text.get_text() for text in e.picture.names]
            return names.index(character) if character in names else len(names) - 1

        return which

    def over(character):
        def height(e):
            k, (data, _) = bar_of(character)(e), e.show(**e.state)
            top = max(data["p"][k], data["plain"][k])
            return top + 0.18 if top < 0.8 else top - 0.12

        return height

    yield case(0.6, "0.6 for the likeliest", lambda e: number(e.show(**e.state)[0]["p"][0]), 0.5, 0.6)
    yield case("W", "W", likeliest, bar_of("W"), over("W"))
    yield case("\n", "the end of the line", likeliest, bar_of("↵"), over("↵"))


def variant_cases(e):
    def one(name, value, said):
        def end(e):
            return e.picture.ends[name].get_text()

        return case({name: value}, f"{said} for the {name}", end, 12, value)

    yield SimpleNamespace(**{**vars(one("LSTM", 0.8, "0.8")), "prediction": 0.8})
    yield several(one("GRU", 50, "50"), one("plain RNN", -0.25, "−0.25"))


def unrolled_cases(e):
    T = len(e.state["x"])

    def last(e):
        return number(e.show(**e.state)[0]["run"]["c"][-1])

    yield SimpleNamespace(**{**vars(case({"c": 0.3}, f"0.3 for c after step {T}", last, T, 0.3)), "prediction": 0.3})
    yield case({"c": -4}, f"−4 for c after step {T}", last, T, -4)


def learning_cases(e):
    def truth(e):
        losses, moments = [float(value) for value in loss_at_every_moment(e)], e.picture._moments
        high = [k for k, loss in enumerate(losses) if loss >= math.log(len(e.picture.bars)) / 2]
        got, now = high[-1] + 1, round(e.state["moment"])
        if now >= got:
            return f"{moments[got]:,}"
        return "it never gets it" if now == len(moments) - 1 else "it has not got it yet"

    def guessing(e):
        return math.log(len(e.picture.bars))

    def one(steps, x):
        said = "1 step" if steps == 1 else f"{as_typed(steps)} steps"
        return case({"steps": steps}, said, truth, x, guessing)

    yield SimpleNamespace(**{**vars(one(40, 8)), "prediction": 40})
    yield one(1, 0.2)
    yield one(105, 20.5)
    yield one(10_000, 39)


def opened_cases(e):
    at = round(e.state["step"])

    def one(name, value, label="you"):
        def truth(e):
            data, _ = e.show(**e.state)
            return number(data["layer"].states[name][at, data["unit"]])

        return case({name: value}, f"{as_typed(value)} for {name} at step {at}", truth, at, value, label=label)

    first, *others = e.picture.lines
    yield SimpleNamespace(**{**vars(one(first, 0.25)), "prediction": 0.25})
    yield one(first, -40)
    if others:
        yield several(one("h", -0.5, "your h"), one("c", 0.75, "your c"))


CASES = {
    PointwiseExplorer: pointwise_cases,
    CellExplorer: cell_cases,
    ForgettingExplorer: forgetting_cases,
    GateExplorer: gate_cases,
    ScheduleExplorer: schedule_cases,
    GradientExplorer: gradient_cases,
    LearningExplorer: learning_cases,
    MemoryUnitExplorer: memory_cases,
    OpenedModelExplorer: opened_cases,
    TextExplorer: text_cases,
    UnrolledExplorer: unrolled_cases,
    VariantExplorer: variant_cases,
}


def cases(bare):
    """Return the cases for the type of an explorer, which is as it opens, without a prediction."""
    return list(CASES[type(bare)](bare))


def at(value, explorer):
    return value(explorer) if callable(value) else value


def check_prediction(explorer, tried):
    """Check the diamonds and arrows, the label, and the clause in the sentence; return the sentence before it."""
    parts = getattr(tried, "parts", [tried])
    assert len(explorer._predictions) == len(parts)
    for prediction, part in zip(explorer._predictions, parts, strict=True):
        low, high = sorted(prediction.label.axes.get_ylim())
        y = np.atleast_1d(at(part.y, explorer)).astype(float)
        x = np.broadcast_to(at(part.x, explorer), y.shape)
        assert prediction.marks.get_offsets().tolist() == pytest.approx(np.column_stack([x, np.clip(y, low, high)]))
        corners = [len(path.vertices) for path in prediction.marks.get_paths()]
        assert corners == [5 if low <= value <= high else 4 for value in y]  # a diamond, or an arrow
        for path, value in zip(prediction.marks.get_paths(), y, strict=True):
            if value > high:  # the tip points up, and is at the edge
                assert path.vertices[:, 1].max() == pytest.approx(0) and path.vertices[:, 1].argmax() == 0
            if value < low:
                assert path.vertices[:, 1].min() == pytest.approx(0) and path.vertices[:, 1].argmin() == 0
        box, edges = box_of(prediction.label), explorer.picture.figure.bbox
        assert edges.x0 <= box.x0 and box.x1 <= edges.x1 and edges.y0 <= box.y0 and box.y1 <= edges.y1
        assert prediction.label.get_text() == (part.label if len(parts) > 1 or "your" not in part.label else "you")
    truths = [at(part.truth, explorer) for part in parts]
    said = f" You predicted {in_a_row([part.said for part in parts])}; here "
    before, between, after = explorer.sentence.partition(said)
    own = [str(truth).startswith(("there is", "it ")) for truth in truths]  # a clause of its own
    clauses = [str(truth) if clause else f"it is {truth}" for truth, clause in zip(truths, own, strict=True)]
    told = in_a_row(clauses) if any(own) else f"it is {in_a_row([*map(str, truths)])}"
    assert (between and None in truths) or after == told + "."
    assert html.escape(explorer.sentence) in explorer._layer.value
    return before


def check_it_hides_no_number(explorer):
    """Check that diamonds and labels cover no text and no other prediction. (They may cover bars and lines.)"""
    for one, other in itertools.permutations(explorer._predictions, 2):
        label = box_of(one.label)
        for point, way in zip(other.label.axes.transData.transform(other.points), other.beyond, strict=True):
            x, y = point - [0, 5 * way]
            assert not (label.x0 < x + 5 and x - 5 < label.x1 and label.y0 < y + 5 and y - 5 < label.y1), other.words
        shared = Bbox.intersection(label, box_of(other.label))
        assert shared is None or min(shared.size) < 0.5, (one.words, other.words)
    own = {prediction.label for prediction in explorer._predictions}
    texts = [t for t in explorer.picture.figure.findobj(Text) if t not in own and t.get_text().strip()]
    boxes = [(t.get_text(), box_of(t)) for t in texts if t.get_visible()]
    for prediction in explorer._predictions:
        points = prediction.label.axes.transData.transform(prediction.points)
        points[:, 1] -= 5 * prediction.beyond  # an arrow is inside the edge
        corners = [(*(point - 5), *(point + 5)) for point in points]
        for x0, y0, x1, y1 in [*corners, box_of(prediction.label).extents]:
            for text, box in boxes:
                assert x1 <= box.x0 or box.x1 <= x0 or y1 <= box.y0 or box.y1 <= y0, text


def rest_of_layer(explorer):
    """Return the drawings and references of all moving artists but those of predictions."""
    own = [artist for prediction in explorer._predictions for artist in prediction.artists]
    live, layer = explorer._live, explorer._layer.value
    assert all(content.strip() in layer for _, content in live._drawn.values())
    others = [live._drawn[artist] for artist in live.moving if artist not in own]
    return "\n".join(piece for definitions, content in others for piece in (*definitions, content))


def ends(explorer):
    for slider in sliders(explorer):
        for end in ("min", "max"):
            yield slider.name, getattr(slider.handle, end)


@pytest.fixture(scope="module")
def kept():
    return Kept()


@pytest.fixture
def bare(make, kept):
    """The explorer without a prediction, as it opens."""
    return kept(make)


@pytest.fixture
def tried(bare):
    """The last case of the explorer."""
    return cases(bare)[-1]


@pytest.fixture
def explorer(make, kept, tried):
    """The explorer with that prediction, as it opens."""
    return kept(make, prediction=tried.prediction)


@pytest.mark.slow
@pytest.mark.parametrize("make", PREDICTED)
class TestEveryExplorer:
    @pytest.mark.long
    def test_a_prediction_is_in_its_place_and_named_at_the_ends_of_every_slider(self, make, bare):
        for tried in cases(bare):
            explorer = make(prediction=tried.prediction)
            check_prediction(explorer, tried)
            check_it_hides_no_number(explorer)
            for name, value in ends(explorer):
                explorer.controls[name].handle.value = value
                check_prediction(explorer, tried)

    def test_a_prediction_changes_nothing_else(self, bare, tried, explorer):
        for one in (bare, explorer):
            slider = sliders(one)[0]
            slider.handle.value = (slider.handle.min + 2 * slider.handle.max) / 3
        assert unsalted(explorer._still.value) == unsalted(bare._still.value)
        assert unsalted(rest_of_layer(explorer)) == unsalted(rest_of_layer(bare))
        assert check_prediction(explorer, tried) == bare.sentence

    def test_the_stored_description_names_it(self, bare, tried, explorer, monkeypatch):
        monkeypatch.setattr(LiveFigure, "png", lambda self: b"one picture")
        data, metadata = explorer._repr_mimebundle_()
        assert data["text/plain"] == metadata["image/png"]["alt"] == f"{explorer.title}. {explorer.sentence}"
        assert check_prediction(explorer, tried) == bare.sentence

    def test_it_is_redrawn_only_if_it_moves(self, explorer, monkeypatch):
        drawn, draw = [], PathCollection.draw
        monkeypatch.setattr(PathCollection, "draw", lambda self, renderer: (drawn.append(self), draw(self, renderer)))
        slider = sliders(explorer)[-1]
        middle = (slider.handle.min + slider.handle.max) / 2
        explorer.move(**{slider.name: middle})
        before, still = [p._drawn for p in explorer._predictions], explorer._still.value
        drawn.clear()
        explorer.move(**{slider.name: middle + slider.handle.step})
        moved = before != [p._drawn for p in explorer._predictions] or still != explorer._still.value
        assert bool(drawn) == moved

    def test_it_equals_a_fresh_drawing_and_all_references_exist(self, explorer, kept, rng):
        other = kept(CellExplorer, prediction=0.95)
        for slider in sliders(explorer):
            slider.handle.value = rng.uniform(slider.handle.min, slider.handle.max)
        drawn = explorer._layer.value
        explorer._live._drawn.clear()
        explorer._draw()
        assert explorer._layer.value == drawn
        assert references(drawn) <= ids(drawn) and not ids(drawn) & ids(other._layer.value)


@pytest.mark.slow
@pytest.mark.parametrize("make", ONE_OF_EACH)
def test_an_empty_prediction_changes_nothing(make, bare):
    asked = make(prediction=...)
    assert asked._predictions == [] and asked.sentence == bare.sentence and "predicted" not in bare.sentence
    assert set(asked._live.moving) <= {*asked.picture.moving}
    assert unsalted(asked._still.value) == unsalted(bare._still.value)
    assert unsalted(asked._layer.value) == unsalted(bare._layer.value)


@pytest.mark.slow
@pytest.mark.parametrize("make", ONE_OF_EACH)
def test_a_mapping_with_only_an_ellipsis_is_no_prediction(make, bare):
    names = {name for tried in cases(bare) if isinstance(tried.prediction, dict) for name in tried.prediction}
    for mapping in {}, dict.fromkeys(names, ...):
        assert make(prediction=mapping).sentence == bare.sentence


@pytest.mark.slow
@pytest.mark.parametrize("make", ONE_OF_EACH)
@pytest.mark.parametrize(
    "bad", [None, math.nan, math.inf, "nonsense", [], [0.1] * 7, [0.1, ...], [[0.1]], {"q": 0.1}, 1j, object], ids=repr
)
def test_an_invalid_prediction_is_refused_by_its_name(make, bad):
    with pytest.raises((ValueError, TypeError), match=r"^prediction must "):
        make(prediction=bad)


REFUSALS = {
    "two of three": (lambda: PointwiseExplorer(prediction=[0.1, 0.2]), ValueError,
                     "prediction must be a list of 3, got shape (2,)"),
    "a blank left in": (lambda: PointwiseExplorer(prediction=[0.1, ..., 0.2]), TypeError,
                        "prediction must hold real numbers, got [0.1, Ellipsis, 0.2]"),
    "a word": (lambda: CellExplorer(prediction="up"), TypeError, "prediction must hold real numbers, got 'up'"),
    "a list for the memory": (lambda: CellExplorer(prediction=[0.1]), ValueError,
                              "prediction must be a single number, got shape (1,)"),
    "a decimal comma": (lambda: CellExplorer(prediction={"c": (0, 95)}), ValueError,
                        "prediction['c'] must be a single number, got shape (2,); write 0.95, with a decimal point"),
    "a comma in thousands": (lambda: CellExplorer(prediction=(2, 0)), ValueError,  # 2,000
                             "prediction must be a single number, got shape (2,); "
                             "write 2000 without a comma, or 2.0 with a point"),
    "three decimal commas": (lambda: PointwiseExplorer(prediction=[0, 29, -0, 2, 0, 49]), ValueError,
                             "prediction must be a list of 3, got shape (6,); "
                             "write each with a decimal point, as in 0.5"),
    "a decimal comma in a probability": (lambda: text_explorer(prediction=(0, 5)), ValueError,
                                         "prediction must be a single number, got shape (2,); "
                                         "write 0.5, with a decimal point"),
    "two numbers for one": (lambda: CellExplorer(prediction=(0, -4)), ValueError,
                            "prediction must be a single number, got shape (2,)"),
    "two fractions": (lambda: CellExplorer(prediction=(0.1, 0.2)), ValueError,
                      "prediction must be a single number, got shape (2,)"),
    "no such wire": (lambda: CellExplorer(prediction={"f": 1}), ValueError,
                     "prediction must be of c or h, got one of 'f'"),
    "not a number for h": (lambda: CellExplorer(prediction={"c": 1, "h": math.nan}), ValueError,
                           "prediction['h'] must be finite, got nan"),
    "two of three units": (lambda: forget_explorer(prediction=[0.5, 0.5]), ValueError,
                           "prediction must be a single number or a list of 3, got shape (2,)"),
    "one number for what is kept": (lambda: forget_explorer(prediction={"kept": 0.5}), ValueError,
                                    "prediction['kept'] must be a list of 3, got shape ()"),
    "the start as well": (lambda: word_explorer(prediction=[0] * 7), ValueError,
                          "prediction must be a single number or a list of 6, got shape (7,)"),
    "less than nothing": (lambda: gradient_explorer(prediction=-1), ValueError,
                          "prediction must be at least 0, got -1.0"),
    "a percentage": (lambda: memory_explorer(prediction=60), ValueError,
                     "prediction must lie from 0 to 1, got 60.0"),
    "no such noun": (lambda: memory_explorer(prediction="cow"), ValueError,
                     "prediction must be a probability or one of ('cat', 'dog', 'fox'), got 'cow'"),
    "a small letter": (lambda: text_explorer(prediction="a"), ValueError,
                       "prediction must be a probability, or one character that the model knows, ↵ ␣ - A B W; got 'a'"),
    "a likeliest of 2": (lambda: text_explorer(prediction=2), ValueError, "prediction must lie from 0 to 1, got 2.0"),
}  # fmt: skip


@pytest.mark.parametrize("call, kind, sentence", REFUSALS.values(), ids=REFUSALS)
def test_a_refused_prediction_gets_one_sentence(call, kind, sentence):
    assert_refused(call, kind, sentence)


def test_a_refused_prediction_draws_nothing_from_the_generator():
    rng = np.random.default_rng(1)
    before = rng.bit_generator.state
    for call in (
        lambda: GradientExplorer(rng=rng, prediction="?"),
        lambda: TextExplorer(*letters_and_model("AB\n"), rng=rng, prediction="?"),
    ):
        with pytest.raises((TypeError, ValueError), match=r"^prediction"):
            call()
        assert rng.bit_generator.state == before


def test_a_prediction_belongs_to_its_question_and_the_truth_moves_toward_it():
    """The prediction is about y = -x: far from the truth at the start, right after the button is pressed."""
    explorer = PointwiseExplorer(prediction=[-0.04, -0.64, -0.25])
    (prediction,) = explorer._predictions
    assert explorer.sentence.endswith("here it is [0.06, 0.56, 0.20].")
    for _ in range(2):
        assert prediction.beyond.tolist() == [0, 0, 0] and prediction.points[:, 1].tolist() == [-0.04, -0.64, -0.25]
        explorer.choose("y = −x")
    assert explorer.sentence.endswith("here it is [−0.04, −0.64, −0.25].")
    heights = [bar.get_height() for bar in explorer.picture.bars["product", "result"]]
    assert heights == pytest.approx([-0.04, -0.64, -0.25])


@pytest.mark.slow
def test_the_label_changes_sides_if_there_is_no_room():
    def label_over(value):
        (prediction,) = forget_explorer(prediction={"kept": [0, 0, value]})._predictions
        y = prediction.label.axes.transData.transform((0, value))[1]
        return box_of(prediction.label).y0 > y

    assert [label_over(value) for value in (0, 0.5, 0.95)] == [True, True, False]


def test_the_label_is_beyond_the_end_of_a_bar():
    explorer = PointwiseExplorer(prediction=[0, 0, -0.25])
    explorer.choose("y = −x")
    (prediction,) = explorer._predictions
    assert box_of(prediction.label).y1 < prediction.label.axes.transData.transform((2, -0.25))[1]


@pytest.mark.parametrize(
    "value, text",
    [(0.5, "0.5"), (-0.14, "−0.14"), (-0.0, "0"), (1, "1"), (1 / 3, "0.3333"), (2e-7, "2 × 10⁻⁷"),
     (-1.25e12, "−1.25 × 10¹²"), ([0.1, -2], "[0.1, −2]")],
)  # fmt: skip
def test_a_number_is_formatted_as_typed(value, text):
    assert as_typed(np.asarray(value, dtype=float)) == text


CLOSE = [-0.75, -0.25, -0.2, 0.0, 0.05, 0.25, 1.0]
PAIRS = [
    *((ScheduleExplorer, one, other) for one in CLOSE for other in CLOSE),
    (opened_explorer, -0.75, -0.25), (opened_explorer, 0.25, 0.25),
]  # fmt: skip


@pytest.mark.parametrize("make, c, h", PAIRS)
def test_two_predictions_at_the_same_step_are_beside_their_own_names(make, c, h):
    """Even if they are equal, or at an edge of their axes."""
    check_it_hides_no_number(make(prediction={"c": c, "h": h}))


@pytest.mark.parametrize("left", [(0.25, 0.75), (0.1, 0.1), (1e-9, 1e-8)])
def test_two_predictions_of_the_gradient_are_beside_their_own_names(left):
    explorer = gradient_explorer(prediction=dict(zip(("RNN", "LSTM"), left, strict=True)))
    check_it_hides_no_number(explorer)

"""The room: answers go to one listener, the class's predictions come from it, and it never disturbs a notebook."""

import inspect
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from lstm_helpers import explorers, room
from lstm_helpers.checks import QUESTIONS, answer, check, hint, load
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
from lstm_helpers.view.answers import Answers
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.style import number
from tests.support.calls import calls_while
from tests.support.explorers import (
    ONE_OF_EACH,
    PREDICTED,
    forget_explorer,
    gradient_explorer,
    memory_explorer,
    sliders,
    text_explorer,
)
from tests.support.refusals import assert_refused
from tests.support.tiers import later

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
FILE = """
[class.guess]
kind = "prediction"
todo = "What will it be?"

[class.known]
kind = "prediction"
todo = "What will it be?"
right = "f * c"
inputs = { f = 0.5, c = 0.8 }
"""


class Listener:
    """A listener that keeps its reports, and has the predictions of a class."""

    notice = "Your answer counts."

    def __init__(self, predictions=()):
        self._heard, self.asked, self._predictions = [], [], list(predictions)

    @property
    def reports(self):
        """All reports so far, once they are delivered."""
        room.flush(60)
        return self._heard

    def heard(self, report):
        self._heard.append(report)

    def predictions(self, question):
        self.asked.append(question)
        return self._predictions


@pytest.fixture(autouse=True)
def questions(tmp_path):
    """Load a file with two predictions; restore everything afterwards."""
    path = tmp_path / "predictions.toml"
    path.write_text(FILE, encoding="utf-8")
    load(path)
    yield
    room.listen(None)
    room.share(True)
    QUESTIONS.add(path, {})


@pytest.fixture
def listener():
    listener = Listener()
    room.listen(listener)
    return listener


def of_class(make, predictions, **options):
    """The panel of a teacher, with the predictions of a class."""
    room.listen(Listener(predictions))
    return make(prediction=room.room("class.guess"), **options)


# Reports


def kept():
    """The right answer to `forget_gate.kept`."""
    return QUESTIONS["forget_gate.kept"].value(
        QUESTIONS["forget_gate.kept"].right, QUESTIONS["forget_gate.kept"].inputs
    )


def test_without_a_listener_nothing_happens():
    before = threading.active_count()
    reply = check("forget_gate.kept", kept())
    CellExplorer(prediction=0.5, question="class.guess")
    assert threading.active_count() == before
    assert reply.right and reply.notice == "" and room.notice() == ""


def test_a_judged_answer_is_reported_with_its_diagnosis(listener):
    reply = check("forget_gate.kept", 1 - kept())
    right = check("forget_gate.kept", kept().tolist())
    assert [report["right"] for report in listener.reports] == [False, True] == [reply.right, right.right]
    assert listener.reports[0]["diagnosis"] == list(reply.diagnosis)
    assert listener.reports[1] == {
        "question": "forget_gate.kept", "kind": "check", "value": kept().tolist(), "right": True, "diagnosis": [],
    }  # fmt: skip


def test_a_reply_without_a_judgment_is_not_reported(listener):
    check("forget_gate.kept", ...)
    check("class.guess", 0.5)
    hint("forget_gate.kept", 1)
    answer("forget_gate.kept")
    with pytest.raises(ValueError, match="must be the name of a question"):
        check("forget_gate.keep", 1)
    assert listener.reports == []


def one_of(kind):
    return next(question for question in QUESTIONS.values() if question.kind == kind)


def test_numbers_and_choices_are_reported_and_never_any_code(listener):
    function, design, choice = (one_of(kind) for kind in ("function", "trial", "choice"))
    check(function.name, lambda *inputs: 0)
    check(design.name, {"f": "1 if h > 0 else 0"})
    check("forget_gate.kept", "f * c_prev")
    check("forget_gate.kept", lambda: 0)
    check(choice.name, f" {choice.right.upper()} ")
    check(choice.name, next(option for option in choice.choices if option != choice.right))
    values = [report["value"] for report in listener.reports]
    assert values[:-2] == [None] * (len(values) - 2)
    assert values[-2:] == [choice.right, *listener.reports[-1]["diagnosis"]]
    sent = json.dumps(listener.reports)
    assert "lambda" not in sent and "c_prev" not in sent and "if h" not in sent


def test_a_number_is_reported_in_any_notation(listener):
    question = next(q for q in QUESTIONS.values() if q.kind == "value" and q.results == ("",) and not np.shape(
        q.value(q.right, q.inputs)))  # fmt: skip
    for typed in (0.25, "0.25", "25%", (0, 25), np.float32(0.25), [0.25]):
        check(question.name, typed)
    assert [float(np.ravel(report["value"])[0]) for report in listener.reports] == [0.25] * 6


def test_a_prediction_is_reported_with_its_value_when_the_panel_was_made(listener):
    mine = np.array([0.1, 0.2, 0.3])
    PointwiseExplorer(prediction=mine, question="class.guess")
    mine[:] = 9
    assert [report["value"] for report in listener.reports] == [[0.1, 0.2, 0.3]]


OWN = {
    CellExplorer: (0.5, {"c": 0.5, "h": ...}, {"h": 0.1, "c": 1}),
    ForgettingExplorer: (0.5, {"half": 7}),
    GateExplorer: (0.5, [0.1, 0.2, 0.3]),
    GradientExplorer: (0.5, {"RNN": 0}),
    LearningExplorer: (100,),
    MemoryUnitExplorer: (0.5, "dog"),
    OpenedModelExplorer: (0.5, {"h": 0.1, "c": ...}),
    PointwiseExplorer: ([0.1, 0.2, 0.3], {"sum": [1, 1, 1]}),
    ScheduleExplorer: (0.5,),
    TextExplorer: (0.5, "W"),
    UnrolledExplorer: (0.5,),
    VariantExplorer: (0.5, {"GRU": 0.2}),
}
FIRST = [CellExplorer, ForgettingExplorer, forget_explorer]


def without_blanks(prediction):
    return {k: v for k, v in prediction.items() if v is not ...} if isinstance(prediction, dict) else prediction


@pytest.mark.parametrize("make", later(ONE_OF_EACH, now=FIRST), ids=lambda make: make.__name__)
def test_every_explorer_reports_an_accepted_prediction(make, listener):
    kind = type(make())
    assert listener.reports == [] and kind in OWN
    for own in OWN[kind]:
        make(prediction=own, question="class.guess")
        expected = {"question": "class.guess", "kind": "prediction", "value": without_blanks(own)}
        assert listener.reports.pop() == {**expected, "right": None, "diagnosis": []}
        make(prediction=own)
    make(question="class.guess")
    with pytest.raises((ValueError, TypeError), match=r"^prediction"):
        make(prediction=object(), question="class.guess")
    assert listener.reports == []


def test_every_explorer_is_tried():
    panels = {item for item in vars(explorers).values() if isinstance(item, type) and issubclass(item, Panel)}
    predicted = {panel for panel in panels if "prediction" in inspect.signature(panel).parameters}
    assert set(OWN) == predicted and len(ONE_OF_EACH) == len(predicted)


def test_a_learners_panel_computes_nothing_more(monkeypatch):
    shown, show = [], CellExplorer.show
    monkeypatch.setattr(CellExplorer, "show", lambda self, **state: (shown.append(state), show(self, **state))[1])
    CellExplorer(prediction=0.5, question="class.guess")
    assert len(shown) == 1


@pytest.mark.parametrize(
    "question, kind", [("class.gess", ValueError), ("forget_gate.kept", ValueError), (None, TypeError), (3, TypeError)]
)
def test_a_question_that_is_no_prediction_is_refused(question, kind, listener):
    for make in (ForgettingExplorer, text_explorer):
        with pytest.raises(kind, match=r"^question must be ") as error:
            make(prediction=0.5, question=question)
        assert error.value.is_refusal and "\n" not in str(error.value)
    assert listener.reports == []


def test_the_nearest_predictions_are_named():
    sentence = "question must be the name of a prediction, got 'class.gess'; the nearest are class.guess, "
    with pytest.raises(ValueError, match=sentence):
        CellExplorer(question="class.gess")
    with pytest.raises(ValueError, match=sentence):
        CellExplorer(prediction=room.room("class.gess"))


# The size of a report

GROWN = []
GROWN.append(GROWN)


@pytest.mark.parametrize(
    "value, sent",
    [
        (0.5, 0.5), (np.float64(0.5), 0.5), (np.int8(3), 3), (True, True), (10**400, None), (2**60, 2.0**60),
        (float("nan"), None), ("<b>", "<b>"), ("x" * 10**6, "x" * 200), ([0.5, "a", None], [0.5, "a", None]),
        ((1, 2), [1, 2]), (np.array([0.1, 0.2]), [0.1, 0.2]), ({"c": np.array(1.0)}, {"c": 1.0}), ({3: 1}, {"3": 1}),
        ([0.1] * 101, None), (np.zeros(10**6), None), ([["x" * 200] * 50], None), (GROWN, [[[None]]]), (1j, None),
        (object(), None), (len, None), ({"x": len}, {"x": None}), ({"k" * 300: 1}, {"k" * 200: 1}),
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_a_value_is_plain_and_bounded(value, sent, listener):
    room.report("class.guess", "prediction", value)
    (report,) = listener.reports
    assert report["value"] == sent and type(report["value"]) is type(sent)
    assert len(json.dumps(report)) < 2500


def test_a_large_array_is_never_turned_into_a_list(listener):
    class Large:
        size, converted = 101, 0

        def tolist(self):
            self.converted += 1
            return []

    large, small = Large(), Large()
    small.size = 100
    room.report("class.guess", "prediction", [large, small])
    assert listener.reports[0]["value"] == [None, []] and (large.converted, small.converted) == (0, 1)


def test_everything_else_of_a_report_is_bounded_too(listener):
    room.report("q" * 10**5, "check", 1, np.bool_(True), ("d" * 10**5 for _ in range(10**3)))
    (report,) = listener.reports
    assert len(report["question"]) == 200 and report["right"] is True
    assert len(report["diagnosis"]) == 100 and {len(key) for key in report["diagnosis"]} == {200}


class Evil:
    """An object that raises on any access."""

    def _error(self, *_):
        raise RuntimeError("no")

    __str__ = __repr__ = __len__ = __bool__ = __iter__ = __array__ = __float__ = __eq__ = __hash__ = _error
    size = property(_error)
    tolist = property(_error)


def test_an_invalid_report_is_dropped_and_raises_nothing(listener):
    room.report(Evil(), "check", 1)
    room.report("q", Evil(), 1)
    room.report("q", "gossip", 1)
    room.report("q", "check", 1, Evil())
    room.report("q", "check", 1, True, Evil())
    assert listener.reports == []
    room.report("q", "check", Evil())
    assert [report["value"] for report in listener.reports] == [None]


# Failing listeners


class Raises:
    """A listener that always raises."""

    def __init__(self, error):
        self._error = error

    def _fail(self, *_):
        raise self._error

    heard = predictions = _fail
    notice = property(_fail)


@pytest.mark.parametrize("error", [ValueError("no"), OSError(), SystemExit(3), KeyboardInterrupt()], ids=repr)
def test_a_listener_that_raises_never_disturbs_a_notebook(error, capfd):
    with_notice = type("WithNotice", (Raises,), {"notice": "Counted."})
    for listener in (Raises(error), with_notice(error)) if isinstance(error, Exception) else (with_notice(error),):
        room.listen(listener)
        assert check("forget_gate.kept", kept()).right
        CellExplorer(prediction=0.5, question="class.guess")
        sentence = CellExplorer(prediction=room.room("class.guess")).sentence
        assert sentence.endswith("The class's board does not answer; run the cell again in a moment.")
    assert capfd.readouterr() == ("", "")


QUEUED = [
    ("room.py", "report"), ("room.py", "put"), ("module", "getpid"), ("deque", "append"), ("room.py", "notice"),
]  # fmt: skip


def test_a_check_only_queues_its_report(listener):
    """No thread starts or wakes, nothing is turned into JSON, and the listener is not called."""
    check("forget_gate.kept", kept())
    threads, heard = threading.enumerate(), len(listener.reports)
    calls = calls_while(lambda: check("forget_gate.kept", 1 - kept()))
    assert calls[calls.index(QUEUED[0]) :] == QUEUED
    assert set(threading.enumerate()) <= set(threads)
    assert len(listener.reports) == heard + 1


class Hangs(Listener):
    """A listener whose calls return when it is let go, or after a minute."""

    def __init__(self):
        super().__init__()
        self.let_go, self.calls, self.returned = threading.Event(), [], []

    def heard(self, report):
        self.calls.append(report)
        self.let_go.wait(60)
        self.returned.append(report)

    predictions = heard


def test_no_cell_waits_for_a_listener_that_hangs(monkeypatch):
    monkeypatch.setattr(room, "_TIMEOUT", 0.05)
    room.listen(hanging := Hangs())
    before = threading.active_count()
    try:
        for _ in range(30):
            assert check("forget_gate.kept", kept()).right
        while not hanging.calls:
            threading.Event().wait(0.01)
        for _ in range(20):
            assert room.room("class.guess").ask()[0] == []
        room.flush(0.05)
        assert hanging.returned == [] and len(hanging.calls) == 9  # one report, and eight calls for predictions
        assert threading.active_count() - before == 8
    finally:
        hanging.let_go.set()
    room.flush(60)
    while threading.active_count() > before:  # a minute at most
        threading.Event().wait(0.01)
    assert len([call for call in hanging.calls if call != "class.guess"]) == 30  # the reports have waited
    room.listen(quick := Listener())
    check("forget_gate.kept", kept())
    assert len(quick.reports) == 1


def test_the_newest_reports_wait_for_a_listener_that_hangs():
    room.listen(hanging := Hangs())
    room.report("class.guess", "prediction", -1)
    while not hanging.calls:
        threading.Event().wait(0.01)
    for value in range(2 * room.MAX_WAITING):
        room.report("class.guess", "prediction", value)
    hanging.let_go.set()
    while len(hanging.returned) <= room.MAX_WAITING:
        threading.Event().wait(0.01)
    assert [report["value"] for report in hanging.returned] == [-1, *range(room.MAX_WAITING, 2 * room.MAX_WAITING)]


def reporters():
    return [thread for thread in threading.enumerate() if thread.name == "reports"]


def test_one_thread_delivers_all_reports_and_ends_with_its_listener():
    while reporters():  # from earlier tests; a minute at most
        threading.Event().wait(0.01)
    room.listen(listener := Listener())
    for value in range(100):
        room.report("class.guess", "prediction", value)
    assert len(reporters()) == 1
    room.listen(None)
    while reporters():
        threading.Event().wait(0.01)
    assert [report["value"] for report in listener._heard] == list(range(100))


def test_a_report_that_finds_no_thread_waits_for_one(monkeypatch):
    class NoMore(threading.Thread):
        def start(self):
            raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(room, "Thread", NoMore)
        room.listen(listener := Listener())
        for value in range(3):
            room.report("class.guess", "prediction", value)
        assert listener.reports == []  # and it does not wait for them
    room.report("class.guess", "prediction", 3)
    assert [report["value"] for report in listener.reports] == [0, 1, 2, 3]


FORKS = """
import os
from lstm_helpers import room
class L:
    notice, predictions, heard = "", list, lambda self, report: values.append(report["value"])
values = []
room._POLL_INTERVAL = 3600
room.listen(L())
room.report("q", "prediction", "parent")
child = os.fork()
if not child:
    room.flush(60)
    assert values == []
    room.report("q", "prediction", "child")
room.flush(60)
if child:
    os.waitpid(child, 0)
print(*values, flush=True)
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="left out: this system has no fork")
def test_after_a_fork_each_process_reports_its_own():
    alone = [sys.executable, "-W", "ignore", "-c", FORKS]
    ended = subprocess.run(alone, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (ended.stdout, ended.stderr) == ("child\nparent\n", "")


def test_a_slow_listener_gets_all_reports_in_order():
    class Slow(Listener):
        def heard(self, report):
            threading.Event().wait(0.02)
            super().heard(report)

    room.listen(slow := Slow())
    for value in range(20):
        room.report("class.guess", "prediction", value)
    assert [report["value"] for report in slow.reports] == list(range(20))


@pytest.mark.parametrize(
    "wrong", [3, "x", object(), type("Deaf", (), {"notice": ""})()], ids=lambda listener: type(listener).__name__
)
def test_an_object_that_is_not_a_listener_is_refused(wrong):
    assert_refused(
        lambda: room.listen(wrong), TypeError,
        f"listener must have heard, predictions and notice, or be None, got {type(wrong).__name__}",
    )  # fmt: skip


def test_a_learner_can_switch_reports_off_and_on(listener):
    room.share(False)
    reply = check("forget_gate.kept", kept())
    CellExplorer(prediction=0.5, question="class.guess")
    assert listener.reports == [] and reply.notice == "" and room.notice() == ""
    room.share(True)
    check("forget_gate.kept", kept())
    assert len(listener.reports) == 1 and room.notice() == Listener.notice
    assert_refused(lambda: room.share("no"), TypeError, "on must be True or False, got 'no'")


# The notice to learners


def test_only_the_reply_to_a_counted_answer_has_the_notice(listener):
    assert repr(check("forget_gate.kept", kept())).splitlines()[-1] == Listener.notice
    assert Listener.notice not in repr(check("forget_gate.kept", ...)) + repr(hint("forget_gate.kept", 1))
    listener.notice = ""  # the lesson is over
    assert Listener.notice not in repr(check("forget_gate.kept", kept()))


def notices(panel):
    return [part.value for part in panel._view.children if "lstm-notice" in getattr(part, "_dom_classes", ())]


def test_the_panel_of_a_counted_prediction_has_the_notice_but_its_stored_picture_does_not(listener):
    panel = CellExplorer(prediction=0.5, question="class.guess")
    assert notices(panel) == [Listener.notice]
    data, metadata = panel._repr_mimebundle_()
    assert Listener.notice not in data["text/plain"] + metadata["image/png"]["alt"] + panel.sentence
    assert notices(CellExplorer(prediction=0.5)) == notices(CellExplorer(question="class.guess")) == []
    listener.notice = "<script>"
    assert notices(CellExplorer(prediction=0.5, question="class.guess")) == ["&lt;script&gt;"]


# The listener of a class's server

SERVERS_OWN = """
import atexit
class L:
    notice, predictions = "Counted.", list
    def heard(self, report): names.append(report["question"])
names = []
atexit.register(lambda: print(*names))
def listener(): return L()
"""


@pytest.mark.parametrize(
    "text, printed",
    [(SERVERS_OWN, "Counted.\nforget_gate.kept\n"), ("1 / 0", "\n"), ("listener = dict", "\n"), (None, "\n")],
    ids=["as it should be", "an error", "no listener", "no file"],
)
def test_the_file_that_the_environment_names_gives_the_listener(text, printed, tmp_path):
    file = tmp_path / "own.py"
    if text:
        file.write_text(text, encoding="utf-8")
    code = "from lstm_helpers.checks import check; print(check('forget_gate.kept', [1, 2, 3]).notice)"
    environment = os.environ | {room.LISTENER: str(file), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == (printed, "")


# The class in a panel.


def test_the_sentence_says_why_there_are_no_predictions():
    plain = CellExplorer().sentence
    assert of_class(CellExplorer, []).sentence == f"{plain} Nobody has answered “class.guess” yet."
    room._reporter.listener.reason = "That is for the teacher."
    panel = CellExplorer(prediction=room.room("class.guess"))
    assert panel.sentence == f"{plain} That is for the teacher." and panel._class_picture is None
    room.listen(None)
    panel = CellExplorer(prediction={"c": room.room("class.guess")})
    assert panel.sentence == f"{plain} There is no class here to ask: that takes the class's JupyterHub."


def test_each_new_panel_asks_the_class_once():
    panel = of_class(CellExplorer, [0.5])
    for f in (0, 0.5, 1):
        panel.move(f=f)
    assert room._reporter.listener.asked == ["class.guess"]
    CellExplorer(prediction=room.room("class.guess"))
    assert room._reporter.listener.asked == ["class.guess"] * 2


def test_the_sentence_counts_near_predictions_and_follows_the_sliders():
    panel = of_class(CellExplorer, [0.5] * 16 + [0.95, 0.9, 1.0, 0.7] * 3)
    before = CellExplorer().sentence
    assert panel.sentence == f"{before} The class: 28 answered; 3 within 0.05 of 0.71; most said 0.5 (16)."
    panel.move(f=1)
    assert panel.sentence.endswith("The class: 28 answered; 9 within 0.05 of 0.95; most said 0.5 (16).")
    assert panel.sentence.partition("The class")[2][1:20] in panel._class_layer.value


@pytest.mark.parametrize(
    "values, sentence",
    [
        ([0.5], "1 answered; 0 within 0.05 of 0.71; the answer was 0.5."),
        ([0.5, "x"], "1 of 2 answers makes sense here; 0 within 0.05 of 0.71; the answer was 0.5."),
        (["x"], "The one answer of the class cannot be drawn here."),
        ([0.5, 0.6, 0.75], "3 answered; 1 within 0.05 of 0.71; the middle one is 0.6."),
        ([0.5, 0.5, 0.6, 0.7, 0.8], "5 answered; 1 within 0.05 of 0.71; most often it was 0.5 (2)."),
        ([0.5, "<script>", None, [], {}, {"q": 1}, [[0.1]], True],
         "2 of 8 answers make sense here; 0 within 0.05 of 0.71; the middle one is 0.75."),
        (["x", None], "None of the 2 answers of the class can be drawn here."),
        ([{"c": 0.7, "h": 0.4}, {"c": 0.7}, 0.2],
         "3 answered; c: 2 within 0.05 of 0.71; most said 0.7 (2); h: 1 within 0.05 of 0.37; the answer was 0.4."),
    ],
)  # fmt: skip
def test_the_sentence_about_a_class(values, sentence):
    shown = of_class(CellExplorer, values).sentence
    assert shown.partition("h = 0.37. ")[2].removeprefix("The class: ") == sentence


def test_the_distance_that_counts_as_near_depends_on_the_truth():
    assert "3 within 1 of 6.6" in of_class(ForgettingExplorer, [{"half": n} for n in (5, 6, 7, 7.5, 8)]).sentence
    panel = of_class(ForgettingExplorer, [{"half": n} for n in (30, 66, 71, 100)])
    panel.move(f=0.99)
    assert "2 within 3 of 69;" in panel.sentence
    panel.move(f=1)
    assert "here it is infinitely many" in panel.sentence
    assert "2 within a factor of 2 of 106" in of_class(gradient_explorer, [60, 200, 300, 1]).sentence


def test_a_class_may_predict_words():
    sentence = of_class(memory_explorer, ["cat"] * 3 + ["dog"] * 2 + ["cow"]).sentence
    assert sentence.endswith("5 of 6 answers make sense here; 2 said “dog”, as it is here; most said “cat” (3).")
    panel = of_class(text_explorer, ["W", " ", " ", "\n"])
    assert panel.sentence.endswith("most often it was “␣” (2).")
    words = [label.get_text() for label in panel._class_picture.figure.axes[0].get_xticklabels()]
    assert {"W", "␣", "↵"} <= set(words)


def test_a_class_in_a_mapping_gives_its_numbers_that_name():
    room.listen(Listener([7, {"half": 8}]))
    named = ForgettingExplorer(prediction={"half": room.room("class.guess")})
    assert named._predictions[0].words.endswith("steps until half is gone") and "2 answered" in named.sentence
    room.listen(Listener([{"half": 7}, {"half": 8}]))
    assert "2 answered; 1 within 1 of 6.6" in ForgettingExplorer(prediction=room.room("class.guess")).sentence


def values_for(kind, rng, n):
    """Valid predictions of a class of n."""
    own = [without_blanks(prediction) for prediction in OWN[kind]]
    if isinstance(own[0], list):
        return [rng.normal(0.3, 0.3, len(own[0])).round(1).tolist() for _ in range(n)]
    if kind in (TextExplorer, MemoryUnitExplorer):
        return rng.uniform(size=n).round(1).tolist()
    return (own[0] * rng.uniform(0.5, 1.5, n)).round(1).tolist()


@pytest.mark.parametrize("make", later(PREDICTED, now=ONE_OF_EACH), ids=lambda make: make.__name__)
def test_every_explorer_draws_the_class_and_the_truth_among_it(make, rng):
    kind = type(make())
    for n in (1, 30, 300):
        values = values_for(kind, rng, n)
        panel = of_class(make, [*values, "<script>", None])
        assert f"{n} of {n + 2} answers {'makes' if n == 1 else 'make'} sense here; " in panel.sentence
        lines = panel._class_picture.strips
        assert [len(line.marks.get_offsets()) for line in lines] == [n] * np.size(values[0])
        assert all(0 <= x <= 1 for line in lines for x, _ in line.marks.get_offsets())
        check_truth(panel)
        labels = {prediction.label.get_text().split()[0] for prediction in panel._predictions}
        assert labels == {"class"}
        for slider in sliders(panel):
            for end in ("min", "max"):
                slider.handle.value = getattr(slider.handle, end)
                check_truth(panel)


def check_truth(panel):
    """The truth is at its place in each line, or at the edge with an arrow, and in the sentence."""
    data, _ = panel.show(**panel.state)
    (prediction,) = panel._predictions
    true = prediction.exact(data)
    assert prediction.truth(data) in panel.sentence
    for k, line in enumerate(panel._class_picture.strips):
        if true is None or not np.isfinite(np.ravel(true)[k]):
            assert not line.truth.get_visible()
            continue
        words, (at, _) = line.label.get_text(), line.truth.get_xdata()
        assert line.truth.get_visible() and 0 <= at <= 1
        assert (prediction.truth(data) if np.ndim(true) == 0 else number(np.ravel(true)[k])) in words
        assert ("←" in words) <= (at == 0) and ("→" in words) <= (at == 1)
        if len(line.truth.axes.get_xticks()) > 1 and not isinstance(true, str):
            belongs = place_by_ticks(line, prediction.log, float(np.ravel(true)[k]))
            assert at == pytest.approx(np.clip(belongs, 0, 1), abs=1e-6)
        box = line.label.get_window_extent(panel._class_picture.figure._get_renderer())
        assert box.x0 >= 0 and box.x1 <= panel._class_picture.figure.bbox.x1


def place_by_ticks(line, log, true):
    """The place of a number on an axis, from its first and last tick."""
    ticks, words = line.truth.axes.get_xticks(), [label.get_text() for label in line.truth.axes.get_xticklabels()]
    low, high = (typed(word) for word in (words[0], words[-1]))
    if log:
        with np.errstate(divide="ignore"):
            low, high, true = np.log10([low, high, true])
    return ticks[0] + (true - low) / (high - low) * (ticks[-1] - ticks[0])


def typed(words):
    """The number in a label such as −0.5 or 3 × 10⁻⁷."""
    digits, _, power = words.replace("−", "-").partition(" × 10")
    return float(digits) * 10.0 ** int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)


def test_equal_predictions_are_stacked_and_the_stack_is_numbered():
    panel = of_class(CellExplorer, [0.5] * 200 + [0.6] * 5 + [0.9])
    (line,) = panel._class_picture.strips
    places = np.round(line.marks.get_offsets(), 6)
    assert len({tuple(place) for place in places}) == 206  # no two coincide
    assert sorted(line.stacks.values()) == [1, 5, 200]
    texts = [text.get_text() for text in panel._class_picture.figure.findobj(type(line.label))]
    assert "200" in texts and "5" in texts
    heights = places[:, 1]
    assert heights.min() > 0 and heights.max() < 68


def test_outliers_are_at_the_edge_and_do_not_squeeze_the_rest():
    panel = of_class(CellExplorer, [0.5, 0.55, 0.6, 0.7, 1e9, -1e30])
    (line,) = panel._class_picture.strips
    x = sorted(line.marks.get_offsets()[:, 0])
    assert x[0] == 0 and x[-1] == 1 and x[-2] - x[1] > 0.5


def test_a_prediction_of_an_unusual_shape_is_left_out():
    panel = of_class(ScheduleExplorer, [0.8, 0.5, [0.1] * 12])
    assert "2 of 3 answers make sense here" in panel.sentence


def test_a_stored_teachers_panel_has_no_single_predictions():
    panel = of_class(CellExplorer, [0.51, 0.52, 0.53])
    data, metadata = panel._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == f"{panel.title}. {panel.sentence}"
    assert "the middle one is 0.52" in panel.sentence and "0.51" not in panel.sentence


def test_a_truth_without_a_formula_is_reported_as_the_panel_shows_it():
    panel = of_class(CellExplorer, [0.5])
    listener = room._reporter.listener
    assert [(report["kind"], report["value"]) for report in listener.reports] == [("truth", pytest.approx(0.71))]
    panel.move(f=1)
    panel.move(o=0.1)  # which does not change it
    assert [report["value"] for report in listener.reports] == pytest.approx([0.71, 0.95])
    CellExplorer(prediction=room.room("class.known"))
    CellExplorer(prediction=0.5)
    assert len(listener.reports) == 2


def test_the_truth_is_reported_once_there_is_one():
    panel = of_class(LearningExplorer, [100, 200])
    assert room._reporter.listener.reports == [] and "here it has not got it yet" in panel.sentence
    panel.choose("the end")
    assert [report["kind"] for report in room._reporter.listener.reports] == ["truth"]


def test_the_middle_of_lists_is_taken_element_by_element():
    answers = Answers([[0, 3], [1, 2], [5, 1]], lambda values: {"x": np.array(values, dtype=float)})
    assert answers.common["x"].tolist() == [1, 2]

"""The board's store: it has no names and no duplicates, is limited in size, and can be deleted."""

import contextlib
import math
import os
import random
import sqlite3
import subprocess
from itertools import pairwise

import pytest

pytest.importorskip("jupyterhub", reason="the classroom needs jupyterhub: EXTRAS=test,classroom")

from classroom.board import reports, store, summary
from classroom.board.questions import Questions, pages
from classroom.board.rates import Rates
from classroom.board.store import Store, UnavailableError
from lstm_helpers.checks import check

NAME = "konstantina"
QUESTIONS = Questions()


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def made(question="cell.new_memory", kind="check", right=True, value=None, diagnosis=(), id=None):
    right = right if kind == "check" else None
    return reports.Report(id or f"{random.getrandbits(128):032x}", question, kind, value, right, tuple(diagnosis))


@pytest.fixture
def kept(tmp_path):
    kept = Store(tmp_path / "board", tmp_path / "key", Clock())
    kept.open()
    yield kept
    kept.disconnect()


def again(kept):
    """Open the store as a new process would."""
    kept.disconnect()
    return Store(kept._folder, kept._key, kept._clock)


def shown(kept, name="cell.new_memory"):
    found = summary.summarize(QUESTIONS, kept.questions(), kept.answers())
    return next(question for question in found if question["name"] == name)


def on_disk(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_nothing_on_the_disk_names_anybody(kept, tmp_path):
    kept.add(NAME, [made(), made("cell.shown", "prediction", value=0.7)])
    assert b"cell.shown" in on_disk(tmp_path)
    kept.disconnect()
    assert b"cell.shown" in on_disk(tmp_path) and NAME.encode() not in on_disk(tmp_path)


def test_the_same_name_has_another_hash_in_the_next_lesson(kept):
    kept.add(NAME, [made()])
    before = kept.answers()[0][2]
    kept.add(NAME, [made()])
    assert {answer[2] for answer in kept.answers()} == {before}
    kept.delete()
    kept.open()
    kept.add(NAME, [made()])
    assert kept.answers()[0][2] != before


def test_the_key_is_no_part_of_the_database_and_ends_with_the_lesson(kept, tmp_path):
    kept.add(NAME, [made()])
    key = (tmp_path / "key").read_bytes()
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600 and len(key) == 32
    assert key not in on_disk(tmp_path / "board")
    kept.close()
    assert not (tmp_path / "key").exists() and not kept.is_open
    assert len(kept.answers()) == 1
    with pytest.raises(UnavailableError):
        kept.add(NAME, [made()])


def test_a_report_counts_once_also_after_the_board_was_killed(kept):
    first, second = made(right=False), made()
    kept.add(NAME, [first])
    kept = again(kept)
    kept.add(NAME, [first, second])
    kept.add("bo", [made(id=second.id)])  # nobody takes another's place with the id of theirs
    (counted,) = shown(kept)["checks"]
    assert (counted["answered"], counted["first"], counted["now"]) == (2, 1, 2)
    assert len(kept.answers()) == 3
    kept.disconnect()


def test_deleting_leaves_nothing_of_what_was_answered(kept, tmp_path):
    word = "incomprehensibilities"
    kept.add(NAME, [made("cell.shown", "prediction", value=word) for _ in range(50)])
    assert word.encode() in on_disk(tmp_path)
    with contextlib.ExitStack() as stack:  # a file that was removed leaves on the disk what its reader still sees
        held = [stack.enter_context(open(path, "rb")) for path in (tmp_path / "board").iterdir()]
        kept.delete()
        assert not any(word.encode() in stream.read() for stream in held)
    assert not list((tmp_path / "board").iterdir()) and not (tmp_path / "key").exists()
    assert kept.lesson is None


def test_a_lesson_that_was_forgotten_is_closed_and_deleted(kept):
    kept.add(NAME, [made()])
    assert kept.tidy() == ""
    kept._clock.now += store.MAX_OPEN + 1
    assert "closed now" in kept.tidy() and kept.lesson["closed"] and not kept.is_open
    kept._clock.now += store.MAX_AGE + 1
    assert "deleted now" in kept.tidy() and kept.lesson is None
    assert kept.tidy() == ""


def test_a_lesson_that_began_before_the_clock_was_set_back_does_not_outlive_the_others(kept):
    kept.add(NAME, [made()])
    kept._clock.now -= 400 * 24 * 3600
    assert kept.tidy() == "" and kept.lesson == {"opened": kept._clock.now, "closed": None} and kept.is_open
    kept._clock.now += store.MAX_OPEN + 1
    assert "closed now" in kept.tidy()
    kept._clock.now -= 400 * 24 * 3600
    assert kept.tidy() == "" and kept.lesson["closed"] == kept._clock.now
    kept._clock.now += store.MAX_AGE + 1
    assert "deleted now" in kept.tidy()


def test_a_lesson_whose_key_is_gone_is_closed(kept, tmp_path):
    kept.add(NAME, [made()])
    (tmp_path / "key").unlink()
    assert not kept.is_open
    assert "its key is gone" in kept.tidy() and len(kept.answers()) == 1


def test_opening_twice_goes_on_with_the_same_lesson(kept):
    kept.add(NAME, [made()])
    kept.open()
    assert len(kept.answers()) == 1


def test_a_board_that_dies_while_it_closes_the_lesson_has_closed_it_when_it_is_back(kept, tmp_path, monkeypatch):
    """With the key overwritten, names could be found from their hashes, and nobody would be recognized."""
    kept.add("bo", [made()])

    def die(stream):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(store, "_overwrite", die)
        kept.close()
    kept = again(kept)
    assert not kept.is_open and not (tmp_path / "key").exists()
    assert "is closed" in kept.tidy() and kept.lesson["closed"] is not None
    kept.disconnect()


def test_one_student_cannot_fill_it(kept, monkeypatch):
    monkeypatch.setattr(store, "MAX_ANSWERS", 20)
    assert kept.add(NAME, [made() for _ in range(15)]) == 0
    kept = again(kept)
    assert kept.add(NAME, [made() for _ in range(15)]) == 10
    assert kept.add("bo", [made()]) == 0
    assert len(kept.answers()) == 21
    kept.disconnect()


def test_all_of_a_request_is_kept_or_nothing_when_it_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MAX_PAGES", 12)
    kept = Store(tmp_path / "board", tmp_path / "key")
    kept.open()
    sent = 0
    with pytest.raises(UnavailableError, match="full"):
        for _ in range(1000):
            kept.add(NAME, [made() for _ in range(7)])
            sent += 7
    assert sent and len(kept.answers()) == sent
    assert shown(kept)["checks"][0]["answered"] == 1  # what there is can be read
    kept.delete()
    kept.open()
    kept.add(NAME, [made()])
    kept.disconnect()


def test_a_full_disk_loses_nothing_and_a_lesson_can_be_closed_and_deleted_on_it(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", place]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    kept = Store(place / "board", tmp_path / "key")
    try:
        kept.open()
        kept.add(NAME, [made("cell.shown", "prediction", value=0.25)])
        with open(place / "all", "wb", buffering=0) as stream, contextlib.suppress(OSError):
            while stream.write(bytes(512)):
                pass
        with pytest.raises(UnavailableError):
            for _ in range(1000):
                kept.add(NAME, [made() for _ in range(100)])
        before = len(kept.answers())
        (place / "all").unlink()
        kept.add("bo", [made("cell.shown", "prediction", value=0.5)])
        assert len(kept.answers()) == before + 1 and len(kept.answers("cell.shown")) == 2
        with open(place / "all", "wb", buffering=0) as stream, contextlib.suppress(OSError):
            while stream.write(bytes(512)):
                pass
        kept.delete()
        assert kept.lesson is None and not (tmp_path / "key").exists()
    finally:
        kept.disconnect()
        subprocess.run(["umount", "--lazy", place], check=True)


def test_a_damaged_database_is_an_error_in_words_and_can_be_deleted(kept, tmp_path):
    kept.disconnect()
    (tmp_path / "board" / store.NAME).write_bytes(b"no database " * 1000)
    with pytest.raises(UnavailableError, match="not a database"):
        _ = kept.lesson
    kept.delete()
    kept.open()
    kept.add(NAME, [made()])


def test_nobody_else_may_read_it(kept, tmp_path):
    kept.add(NAME, [made()])
    assert (tmp_path / "board").stat().st_mode & 0o777 == 0o700
    assert sqlite3.connect(tmp_path / "board" / store.NAME).execute("PRAGMA journal_mode").fetchone() == ("wal",)


# --- what it comes to


def test_students_are_counted_and_not_their_answers(kept):
    kept.add("anna", [made(right=False, diagnosis=["complement"]) for _ in range(3)] + [made()])
    kept.add("bo", [made(right=False, diagnosis=[key]) for key in ("complement", "sign")] + [made(right=False)])
    kept.add("cleo", [made(), made(right=False)])
    (counted,) = shown(kept)["checks"]
    assert (counted["answered"], counted["first"], counted["now"], counted["unknown"]) == (3, 1, 1, 2)
    assert rows(counted) == [(["complement"], 2), (["sign"], 1)]
    (sentence,) = counted["mistakes"][0]["sentences"]
    assert sentence.startswith("This is (1 - f) * c_prev + i * g, which keeps 1 - f")


def rows(counted):
    return [(row["keys"], row["count"]) for row in counted["mistakes"]]


def test_an_answer_that_several_mistakes_give_counts_once_as_one_of_them(kept):
    """0.6 is what 1 - f gives, and tanh of the memory, 0.604, rounded."""
    reply = check("cell.new_memory", 0.6)
    kept.add("anna", [made(right=False, diagnosis=reply.diagnosis), made(right=False, diagnosis=reply.diagnosis[::-1])])
    kept.add("bo", [made(right=False, diagnosis=check("cell.new_memory", 0.604).diagnosis)])
    (counted,) = shown(kept)["checks"]
    assert rows(counted) == [(["complement", "shown"], 1), (["shown"], 1)] and counted["unknown"] == 0
    both = [check("cell.new_memory", wrong).text for wrong in (0.6, 0.604)]
    assert all(sentence in both[0] for sentence in counted["mistakes"][0]["sentences"])
    assert both[1] == f"Not yet. {counted['mistakes'][0]['sentences'][1]}"


def test_groups_of_mistakes_that_somebody_has_made_up_take_one_row(kept):
    keys = list(QUESTIONS["cell.new_memory"].diagnoses)
    made_up = [pair for k, one in enumerate(keys) for other in keys[k + 1 :] for pair in [sorted([one, other])]]
    for name in ("anna", "bo"):
        kept.add(name, [made(right=False, diagnosis=["complement", "shown"])])
    kept.add("mallory", [made(right=False, diagnosis=pair) for pair in made_up])
    (counted,) = shown(kept)["checks"]
    assert rows(counted)[0] == (["complement", "shown"], 3)
    assert len(counted["mistakes"]) == summary.MAX_GROUPS + 1 and rows(counted).count(([], 1)) == 1


def test_an_answer_that_is_rounded_too_far_has_its_sentence(kept):
    kept.add("anna", [made("input_gate.written", right=False, diagnosis=["coarse"])])
    (counted,) = shown(kept, "input_gate.written")["checks"]
    assert "rounded too much" in counted["mistakes"][0]["sentences"][0]


def test_the_first_prediction_counts_and_none_that_comes_after_the_truth(kept):
    kept.add("anna", [made("cell.shown", "prediction", value=v) for v in (0.63, 0.54)])
    assert shown(kept, "cell.shown")["predicted"] == [{"vote": 1, "answered": 1}]
    assert shown(kept, "cell.shown")["spread"] == []  # hidden
    kept.reveal("cell.shown")
    kept.add("bo", [made("cell.shown", "prediction", value=0.54)])
    (part,) = shown(kept, "cell.shown")["spread"]
    assert sum(part["counts"][0]) == 1 and part["median"] == [0.63]
    assert part["truth"] == pytest.approx(0.9 * 0.6043677771)


def test_a_second_vote_is_hidden_and_then_shows_both(kept):
    for name, value in (("anna", 0.63), ("bo", 0.07)):
        kept.add(name, [made("cell.shown", "prediction", value=value), made("cell.new_memory", right=False)])
    kept.reveal("cell.shown")
    for question in ("cell.shown", "cell.new_memory"):
        kept.ask_again(question)
    assert shown(kept, "cell.shown")["spread"] == []
    kept.add("anna", [made("cell.shown", "prediction", value=0.54), made("cell.new_memory")])
    kept = again(kept)
    kept.reveal("cell.shown")
    found = shown(kept, "cell.shown")
    assert found["predicted"] == [{"vote": 1, "answered": 2}, {"vote": 2, "answered": 1}]
    assert [sum(row) for row in found["spread"][0]["counts"]] == [2, 1]
    assert [(vote["answered"], vote["now"]) for vote in shown(kept)["checks"]] == [(2, 0), (1, 1)]
    kept.disconnect()


def test_the_truth_that_a_panel_tells_stands_where_there_is_no_formula(kept):
    kept.add("anna", [made("cell.hide", "prediction", value=0.3)])
    kept.set_truth("cell.hide", 0.25)
    kept.set_truth("cell.shown", 99)
    kept.add("anna", [made("cell.shown", "prediction", value=0.3)])
    for question in ("cell.hide", "cell.shown"):
        kept.reveal(question)
    assert shown(kept, "cell.hide")["spread"][0]["truth"] == 0.25
    assert shown(kept, "cell.shown")["spread"][0]["truth"] == pytest.approx(0.5439, abs=1e-4)


@pytest.mark.parametrize("seed", range(20))
def test_a_histogram_holds_every_prediction_and_the_truth(seed):
    rng = random.Random(seed)
    scale = 10.0 ** rng.randint(-6, 6)
    draw = rng.choice([lambda: rng.gauss(3, 1), lambda: rng.choice([-1, 0.5]), lambda: 7.0, lambda: rng.expovariate(1)])
    votes = [[scale * draw() for _ in range(rng.randint(0, 300))] for _ in range(2)]
    if not any(votes):
        votes[0] = [scale]
    truth = rng.choice([None, scale * draw()])
    far = rng.randint(0, 1) if len(votes[1]) > 3 else 0
    votes[1] += [1e9 * scale] * far
    found = summary.histogram(votes, truth)
    edges = found["edges"]
    width = edges[1] - edges[0]
    tolerance = 1e-9 * width
    assert 2 <= len(edges) <= summary.BARS + 3 and edges == sorted(set(edges))
    assert truth is None or edges[found["at"]] - tolerance <= truth < edges[found["at"] + 1]
    for vote, row, below, above in zip(votes, found["counts"], found["below"], found["above"], strict=True):
        assert [below, *row, above] == [
            sum(low - tolerance <= value < high - tolerance for value in vote)
            for low, high in pairwise([-math.inf, *edges, math.inf])
        ]
        assert below + above <= 0.25 * len(vote) + 1
    assert sum(found["above"]) >= far and edges[-1] < 1e6 * scale


def test_numbers_at_an_edge_belong_to_the_bar_that_begins_there():
    found = summary.histogram([[0.1, 0.2, 0.3, 0.6, 0.7, 1.1]], None)
    assert found["edges"][0] == 0.1 and found["counts"][0][:3] == [1, 1, 1]


def test_each_element_and_each_name_has_a_histogram_of_its_own():
    found = summary.spread([[[0.1, 0.5], [0.1, 0.6]], [[0.1, 0.7]]], [0.1, 0.9])
    assert [(part["part"], part["truth"], [sum(row) for row in part["counts"]]) for part in found] == [
        ("1", 0.1, [2, 1]), ("2", 0.9, [2, 1]),
    ]  # fmt: skip
    found = summary.spread([[{"c": 0.1, "h": [0.2, 0.3]}, {"c": 0.2, "rude": 1.0}]], {"c": 0.5})
    assert [part["part"] for part in found] == ["c"]  # names that one student alone has are not shown to the class


def test_a_prediction_with_one_name_is_the_number_that_the_formula_gives():
    """As in 00: {"half": 10}, where the truth is 13.5."""
    (found,) = summary.spread([[{"half": 10.0}, 20.0]], 13.5)
    assert (found["part"], sum(found["counts"][0]), found["truth"]) == ("", 2, 13.5)
    (found,) = summary.spread([[10.0]], {"half": 13.5})
    assert (found["part"], found["truth"]) == ("", 13.5)


def test_a_word_is_shown_once_two_have_it_and_the_truth_always():
    (found,) = summary.spread([["cat", "dog", "dog", "rude"]], "cat")
    assert found["words"] == ["cat", "dog"] and found["counts"] == [[1, 2]] and found["others"] == [1]


# --- reports


def good(**changes):
    return {"id": "0" * 32, "question": "cell.new_memory", "kind": "check", "right": False, "diagnosis": []} | changes


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"question": "cell.forged"}, "there is no question 'cell.forged'"),
        ({"question": ["cell.new_memory"]}, "no question of type list"),
        ({"question": "x" * 500}, "no question 'x{80}'"),
        ({"kind": "grade"}, "kind 'grade'"),
        ({"right": None}, "neither right nor wrong"),
        ({"right": 1}, "neither right nor wrong"),
        ({"kind": "prediction", "value": None}, "is not a number"),
        ({"kind": "prediction", "value": True}, "is not a number"),
        ({"kind": "prediction", "value": []}, "is not a number"),
        ({"kind": "prediction", "value": [1] * 101}, "is not a number"),
        ({"kind": "prediction", "value": [[1]]}, "is not a number"),
        ({"kind": "prediction", "value": 1e200}, "is not a number"),
        ({"kind": "prediction", "value": 10**200}, "is not a number"),
        ({"kind": "prediction", "value": {"c": {"h": 1}}}, "is not a number"),
        ({"kind": "prediction", "value": {str(k): 1 for k in range(9)}}, "is not a number"),
        ({"kind": "prediction", "value": " \u202e "}, "is not a number"),
        ({"kind": "prediction", "value": "\ud800"}, "is not a number"),
        ({"kind": "prediction", "value": {"\ud800": 1}}, "is not a number"),
    ],
)
def test_what_is_no_report_is_refused_by_name(changes, sentence):
    with pytest.raises(reports.RefusedError, match=sentence):
        reports.read(good(**changes), QUESTIONS)


def test_what_a_report_has_is_bounded():
    read = reports.read(good(diagnosis=["complement", "<b>rude</b>", "complement", 7, "sign"]), QUESTIONS)
    assert read.diagnosis == ("complement", "sign") and read.value is None
    text = reports.read(good(kind="prediction", value="a\u202eb\n" + "x" * 500), QUESTIONS).value
    assert text == "a b " + "x" * 76
    assert reports.read(good(kind="prediction", value={"c": 1, "h": [2]}), QUESTIONS).value == {"c": 1.0, "h": [2.0]}


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"[1", b"[NaN]", b"[" * 100_000, b"\xff", b"[1" + b"0" * 5000 + b"]", b"[{}]" * 2]
)
def test_what_is_no_list_of_reports_is_refused(body):
    with pytest.raises(reports.RefusedError):
        reports.parse(body)


def test_a_rate_is_one_senders_own():
    clock = Clock()
    rates = Rates(10, 2, clock)
    assert [rates.take("anna", 4) for _ in range(3)] == [True, True, False]
    assert rates.take("bo", 10) and rates.wait("anna", 4) == 1.0
    clock.now += 1
    assert rates.take("anna", 4) and not rates.take("anna", 1)
    clock.now += 1000
    assert rates.level("anna") == 10


# --- questions


def test_every_question_has_its_page_and_a_sentence_for_each_of_its_mistakes():
    for name, asked in QUESTIONS.items():
        assert asked.page[:2].isdigit() and asked.guide and asked.todo, name
        assert all(sentence and "{" not in sentence for sentence in asked.diagnoses.values()), name
        assert all(len(row) == 3 and "*" not in "".join(row).replace(" * ", "") for row in asked.guide), name


def test_the_board_works_without_the_guide(tmp_path):
    assert pages(tmp_path / "none.md") == {}
    assert Questions(guide=tmp_path / "none.md")["cell.shown"].guide == ()


def test_the_classs_own_questions_are_read_and_a_mistake_in_them_is_named(tmp_path):
    from lstm_helpers.checks import QUESTIONS as KNOWN

    text = """
[board_test.left]
todo = "What is left?"
answer = "left = 0.9 * 0.5"
inputs = { f = 0.9, c = 0.5 }
right = "f * c"
hints = ["One.", "Two."]
because = "So."
[board_test.left.mistakes]
sum.formula = "f + c"
sum.say = "This is {formula}."
"""
    (tmp_path / "own.toml").write_text(text)
    (tmp_path / "wrong.toml").write_text("[board_test.other]\ntodo = 3\n")
    known = Questions()
    try:
        (failed,) = known.load_own(tmp_path)
        assert "wrong.toml" in failed and "todo" in failed
        assert known["board_test.left"].diagnoses["sum"] == "This is f + c."
        assert known["board_test.left"].truth == pytest.approx(0.45)
        (tmp_path / "own.toml").write_text(text.replace("This is {formula}.", "Added."))
        known.load_own(tmp_path)
        assert known["board_test.left"].diagnoses["sum"] == "Added."
    finally:
        KNOWN.add(tmp_path / "own.toml", {})

"""A learner's answer in, a diagnosis out.

In a notebook:

    from lstm_helpers.checks import answer, check, hint

    kept = ...
    check("forget_gate.kept", kept)

As it stands, with the `...`, this says what to do; it is no error, so a notebook runs before its exercises are done.
With `kept = (1 - f) * c_prev` it says that 1 - f is what is lost, and with `kept = f * c_prev` that it is right. For
those who are stuck there are `hint("forget_gate.kept", 1)`, then 2, and then `answer("forget_gate.kept")`.

The inputs are the document's. Others are handed over by name, and the diagnosis is about them:

    check("forget_gate.kept", f_new * c_prev, f=f_new, c_prev=c_prev)

For each known mistake what it would give for these inputs is *computed*, and compared with the answer. If two mistakes
give the same, both are named; if none does, the reply says only how far off the answer is. A function is called on many
random inputs. A design, such as the gates of twenty steps, is run, and judged by what it does. Whatever is handed over,
there is a reply: a function that never ends is stopped after a few seconds.

The questions stand in `questions/`, one file for each notebook; `load("my_questions.toml")` adds some of your own.
Those of kind "prediction" are what a panel asks, by its `question`; they are not judged.

In a class, an answer that was judged is reported (`lstm_helpers.room`): whether it is right, its diagnosis and its
numbers or its choice; never any code.
"""

from difflib import get_close_matches

from lstm_helpers import room
from lstm_helpers._arguments import brief, file_name, refuse, short_traceback, switch, whole_number
from lstm_helpers.checks._catalogue import QUESTIONS
from lstm_helpers.checks._guard import guarded
from lstm_helpers.checks._reply import Reply, to_predict

__all__ = ["QUESTIONS", "Reply", "answer", "check", "hint", "load"]


@short_traceback
def check(name, answer, **inputs):
    """Judge an answer.

    Args:
        name: "theme.question", a key of `QUESTIONS`.
        answer: numbers in any form, one of the words to choose from, a function, or a design, as the question asks;
            `...` as long as there is none.
        **inputs: what the answer was computed from, where that is not what the question has.

    Returns:
        A `Reply`: right or not, and if not, why.

    Raises:
        ValueError, TypeError: there is no such question, or it has no such inputs. A wrong answer is no error.
    """
    name, answer = _in_order(name, answer)
    question = _named(name)
    from lstm_helpers.checks._judge import judge

    reply = guarded(judge, question, answer, inputs)
    if reply.right is not None:
        room.report(question.name, "check", reply.value, reply.right, reply.diagnosis)
        reply.notice = room.notice()
    return reply


@short_traceback
def hint(name, number):
    """The first or the second hint to a question, as a `Reply`."""
    name, number = _in_order(name, number)
    if isinstance(number, str) and number.strip().isdecimal():
        number = int(number)
    question, number = _named(name), whole_number("number", number, 1)
    if question.kind == "prediction":
        return to_predict(question)
    if number > len(question.hints):
        refuse(ValueError, f"number must be 1 or 2: there are two hints, got {number}")
    return Reply(question.hints[number - 1])


@short_traceback
def answer(name):
    """The worked answer to a question, as a `Reply`: its code, which can be run, and the reasoning."""
    question = _named(name)
    if question.kind == "prediction":
        return to_predict(question)
    return Reply(question.because, code=question.code)


@short_traceback
def load(path, run_answers=True):
    """Add the questions of a file in TOML, so that `check`, `hint` and `answer` know them.

    The teaching guide, notebooks/README.md, has an example. A file that was loaded before is read anew. What it claims
    is tried out: the right answer has to be right on all inputs, each mistake wrong on some, and the worked answer has
    to pass its own check. For that its code is run, as a cell of a notebook is, and stopped if it takes too long.

    Args:
        path: the file.
        run_answers: False to run no code of the file, as for a file that somebody sent you. Formulas can only compute.

    Returns:
        The names of its questions, a list.

    Raises:
        ValueError: the file has a mistake, or a name that is taken; the sentence names the file, the question and the
            key. Nothing is added then.
    """
    from lstm_helpers.checks._load import read
    from lstm_helpers.checks._verify import verify

    path, run_answers = file_name("path", path), switch("run_answers", run_answers)
    questions = read(path)
    for question in questions.values():
        verify(question, path.name, run_answers)
    QUESTIONS.add(path, questions)
    return list(questions)


def _in_order(name, other):
    """The two arguments, exchanged if it is the second that names a question."""
    return (other, name) if _is_name(other) and not _is_name(name) else (name, other)


def _is_name(value):
    return isinstance(value, str) and value.strip() in QUESTIONS


def _named(name):
    if _is_name(name):
        return QUESTIONS[name.strip()]
    told = brief(name, 60)
    near = get_close_matches(told.strip("'"), QUESTIONS, n=3, cutoff=0.4)
    near = near or [one for one in QUESTIONS if one.split(".")[0] == told.strip("'").split(".")[0]][:3]
    near = near or list(QUESTIONS)[:3]
    return refuse(ValueError, f"name must be the name of a question, got {told}; the nearest are {', '.join(near)}")

"""Checks of a learner's answers, with a diagnosis for each known mistake.

In a notebook:

    from lstm_helpers.checks import answer, check, hint

    kept = ...
    check("forget_gate.kept", kept)

With the `...` in place, this says what to do; it is not an error, so a notebook runs before its exercises are done.
With `kept = (1 - f) * c_prev` it says that 1 - f is what is lost, and with `kept = f * c_prev` that it is right. If you
are stuck, try `hint("forget_gate.kept", 1)`, then 2, and then `answer("forget_gate.kept")`.

The inputs are the document's. To use others, pass them by name, and the diagnosis is about those:

    check("forget_gate.kept", f_new * c_prev, f=f_new, c_prev=c_prev)

The value of each known mistake is *computed* for these inputs and compared with the answer. If two mistakes give the
same value, the reply names both; if none fits, it says only how far off the answer is. A function is called on random
inputs. A design, such as the gates of twenty steps, is run and judged by what it does. Any answer gets a reply: a loop
that never ends is stopped after a few seconds, unless it catches every exception.

The questions are in `questions/`, one file for each notebook; `load("my_questions.toml")` adds your own. Questions of
kind "prediction" belong to panels and are not judged.

In a class, each judged answer is reported (`lstm_helpers.room`): whether it is right, its diagnosis, and its numbers or
its choice, but never any code.
"""

from difflib import get_close_matches

from lstm_helpers import room
from lstm_helpers._arguments import brief, file_name, refuse, short_traceback, switch, whole_number
from lstm_helpers.checks._guard import guarded
from lstm_helpers.checks._judge import judge
from lstm_helpers.checks._load import Catalog, read
from lstm_helpers.checks._reply import Reply, prediction_reply
from lstm_helpers.checks._verify import verify

__all__ = ["QUESTIONS", "Reply", "answer", "check", "hint", "load"]

QUESTIONS = Catalog()


@short_traceback
def check(name, answer, **inputs):
    """Judge an answer.

    Args:
        name: "theme.question", a key of `QUESTIONS`.
        answer: numbers in any form, one of the options, a function, or a design, depending on the question; `...` for
            no answer yet.
        **inputs: inputs that the answer was computed from, if they are not the question's own.

    Returns:
        A `Reply`: whether the answer is right, and if not, why.

    Raises:
        ValueError, TypeError: the question does not exist, or does not have these inputs. A wrong answer never raises.
    """
    name, answer = _name_first(name, answer)
    question = _find(name)
    reply = guarded(judge, question, answer, inputs)
    if reply.right is not None:
        room.report(question.name, "check", reply.value, reply.right, reply.diagnosis)
        reply.notice = room.notice()
    return reply


@short_traceback
def hint(name, number):
    """The first or the second hint to a question, as a `Reply`."""
    name, number = _name_first(name, number)
    if isinstance(number, str) and number.strip().isdecimal():
        number = int(number)
    question, number = _find(name), whole_number("number", number, 1)
    if question.kind == "prediction":
        return prediction_reply(question)
    if number > len(question.hints):
        refuse(ValueError, f"number must be 1 or 2: there are two hints, got {number}")
    return Reply(question.hints[number - 1])


@short_traceback
def answer(name):
    """The worked answer to a question, as a `Reply`: its code and the reasoning."""
    question = _find(name)
    if question.kind == "prediction":
        return prediction_reply(question)
    return Reply(question.because, code=question.code)


@short_traceback
def load(path, run_answers=True):
    """Add the questions of a TOML file to those that `check`, `hint` and `answer` know.

    The teaching guide, notebooks/README.md, has an example. Loading a file again replaces its questions. Each question
    is tested: the right answer must be right on all inputs, each mistake wrong on some, and the worked answer must pass
    its own check. That runs the code of the answer like a notebook cell, and stops it if it takes too long.

    Args:
        path: the file.
        run_answers: False to run no code of the file, for one that you do not trust. Formulas can only compute.

    Returns:
        The names of its questions, a list.

    Raises:
        ValueError: the file has a mistake, or a name that is taken; the message names the file, the question and the
            key. Nothing is added then.
    """
    path, run_answers = file_name("path", path), switch("run_answers", run_answers)
    questions = read(path)
    for question in questions.values():
        verify(question, path.name, run_answers)
    QUESTIONS.add(path, questions)
    return list(questions)


def _name_first(name, other):
    """The two arguments, swapped if only the second one names a question."""
    return (other, name) if _is_name(other) and not _is_name(name) else (name, other)


def _is_name(value):
    return isinstance(value, str) and value.strip() in QUESTIONS


def _find(name):
    """The question of this name; or a refusal that lists the nearest names."""
    if _is_name(name):
        return QUESTIONS[name.strip()]
    shown = brief(name, 60)
    near = get_close_matches(shown.strip("'"), QUESTIONS, n=3, cutoff=0.4)
    near = near or [known for known in QUESTIONS if known.split(".")[0] == shown.strip("'").split(".")[0]][:3]
    near = near or list(QUESTIONS)[:3]
    return refuse(ValueError, f"name must be the name of a question, got {shown}; the nearest are {', '.join(near)}")

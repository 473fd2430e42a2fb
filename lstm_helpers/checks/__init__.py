"""A learner's answer in, a diagnosis out.

In a notebook:

    from lstm_helpers.checks import answer, check, hint

    kept = ...
    check("forget_gate.kept", kept)

As it stands, with the `...`, this says what to do; it is no error, so a notebook runs before its exercises are done.
With `kept = (1 - f) * c_prev` it says that 1 - f is what is lost, and with `kept = f * c_prev` that it is right. For
those who are stuck there are `hint("forget_gate.kept", 1)`, then 2, and then `answer("forget_gate.kept")`.

The inputs are the document's. Another memory, or another gate, is handed over by name, and the diagnosis is about it:

    check("forget_gate.kept", f_new * c_prev, f=f_new, c_prev=c_prev)

How it is found: for each known mistake what it would give for these inputs is *computed*, and compared with the answer.
If two mistakes give the same, both are named; if none does, the reply says only how far off the answer is. A function
is called on many random inputs. A design, such as the gates of twenty steps, is run, and judged by what it does.

Every reply is a small object: its text display is what the learner reads, `.right` is True, False or None.
"""

from difflib import get_close_matches

from lstm_helpers._arguments import brief, one_frame, refuse, whole_number
from lstm_helpers.checks._catalogue import QUESTIONS
from lstm_helpers.checks._reply import Reply

__all__ = ["QUESTIONS", "Reply", "answer", "check", "hint"]


@one_frame
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
    if getattr(answer, "requires_grad", False) is True:  # a tensor: its numbers are the answer
        answer = answer.detach()
    return _question(name).judge(answer, inputs)


@one_frame
def hint(name, number):
    """The first or the second hint to a question, as a `Reply`."""
    question, number = _question(name), whole_number("number", number, 1)
    if number > len(question.hints):
        refuse(ValueError, f"number must be 1 or 2: there are two hints, got {number}")
    return Reply(question.hints[number - 1])


@one_frame
def answer(name):
    """The worked answer to a question, as a `Reply`: its code, which can be run, and the reasoning."""
    question = _question(name)
    return Reply(question.because, code=question.code)


def _question(name):
    if isinstance(name, str) and name in QUESTIONS:
        return QUESTIONS[name]
    near = get_close_matches(str(name), QUESTIONS, n=3, cutoff=0.4)
    near = near or [one for one in QUESTIONS if one.split(".")[0] == str(name).split(".")[0]][:3] or list(QUESTIONS)[:3]
    return refuse(
        ValueError, f"name must be the name of a question, got {brief(name)}; the nearest are {', '.join(near)}"
    )

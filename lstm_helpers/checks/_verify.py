"""What a file of questions claims, tried out: what is right is right, what is wrong is wrong, the answer passes.

Nothing of a file is handed to Python. The code of an answer is followed here as far as formulas go:
assignments, functions of one path, calls of listed functions. Code with a loop, a condition or a method is not run.
"""

import ast

import numpy as np

from lstm_helpers._arguments import refuse
from lstm_helpers.checks._formula import Formula, FormulaError, Scope
from lstm_helpers.checks._judge import gives, judge, wanted
from lstm_helpers.checks._question import FUNCTIONS
from lstm_helpers.checks._reading import UnreadableError, parts_of

SAMPLES = 6


def verify(question, file):
    """Refuse a question whose formulas do not do what they should; the sentence names the file and the key."""

    def wrong(key, sentence):
        refuse(ValueError, f"{file}: [{question.name}] {key} {sentence}")

    if question.kind in ("value", "function"):
        _verify_formulas(question, wrong)
    try:
        names = dict(question.inputs)
        run(question.code, names)
        own = {name: evaluate(code, names) for name, code in question.check.items()}
    except (FormulaError, KeyError):
        return  # it has what is not followed here
    except Exception as error:
        wrong("answer", f"stops with {type(error).__name__}: {error}")
    try:
        reply = judge(question, names[question.variable], own)
    except (ValueError, TypeError) as error:
        wrong("check", f"cannot be: {error}")
    if not reply.right and "FormulaError" not in reply.text and "KeyError" not in reply.text:
        wrong("answer", f"is judged not to be right: {reply.text}")


def _verify_formulas(question, wrong):
    samples = [question.inputs]
    if question.random:
        rng = np.random.default_rng(1)
        try:
            samples += [question.sample(rng) for _ in range(SAMPLES)]
        except Exception as error:
            wrong("random", f"cannot be worked out: {error}")
        if list(samples[1]) != list(question.inputs):
            wrong("random", f"must be for {', '.join(question.inputs)}, in this order")
    try:
        right = [(inputs, wanted(question, inputs), wanted(question, inputs)) for inputs in samples]
    except Exception as error:
        wrong("right", f"cannot be worked out: {error}")
    formulas = {f"mistakes.{key}.formula": mistake.formula for key, mistake in question.mistakes.items()}
    if question.shipped:
        formulas["shipped"] = question.shipped
    for key, formula in formulas.items():
        if gives(question, formula, right, rounded=False):
            wrong(key, "gives the right answer on every input")
        if not any(_works(question, formula, inputs) for inputs in samples):
            wrong(key, "cannot be worked out on any input")


def _works(question, formula, inputs):
    try:
        return bool(parts_of(question.value(formula, inputs), question.results))
    except (UnreadableError, ValueError, IndexError, TypeError):
        return False


def run(code, names):
    """Follow lines of code, adding to the names; a `FormulaError` where they have what is not followed."""
    for statement in ast.parse(code).body:
        match statement:
            case ast.Import() | ast.ImportFrom():
                pass
            case ast.FunctionDef(name=name, args=ast.arguments(args=args, defaults=[]), body=[*lines, ast.Return()]):
                names[name] = _function([arg.arg for arg in args], lines, statement.body[-1].value, names)
            case _:
                _assign(statement, names)


def _assign(statement, names):
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            names[name] = evaluate(value, names)
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value):
            names.update(zip(map(ast.unparse, targets), evaluate(value, names), strict=True))
        case _:
            raise FormulaError(f"{ast.unparse(statement)} is not followed here")


def _function(parameters, lines, value, names):
    """A function of code, all of it made of what is followed here."""
    for line in lines:
        if not isinstance(line, ast.Assign):
            raise FormulaError(f"{ast.unparse(line)} is not followed here")
    for part in (*(line.value for line in lines), value):
        _formula(part)

    def function(*given):
        own = names | dict(zip(parameters, given, strict=True))
        for line in lines:
            _assign(line, own)
        return evaluate(value, own)

    return function


def evaluate(code, names):
    """The value of an expression of code."""
    return _formula(code).value(Scope(names, {}, FUNCTIONS))


def _formula(code):
    node = ast.parse(code, mode="eval").body if isinstance(code, str) else code
    return Formula(ast.unparse(_WithoutNumPy().visit(node)), FUNCTIONS)


class _WithoutNumPy(ast.NodeTransformer):
    """Code with `tanh` for `np.tanh`."""

    def visit_Attribute(self, node):
        return ast.Name(node.attr) if isinstance(node.value, ast.Name) and node.value.id == "np" else node

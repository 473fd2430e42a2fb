"""Questions from a file: read, and every mistake in the file named with its question and its key."""

import ast
import re
import tomllib

import numpy as np

from lstm_helpers._arguments import brief, refuse
from lstm_helpers.checks._formula import Formula, FormulaError, Scope
from lstm_helpers.checks._question import Mistake, Question, random_inputs
from lstm_helpers.checks.functions import DRAWS, FUNCTIONS
from lstm_helpers.checks.trials import TRIALS


def _is_text(value):
    return isinstance(value, str) and bool(value.strip())


def _are_texts(values):
    return all(map(_is_text, values))


# What the value of each key must be: in words, and as a test.
TEXTS = ("todo", "because", "answer", "right", "fold", "given", "blank", "note", "shipped", "trial", "steps")
FORMS = {
    **dict.fromkeys(TEXTS, ("text", _is_text)),
    "hints": ("a list of two texts", lambda v: isinstance(v, list) and len(v) == 2 and _are_texts(v)),
    "results": ("a list of texts", lambda v: isinstance(v, list) and len(v) >= 2 and _are_texts(v)),
    "kind": ('"prediction"', lambda v: v == "prediction"),
    "gates": ('some of "f", "i", "g", "o"', lambda v: isinstance(v, (str, list)) and v and set(v) <= set("figo")),
    **dict.fromkeys(
        ("check", "random", "where", "choices"),
        ("a table of texts", lambda v: isinstance(v, dict) and _are_texts(v.values())),
    ),
    **dict.fromkeys(("inputs", "mistakes", "accepted"), ("a table", lambda v: isinstance(v, dict))),
}
# And which keys each kind of question needs.
NEEDED = {
    "value": ("todo", "hints", "because", "answer", "right"),
    "function": ("todo", "hints", "because", "answer", "right", "random"),
    "choice": ("todo", "hints", "because", "right", "choices"),
    "trial": ("todo", "hints", "because", "answer", "mistakes"),
    "prediction": ("todo",),
}
FOR_PREDICTIONS = ("kind", "todo", "right", "inputs", "random", "where")  # all that one may have: nobody judges it


def read(path):
    """The questions of a file, by name.

    Raises:
        ValueError: the file has a mistake; the sentence names the file, the question and the key.
    """
    try:
        themes = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        refuse(ValueError, f"path must be the name of a file, and there is no {path}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        refuse(ValueError, f"{path.name} is not a file in TOML: {error}")
    questions = {}
    for theme, inner in themes.items():
        for title, table in inner.items() if isinstance(inner, dict) else [("", inner)]:
            name = f"{theme}.{title}"
            if not (isinstance(table, dict) and re.fullmatch(r"\w+\.\w+", name)):
                refuse(ValueError, f"{path.name}: {theme} must stand beneath a heading, [theme.question]")
            questions[name] = _Entry(path, name, table).question()
    if not questions:
        refuse(ValueError, f"{path.name} has no question: each begins with a heading, [theme.question]")
    return questions


class _Entry:
    """One question as it stands in a file, on its way to a `Question`."""

    def __init__(self, path, name, table):
        self.path, self.name, self.table = path, name, table

    def refuse(self, key, sentence):
        """Raise a `ValueError` that names the file, the question and the key."""
        refuse(ValueError, f"{self.path.name}: [{self.name}] {key} {sentence}")

    def question(self):
        """The question, or a refusal."""
        table, kind = self.table, self.kind()
        names = {*table.get("inputs", {}), *table.get("random", {}), "n"}
        where = {}
        for name, text in table.get("where", {}).items():
            where[name] = self.formula(f"where.{name}", text, kind, {*names, *where}, DRAWS)
        random = {
            name: self.formula(f"random.{name}", text, kind, {*names, *where}, DRAWS)
            for name, text in table.get("random", {}).items()
        }
        inputs = self.inputs(where, random)
        known = {*inputs, *where}
        texts = {"todo", "because", "fold", "note", "trial"} | ({"right"} if kind == "choice" else set())
        formulas = {"right", "shipped", "steps"} - texts
        return Question(
            name=self.name,
            kind=kind,
            notebook=self.path.stem,
            **{key: table[key].strip("\n") for key in texts & set(table)},
            **{key: self.formula(key, table[key], kind, known) for key in formulas & set(table)},
            **{key: table[key] for key in {"hints", "check", "choices", "gates"} & set(table)},
            **{key: self.mistakes(key, kind, known) for key in ("mistakes", "accepted")},
            **self.code(kind),
            inputs=inputs,
            random=random,
            where=where,
            results=tuple(table.get("results", [""])),
        )

    def kind(self):
        """The kind of the question, from the keys that it has; or a refusal of a key, or of one that is missing."""
        for key, value in self.table.items():
            if key not in FORMS:
                self.refuse(key, f"is not a key of a question; these are: {', '.join(FORMS)}")
            form, fits = FORMS[key]
            if not fits(value):
                self.refuse(key, f"must be {form}, got {brief(value)}")
        if "kind" in self.table:
            kind = "prediction"
            for key in self.table.keys() - set(FOR_PREDICTIONS):
                self.refuse(key, f"is not for a prediction, which has {', '.join(FOR_PREDICTIONS)}")
        elif "trial" in self.table or "gates" in self.table:
            kind = "trial"
        elif "choices" in self.table:
            kind = "choice"
        else:
            kind = "function" if re.search(r"^def ", self.table.get("answer", ""), re.MULTILINE) else "value"
        for key in NEEDED[kind]:
            if key not in self.table:
                self.refuse(key, "is missing")
        if kind == "choice" and self.table["right"] not in self.table["choices"]:
            self.refuse("right", f"is not one of the choices: {brief(self.table['right'])}")
        if self.table.get("trial", "") not in {"", *TRIALS}:
            self.refuse("trial", f"must be one of {', '.join(TRIALS)}, got {brief(self.table['trial'])}")
        return kind

    def formula(self, key, text, kind, names, functions=FUNCTIONS):
        """The formula that stands under a key; or a refusal of what it may not have."""
        try:
            formula = Formula(text, functions)
        except FormulaError as error:
            self.refuse(key, f"cannot be read: {error}")
        unknown = sorted(formula.names - names)
        if unknown and kind != "trial":  # what a trial gives besides shows when it is run
            has = f"the names here are {', '.join(sorted(names))}" if names else "there are no names here"
            self.refuse(key, f"has {unknown[0]}, and {has}")
        return formula

    def inputs(self, where, random):
        """The values of the inputs: as given; where none are, random ones, the same each time."""
        if "inputs" in self.table:
            return {name: self.input(f"inputs.{name}", value) for name, value in self.table["inputs"].items()}
        number = self.path.stem[:2]
        try:
            return random_inputs(random, where, np.random.default_rng(int(number) if number.isdecimal() else 0))
        except Exception as error:
            return self.refuse("random", f"cannot be worked out: {error}")

    def input(self, key, value):
        """A number, a list of numbers as an array, or what a formula gives."""
        if isinstance(value, str):
            formula = self.formula(key, value, "value", set())
        try:
            if isinstance(value, str):
                return formula.value(Scope({}, {}, FUNCTIONS))
            array = np.array(value)
        except Exception as error:
            self.refuse(key, f"cannot be worked out: {error}")
        if array.dtype.kind not in "fi" or not array.size:
            self.refuse(key, f"must be a number, a list of numbers or a formula, got {brief(value)}")
        return array if array.ndim else value

    def code(self, kind):
        """The lines of code: what is given, the blank, the answer, and the name of the answer in them."""
        if kind == "prediction":
            return {}
        given, answer = self.table.get("given", "").strip("\n"), self.table.get("answer", "").strip("\n")
        if kind == "choice":
            answer = f'prediction = "{self.table["right"]}"'
        try:
            body = ast.parse(f"{given}\n{answer}").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.refuse("answer", f"is not Python: {error}")
        named = [(name, node) for node in body if (name := _name_of(node))]
        if not named:
            self.refuse("answer", "must give a name to the answer, as in kept = f * c_prev")
        variable, last = named[-1]
        blank = f"{variable} = ..."
        if isinstance(last, ast.FunctionDef):
            blank = f"def {variable}({ast.unparse(last.args)}):\n    return ..."
        blank = self.table.get("blank", blank).strip("\n")
        return {"given": given, "answer": answer, "variable": variable, "blank": blank}

    def mistakes(self, table, kind, known):
        """Mistakes, or what is accepted, by key: a formula and a sentence each; of a trial, a condition."""
        what, found = "when" if kind == "trial" else "formula", {}
        for key, entry in self.table.get(table, {}).items():
            at = f"{table}.{key if key.isidentifier() else repr(key)}"
            if not (isinstance(entry, dict) and set(entry) == {what, "say"} and _are_texts(entry.values())):
                self.refuse(at, f"must have {what} and say, each a text")
            if kind == "trial" and re.search("[{}]", re.sub(r"\{\w+(:[\w.%]*)?\}", "", entry["say"])):
                self.refuse(f"{at}.say", "may have names and their forms in braces, as in {step} or {c:.2f}")
            found[key] = Mistake(entry["say"], self.formula(f"{at}.{what}", entry[what], kind, known))
        return found


def _name_of(node):
    """The name that a statement defines, None if it defines none."""
    if isinstance(node, ast.FunctionDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None

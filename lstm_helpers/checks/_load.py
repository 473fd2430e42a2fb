"""Questions from a file: read, and every mistake in the file named with its question and its key."""

import ast
import re
import tomllib
from pathlib import Path

import numpy as np

from lstm_helpers._arguments import brief, refuse
from lstm_helpers.checks._formula import Formula, FormulaError, Scope
from lstm_helpers.checks._question import DRAWS, FUNCTIONS, Mistake, Question, random_inputs
from lstm_helpers.checks.trials import TRIALS

# What the value of each key has to be, and which keys each kind of question needs.
TEXTS = ("todo", "because", "answer", "right", "fold", "given", "blank", "note", "shipped", "trial")
TABLES = ("check", "inputs", "random", "where", "choices", "mistakes", "accepted")
LISTS = ("hints", "results")
NEEDED = {
    "value": ("todo", "hints", "because", "answer", "right"),
    "function": ("todo", "hints", "because", "answer", "right", "random"),
    "choice": ("todo", "hints", "because", "right", "choices"),
    "trial": ("todo", "hints", "because", "answer", "trial", "mistakes"),
}


def read(path):
    """The questions of a file, by name.

    Raises:
        ValueError: the file has a mistake; the sentence names the file, the question and the key.
    """
    path = Path(path)
    try:
        themes = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        refuse(ValueError, f"path must be the name of a file, and there is no {path}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        refuse(ValueError, f"{path.name} is not a file in TOML: {error}")
    tables = {}
    for theme, inner in themes.items():
        for title, table in inner.items() if isinstance(inner, dict) else [("", inner)]:
            if not (isinstance(table, dict) and re.fullmatch(r"\w+\.\w+", f"{theme}.{title}")):
                refuse(ValueError, f"{path.name}: {theme} must stand beneath a heading, [theme.question]")
            tables[f"{theme}.{title}"] = table
    if not tables:
        refuse(ValueError, f"{path.name} has no question: each begins with a heading, [theme.question]")
    return {name: _Entry(path.name, name, table).question(path.stem) for name, table in tables.items()}


class _Entry:
    """One question as it stands in a file, on its way to a `Question`."""

    def __init__(self, file, name, table):
        self.file, self.name, self.table = file, name, table

    def refuse(self, key, sentence):
        """Raise a `ValueError` that names the file, the question and the key."""
        refuse(ValueError, f"{self.file}: [{self.name}] {key} {sentence}")

    def question(self, notebook):
        """The question, or a refusal."""
        kind = self.kind()
        where = self.where()
        random = self.formulas("random", {*where, "n", *self.table.get("random", {})}, DRAWS)
        inputs = self.inputs(where, random, notebook)
        known = {*inputs, *where}
        code = self.code(kind)
        return Question(
            name=self.name,
            kind=kind,
            notebook=notebook,
            **{key: self.table.get(key, "").strip("\n") for key in ("todo", "because", "fold", "note")},
            **code,
            hints=self.table["hints"],
            check=self.table.get("check", {}),
            inputs=inputs,
            random=random,
            where=where,
            results=tuple(self.table.get("results", [""])),
            right=self.right(kind, known),
            shipped=self.formula("shipped", self.table["shipped"], known) if "shipped" in self.table else None,
            mistakes=self.mistakes("mistakes", kind, known),
            accepted=self.mistakes("accepted", kind, known),
            choices=self.table.get("choices", {}),
            trial=self.trial(kind),
        )

    def kind(self):
        """The kind of the question, from the keys that it has; or a refusal of a key, or of one that is missing."""
        for key, value in self.table.items():
            self.check_form(key, value)
        kind = "function" if re.search(r"^def ", self.table.get("answer", ""), re.MULTILINE) else "value"
        kind = "trial" if "trial" in self.table else "choice" if "choices" in self.table else kind
        for key in NEEDED[kind]:
            if key not in self.table:
                self.refuse(key, "is missing")
        return kind

    def check_form(self, key, value):
        """Refuse a key that no question has, or a value of the wrong kind."""
        if key in TEXTS:
            fits, form = isinstance(value, str) and value.strip(), "text"
        elif key in LISTS:
            fits, form = isinstance(value, list) and len(value) >= 2 and _are_texts(value), "a list of texts"
        elif key in ("inputs", "mistakes", "accepted"):
            fits, form = isinstance(value, dict), "a table"
        elif key in TABLES:
            fits, form = isinstance(value, dict) and _are_texts(value.values()), "a table of texts"
        else:
            self.refuse(key, f"is not a key of a question; these are: {', '.join((*TEXTS, *TABLES, *LISTS))}")
        if not fits or (key == "hints" and len(value) != 2):
            self.refuse(key, f"must be {form if key != 'hints' else 'a list of two texts'}, got {brief(value)}")

    def where(self):
        """The formulas with names of their own; each may use the inputs, and those before it."""
        names, found = {"n", *self.table.get("inputs", {}), *self.table.get("random", {})}, {}
        for name, text in self.table.get("where", {}).items():
            found[name] = self.formula(f"where.{name}", text, {*names, *found}, DRAWS)
        return found

    def inputs(self, where, random, notebook):
        """The values of the inputs: as given; where none are, random ones, the same each time."""
        if "inputs" in self.table:
            return {name: self.input_value(f"inputs.{name}", value) for name, value in self.table["inputs"].items()}
        seed = int(notebook[:2]) if notebook[:2].isdecimal() else 0
        try:
            return random_inputs(random, where, np.random.default_rng(seed))
        except Exception as error:
            return self.refuse("random", f"cannot be worked out: {error}")

    def input_value(self, key, value):
        """A number, a list of numbers as an array, or what a formula gives."""
        try:
            if isinstance(value, str):
                return self.formula(key, value, set()).value(Scope({}, {}, FUNCTIONS))
            array = np.array(value)
        except Exception as error:
            if getattr(error, "is_refusal", False):
                raise
            return self.refuse(key, f"cannot be worked out: {error}")
        if array.dtype.kind not in "fi" or not array.size:
            self.refuse(key, f"must be a number, a list of numbers or a formula, got {brief(value)}")
        return array if array.ndim else value

    def code(self, kind):
        """The lines of code: what is given, the blank, the answer, and the name of the answer in them."""
        given, answer = self.table.get("given", "").strip("\n"), self.table.get("answer", "").strip("\n")
        if kind == "choice":
            answer = f'prediction = "{self.table["right"]}"'
        try:
            body = ast.parse(f"{given}\n{answer}").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.refuse("answer", f"is not Python: {error}")
        named = [node for node in body if _name_of(node)]
        if not named:
            self.refuse("answer", "must give a name to the answer, as in kept = f * c_prev")
        variable, last = _name_of(named[-1]), named[-1]
        head = f"def {variable}({ast.unparse(last.args)}):\n    return" if isinstance(last, ast.FunctionDef) else ""
        blank = self.table.get("blank") or f"{head or variable + ' ='} ..."
        return {"given": given, "answer": answer, "variable": variable, "blank": blank.strip("\n")}

    def right(self, kind, known):
        """The formula of the right answer, or the right choice."""
        if kind == "trial":
            return None
        if kind != "choice":
            return self.formula("right", self.table["right"], known)
        if self.table["right"] not in self.table["choices"]:
            self.refuse("right", f"is not one of the choices: {brief(self.table['right'])}")
        return self.table["right"]

    def trial(self, kind):
        """The name of the trial, whose faults each have their sentence."""
        if kind != "trial":
            return ""
        name = self.table["trial"]
        if name not in TRIALS:
            self.refuse("trial", f"must be one of {', '.join(TRIALS)}, got {brief(name)}")
        if set(self.table["mistakes"]) != set(TRIALS[name].faults):
            self.refuse("mistakes", f"must be those that the trial {name} finds: {', '.join(TRIALS[name].faults)}")
        return name

    def mistakes(self, table, kind, known):
        """Mistakes, or what is accepted, by key: a formula and a sentence each; of a trial a sentence alone."""
        keys = {"say"} if kind == "trial" else {"formula", "say"}
        found = {}
        for key, entry in self.table.get(table, {}).items():
            at = f"{table}.{key if key.isidentifier() else repr(key)}"
            if not (isinstance(entry, dict) and set(entry) == keys and _are_texts(entry.values())):
                self.refuse(at, f"must have {' and '.join(sorted(keys))}, each a text")
            formula = None if kind == "trial" else self.formula(f"{at}.formula", entry["formula"], known)
            found[key] = Mistake(say=entry["say"], formula=formula)
        return found

    def formulas(self, table, names, functions):
        """A table of formulas."""
        return {
            name: self.formula(f"{table}.{name}", text, names, functions)
            for name, text in self.table.get(table, {}).items()
        }

    def formula(self, key, text, names, functions=FUNCTIONS):
        """The formula that stands under a key; or a refusal of what it may not have."""
        try:
            formula = Formula(text, functions)
        except FormulaError as error:
            self.refuse(key, f"cannot be read: {error}")
        if unknown := sorted(formula.names - names):
            has = f"the names here are {', '.join(sorted(names))}" if names else "there are no names here"
            self.refuse(key, f"has {unknown[0]}, and {has}")
        return formula


def _are_texts(values):
    return all(isinstance(value, str) and value.strip() for value in values)


def _name_of(node):
    """The name that a statement defines, None if it defines none."""
    if isinstance(node, ast.FunctionDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None

"""Question files: read into `Question` objects, each mistake in a file refused with its question and its key."""

import ast
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lstm_helpers._arguments import brief, refuse
from lstm_helpers.checks._formula import Formula, FormulaError, Scope
from lstm_helpers.checks._question import Mistake, Question, random_inputs
from lstm_helpers.checks.functions import DRAWS, FUNCTIONS
from lstm_helpers.checks.trials import TRIALS

FILES = sorted(Path(__file__).resolve().with_name("questions").glob("*.toml"))
_HEADING = re.compile(r"^\[(\w+\.\w+)\]$", re.MULTILINE)


class Catalog(Mapping):
    """Questions by name: the package's own, and those of files added later.

    A file of the package is read on first use of one of its questions.
    """

    def __init__(self):
        self._paths = {name: path for path in FILES for name in _HEADING.findall(path.read_text(encoding="utf-8"))}
        self._questions = {}  # path -> the questions of a file that has been read

    def __getitem__(self, name):
        path = self._paths[name]
        if path not in self._questions:
            self._questions[path] = read(path)
        return self._questions[path][name]

    def __iter__(self):
        return iter(self._paths)

    def __len__(self):
        return len(self._paths)

    def add(self, path, questions):
        """Add the questions of a file, replacing those it had before; refuse names that are taken."""
        path = path.resolve()
        for name in questions:
            if self._paths.get(name, path) != path:
                refuse(ValueError, f"{path.name}: [{name}] is taken, by {self._paths[name].name}; choose another name")
        others = {name: other for name, other in self._paths.items() if other != path}
        self._paths = others | dict.fromkeys(questions, path)
        self._questions[path] = questions


def _is_text(value):
    return isinstance(value, str) and bool(value.strip())


def _are_texts(values):
    return all(map(_is_text, values))


# key -> what its value must be, in words and as a test
_TEXTS = ("todo", "because", "answer", "right", "fold", "given", "blank", "note", "shipped", "trial", "steps")
KEYS = {
    **dict.fromkeys(_TEXTS, ("text", _is_text)),
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
REQUIRED = {
    "value": ("todo", "hints", "because", "answer", "right"),
    "function": ("todo", "hints", "because", "answer", "right", "random"),
    "choice": ("todo", "hints", "because", "right", "choices"),
    "trial": ("todo", "hints", "because", "answer", "mistakes"),
    "prediction": ("todo",),
}
PREDICTION_KEYS = ("kind", "todo", "right", "inputs", "random", "where")


def read(path):
    """The questions of a file, by name.

    Raises:
        ValueError: the file has a mistake; the message names the file, the question and the key.
    """
    try:
        themes = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        refuse(ValueError, f"path must be the name of a file, and there is no {path}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        refuse(ValueError, f"{path.name} is not valid TOML: {error}")
    questions = {}
    for theme, inner in themes.items():
        for title, table in inner.items() if isinstance(inner, dict) else [("", inner)]:
            name = f"{theme}.{title}"
            if not (isinstance(table, dict) and re.fullmatch(r"\w+\.\w+", name)):
                refuse(ValueError, f"{path.name}: {theme} must be under a heading, [theme.question]")
            questions[name] = _Entry(path, name, table).question()
    if not questions:
        refuse(ValueError, f"{path.name} has no question: each begins with a heading, [theme.question]")
    return questions


class _Entry:
    """One question in a file, as TOML reads it."""

    def __init__(self, path, name, table):
        self.path, self.name, self.table = path, name, table
        self.kind = self.find_kind()

    def refuse(self, key, sentence):
        """Raise a `ValueError` that names the file, the question and the key."""
        refuse(ValueError, f"{self.path.name}: [{self.name}] {key} {sentence}")

    def question(self):
        """The entry as a `Question`, or a refusal."""
        table = self.table
        names = {*table.get("inputs", {}), *table.get("random", {}), "n"}
        where = {}
        for name, text in table.get("where", {}).items():
            where[name] = self.formula(f"where.{name}", text, {*names, *where}, DRAWS)
        random = {
            name: self.formula(f"random.{name}", text, {*names, *where}, DRAWS)
            for name, text in table.get("random", {}).items()
        }
        inputs = self.inputs(where, random)
        known = {*inputs, *where}
        texts = {"todo", "because", "fold", "note", "trial"} | ({"right"} if self.kind == "choice" else set())
        formulas = {"right", "shipped", "steps"} - texts
        return Question(
            name=self.name,
            kind=self.kind,
            notebook=self.path.stem,
            **{key: table[key].strip("\n") for key in texts & set(table)},
            **{key: self.formula(key, table[key], known) for key in formulas & set(table)},
            **{key: table[key] for key in {"hints", "check", "choices", "gates"} & set(table)},
            **{key: self.mistakes(key, known) for key in ("mistakes", "accepted")},
            **self.code(),
            inputs=inputs,
            random=random,
            where=where,
            results=tuple(table.get("results", [""])),
        )

    def find_kind(self):
        """The kind of the question, which follows from its keys; or a refusal of a wrong, unknown or missing key."""
        for key, value in self.table.items():
            if key not in KEYS:
                self.refuse(key, f"is not a key of a question; the keys are {', '.join(KEYS)}")
            form, fits = KEYS[key]
            if not fits(value):
                self.refuse(key, f"must be {form}, got {brief(value)}")
        if "kind" in self.table:
            kind = "prediction"
            for key in self.table.keys() - set(PREDICTION_KEYS):
                self.refuse(key, f"is not a key of a prediction; the keys are {', '.join(PREDICTION_KEYS)}")
        elif "trial" in self.table or "gates" in self.table:
            kind = "trial"
        elif "choices" in self.table:
            kind = "choice"
        else:
            kind = "function" if re.search(r"^def ", self.table.get("answer", ""), re.MULTILINE) else "value"
        for key in REQUIRED[kind]:
            if key not in self.table:
                self.refuse(key, "is missing")
        if kind == "choice" and self.table["right"] not in self.table["choices"]:
            self.refuse("right", f"is not one of the choices: {brief(self.table['right'])}")
        if self.table.get("trial", "") not in {"", *TRIALS}:
            self.refuse("trial", f"must be one of {', '.join(TRIALS)}, got {brief(self.table['trial'])}")
        return kind

    def formula(self, key, text, names, functions=FUNCTIONS):
        """The formula under a key; or a refusal of its syntax or of an unknown name."""
        try:
            formula = Formula(text, functions)
        except FormulaError as error:
            self.refuse(key, f"cannot be read: {error}")
        unknown = sorted(formula.names - names)
        if unknown and self.kind != "trial":  # the names that a trial returns are known only when it is run
            known = f"the names here are {', '.join(sorted(names))}" if names else "there are no names here"
            self.refuse(key, f"has {unknown[0]}, but {known}")
        return formula

    def inputs(self, where, random):
        """The inputs as given in the file; else random ones, the same each time."""
        if "inputs" in self.table:
            return {name: self.input(f"inputs.{name}", value) for name, value in self.table["inputs"].items()}
        number = self.path.stem[:2]
        try:
            return random_inputs(random, where, np.random.default_rng(int(number) if number.isdecimal() else 0))
        except Exception as error:
            return self.refuse("random", f"cannot be computed: {error}")

    def input(self, key, value):
        """A number, an array from a list, or the value of a formula."""
        if isinstance(value, str):
            formula = self.formula(key, value, set())
        try:
            if isinstance(value, str):
                return formula.value(Scope({}, {}, FUNCTIONS))
            array = np.array(value)
        except Exception as error:
            self.refuse(key, f"cannot be computed: {error}")
        if array.dtype.kind not in "fi" or not array.size:
            self.refuse(key, f"must be a number, a list of numbers or a formula, got {brief(value)}")
        return array if array.ndim else value

    def code(self):
        """`given`, `blank`, `answer`, and the name that the answer defines, `variable`."""
        if self.kind == "prediction":
            return {}
        given, answer = self.table.get("given", "").strip("\n"), self.table.get("answer", "").strip("\n")
        if self.kind == "choice":
            answer = f'prediction = "{self.table["right"]}"'
        try:
            body = ast.parse(f"{given}\n{answer}").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.refuse("answer", f"is not Python: {error}")
        defined = [(name, node) for node in body if (name := _defined_name(node))]
        if not defined:
            self.refuse("answer", "must give a name to the answer, as in kept = f * c_prev")
        variable, last = defined[-1]
        blank = f"{variable} = ..."
        if isinstance(last, ast.FunctionDef):
            blank = f"def {variable}({ast.unparse(last.args)}):\n    return ..."
        blank = self.table.get("blank", blank).strip("\n")
        return {"given": given, "answer": answer, "variable": variable, "blank": blank}

    def mistakes(self, table, known):
        """The mistakes, or what else is accepted, by key: each has a sentence and a formula, or a trial's condition."""
        condition, found = "when" if self.kind == "trial" else "formula", {}
        for key, entry in self.table.get(table, {}).items():
            path = f"{table}.{key if key.isidentifier() else repr(key)}"
            if not (isinstance(entry, dict) and set(entry) == {condition, "say"} and _are_texts(entry.values())):
                self.refuse(path, f"must have {condition} and say, each a text")
            if self.kind == "trial" and re.search("[{}]", re.sub(r"\{\w+(:[\w.%]*)?\}", "", entry["say"])):
                self.refuse(f"{path}.say", "may have only names and their formats in braces, as in {step} or {c:.2f}")
            formula = self.formula(f"{path}.{condition}", entry[condition], known)
            found[key] = Mistake(entry["say"], formula)
        return found


def _defined_name(node):
    """The name that a statement defines; None if it defines none."""
    if isinstance(node, ast.FunctionDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None

"""Phrases that are never right (CONTRIBUTING.md, "Words"), looked for in docstrings, messages, guides and notebooks."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("lstm_helpers", "classroom", "tools", "benchmarks", "tests")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
QUESTIONS = sorted((ROOT / "lstm_helpers" / "checks" / "questions").glob("*.toml"))
NEVER = re.compile(
    r"\b(an? (LSTM|RNN|ONNX)(?<!an LSTM)(?<!an RNN)(?<!an ONNX)"
    r"|whoever typed|what was (predicted|answered)|is to be seen|on two ways|drawn by lot|told so|has no say"
    r"|there is no the|no lot is|the lot decides|weigh the \w+ more|nor is a \w+ told|holds? bytes that are no"
    r"|a certificate with a star|that is what is meant|mend it"
    r"|sees to (that|it)|says that it is right, or|the same with a 2"
    r"|whatever stands|nobody looks|without a murmur|so many (bytes|seconds)|cannot do without"
    r"|nothing is predicted yet|(is|are) looked at"
    r"|somebody's own|in the place of|to be had|in the time of x)\b",
    re.IGNORECASE,
)


def texts(path):
    """The prose in a file: all of a guide; of a notebook the Markdown; of Python the strings (docstrings, messages)."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        return ["".join(cell["source"]) for cell in json.loads(source)["cells"] if cell["cell_type"] == "markdown"]
    if path.suffix != ".py":
        return [line for line in source.splitlines() if not line.startswith("|")]
    nodes = ast.walk(ast.parse(source))
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def faults(lines):
    return [match[0] for line in lines for match in NEVER.finditer(" ".join(line.split()))]


def prose():
    code = [
        path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py")) if "node_modules" not in path.parts
    ]
    guides = [path for folder in (".", "notebooks", "classroom") for path in sorted((ROOT / folder).glob("*.md"))]
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    own = Path(__file__).resolve()
    return [path for path in (*code, *QUESTIONS, *guides, *notebooks) if path != own]


# A gate is 0.4: it has no dial, as in some pictures, and does not stand anywhere.
NEVER_IN_QUESTIONS = re.compile(
    r"\b(dials?|st[ao]nds? (at|in|behind|above)|once more|all the same|changed places|takes its share|is no [a-z]+:)",
    re.IGNORECASE,
)


def test_no_question_has_a_phrase_that_is_never_right():
    for path in QUESTIONS:
        assert not NEVER_IN_QUESTIONS.search(path.read_text(encoding="utf-8")), path


def test_no_phrase_that_is_never_right():
    paths = prose()
    found = {str(path.relative_to(ROOT)): faults(texts(path)) for path in paths}
    assert len(paths) > 200 and not {path: phrases for path, phrases in found.items() if phrases}


# Code of which every docstring begins with a noun or a verb: "Return whether ...", not "Whether ...".
FIRST_WORD = re.compile(r"(what|whatever|who|whoever|whether|which|whose|that which)\b", re.IGNORECASE)


def test_docstrings_begin_with_a_noun_or_a_verb():
    paths = [path for path in prose() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in CODE[:3]]
    docstrings = [
        (path.name, ast.get_docstring(node) or "")
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, DOCUMENTED)
    ]
    assert len(docstrings) > 1200
    assert [(name, text.splitlines()[0]) for name, text in docstrings if FIRST_WORD.match(text)] == []


@pytest.mark.parametrize(
    "line",
    [
        "got a LSTM",
        "a RNN",
        "hardly anything\n    is to be seen",
        "on two ways",
        "Mend it.",
        "sees to that",
        "nobody looks",
    ],
)
def test_the_search_finds_them(line):
    assert faults([line])


@pytest.mark.parametrize("line", ["an LSTM", "An RNN, an ONNX model", "along two paths", "a ONN", "the LSTM"])
def test_it_leaves_what_is_right(line):
    assert not faults([line])

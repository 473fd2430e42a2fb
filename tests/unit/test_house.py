"""The house: one environment in two files, floors that no import crosses, a package that loads only NumPy."""

import ast
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
import yaml

from tools.constraints import OLD_MATPLOTLIB, oldest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lstm_helpers"

# From the ground up; a module may import from the floors below its own, and from its own package.
FLOORS = [
    {"_arguments"},
    {"room"},
    {"equations", "view", "tasks", "jupyter"},
    {"examples", "layers"},
    {"gradients", "training", "interop", "interventions", "checks"},
    {"runs", "measures"},
    {"explorers"},
]


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def lab():
    """What `make lab` needs: of what the package needs, too, the newer version."""
    named = project()["dependencies"] + project()["optional-dependencies"]["lab"]
    return list({re.split("[<>=]", wanted)[0]: wanted for wanted in named}.values())


def test_environment_yml_and_pyproject_toml_ask_for_the_same():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *packages, pip = conda["dependencies"]
    wanted = lab() + project()["optional-dependencies"]["test"]
    browser = {name for name in wanted if name.startswith(("playwright", "axe"))}  # only for tests, not on conda-forge
    assert set(packages) - {"pip"} == {f"python{project()['requires-python']}", *wanted} - browser
    assert pip == {"pip": ["--editable ."]}
    assert (conda["name"], conda["channels"]) == ("lstm-notebooks", ["conda-forge"])


def test_constraints_pin_every_dependency_and_name_no_registry():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([\w.-]+)==([\w.]+)$", text, re.MULTILINE))
    extras = project()["optional-dependencies"]
    wanted = [*lab(), *extras["test"], *extras["site"], *extras["classroom"]]
    assert {re.split(r"[<>=]", name)[0].lower() for name in wanted} <= {name.lower() for name in pins}
    assert "://" not in text and "@" not in text


def test_the_oldest_versions_are_those_of_pyproject_toml():
    pins = [line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if "==" in line]
    old = oldest(pins, lab())
    assert len(old) == len(pins)
    for dependency in lab():
        assert dependency.replace(">=", "==") in old
    assert len(set(old) - set(pins)) == len(lab()) + len(OLD_MATPLOTLIB)


# What opens a server to everybody, and what runs what a file holds.
OPEN = (
    r"0\.0\.0\.0|allow_origin|allow_remote_access|disable_check_xsrf|DummyAuth"
    r"|(token|password)[\"']?\s*[=:]\s*[\"']{2}"
)
RUNS = r"allow_pickle=True|pickle\.load|torch\.load\((?!.*weights_only=True)|\beval\(|\bexec\("

# `checks.load` runs the worked answers of a teacher's own file, as it says, and can be told not to. Notebook 08 runs
# the package's own page, `layers.reference`, with a bug in one line.
RUN_ON_PURPOSE = {"lstm_helpers/checks/_verify.py", "notebooks/08_backprop_through_time.ipynb"}


def test_nothing_is_open_to_everybody_and_no_file_is_executed():
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    read = {".py", ".ipynb", ".yml", ".yaml", ".json", ".md", ".toml", ""}
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in names if Path(name).suffix in read}
    runs = {name for name, text in texts.items() if re.search(RUNS, text)} - RUN_ON_PURPOSE
    wrong = runs | {name for name, text in texts.items() if re.search(OPEN, text)}
    assert len(texts) > 100
    assert [name for name in sorted(wrong) if not name.startswith("tests/")] == []
    assert "tests/unit/test_house.py" in wrong  # which names them all


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def floor_of(module):
    (floor,) = [k for k, names in enumerate(FLOORS) if module in names]
    return floor


def imports_of(path):
    """The modules of ours that a file imports, by their first name below the package."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module] if node.module != "lstm_helpers" else [f"lstm_helpers.{a.name}" for a in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith("lstm_helpers."))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_an_import_never_runs_back_up(path):
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    for name in imports_of(path):
        assert name == own or floor_of(name) < floor_of(own), f"{own} imports {name}"


def test_no_test_imports_another():
    """Code that tests share is in tests/support."""
    for path in (ROOT / "tests").rglob("*.py"):
        names = re.findall(r"^\s*(?:from|import) (tests\.[\w.]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert all(name.startswith("tests.support") for name in names), path


def skippable(test):
    """The assertions of a test that may assert nothing, as (line, reason)."""
    for node in ast.walk(test):
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.IfExp):
            for branch in (node.test.body, node.test.orelse):
                if not isinstance(branch, (ast.Compare, ast.Call, ast.BoolOp, ast.UnaryOp)):
                    yield node.lineno, f"{ast.unparse(branch)!r} is true whatever happens"
        if isinstance(node, ast.Assert) and isinstance(node.test, (ast.Tuple, ast.Constant)):
            yield node.lineno, "it is always true"
        if isinstance(node, ast.With) and "suppress" in ast.unparse(node.items[0]) and asserts(node.body):
            yield node.lineno, "an assertion after the error is skipped"
    if asserts(test.body) and not surely_asserts(test.body):
        yield test.lineno, "its only assertions stand under an if"


def asserts(body):
    return any(isinstance(node, ast.Assert) for statement in body for node in ast.walk(statement))


def surely_asserts(body):
    """Whether no `if` keeps these statements from asserting something. A loop is taken to run."""
    return any(surely(statement) for statement in body)


def surely(statement):
    match statement:
        case ast.Assert():
            return True
        case ast.With():
            return "raises" in ast.unparse(statement.items[0]) or surely_asserts(statement.body)
        case ast.For() | ast.While() | ast.Try():
            return surely_asserts(statement.body)
        case ast.FunctionDef() | ast.AsyncFunctionDef():  # one that a test makes is taken to run
            return surely_asserts(statement.body)
        case ast.If():
            return surely_asserts(statement.body) and surely_asserts(statement.orelse)
    return re.search(r"\b(assert|check)_", ast.unparse(statement)) is not None


@pytest.mark.parametrize(
    "source, wrong",
    [
        ("assert a == b if c else d", 1),
        ("assert a == b if c else a < b", 0),
        ("assert (a == b, 'text')", 1),
        ("with suppress(E):\n  f()\n  assert a", 1),
        ("for a in b:\n  if a:\n    assert c", 1),
        ("for a in b:\n  if a:\n    assert c\n  else:\n    assert d", 0),
        ("assert a", 0),
    ],
)
def test_an_assertion_that_may_assert_nothing_is_found(source, wrong):
    test = ast.parse(f"def test():\n{textwrap.indent(source, '  ')}").body[0]
    assert len(list(skippable(test))) == wrong


def test_no_test_can_pass_without_asserting():
    found, looked_at = [], 0
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
                looked_at += 1
                found += [f"{path.name}:{line}: {reason}" for line, reason in skippable(node)]
    assert looked_at > 500
    assert found == []


def test_importing_the_package_loads_numpy_and_nothing_else():
    """Of others' modules, only NumPy and what Python brings: so it takes hardly longer than NumPy alone."""
    code = "import sys, numpy; before = set(sys.modules); import lstm_helpers; print(*set(sys.modules) - before)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    others = {name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names | {"lstm_helpers"}}
    assert "lstm_helpers.equations" in loaded
    assert {name.partition(".")[0] for name in others} <= {"numpy"}
    assert len(loaded) < 60  # some 30: it would not stay that cheap with a large part of Python's library


def public_definitions(path):
    """The public functions, classes and methods of a file."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, kinds) and not node.name.startswith("_"):
            yield node
            members = node.body if isinstance(node, ast.ClassDef) else []
            yield from (inner for inner in members if isinstance(inner, kinds) and not inner.name.startswith("_"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_everything_public_says_what_it_is(path):
    if path.name.startswith("_") and path.name != "__init__.py":
        return
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    for node in public_definitions(path):
        assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_jupyterlab_gets_the_setting_that_keeps_slider_messages_on_the_main_thread():
    installed = Path(sys.prefix, "share/jupyter/lab/settings/overrides.d/lstm_helpers.json")
    assert installed.read_text() == (PACKAGE / "jupyter" / "lab_settings.json").read_text()


def test_jupyterlab_gets_the_extension_that_keeps_run_all_cells_where_the_reader_is():
    installed = Path(sys.prefix, "share/jupyter/labextensions/lstm-helpers")
    for name in ("package.json", "static/run_all.js"):
        assert (installed / name).read_text() == (PACKAGE / "jupyter" / "labextension" / name).read_text()


def test_jupyters_server_gets_the_extension_that_stores_pictures_in_place_of_panels():
    installed = Path(sys.prefix, "etc/jupyter/jupyter_server_config.d/lstm_helpers.json")
    assert installed.read_text() == (PACKAGE / "jupyter" / "server_config.json").read_text()


def test_the_readmes_code_gives_what_its_comments_say():
    block, *_ = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    names, checked = {}, 0
    for line in block.splitlines():
        code, _, comment = (part.strip() for part in line.partition("#"))
        expression = code.partition(" = ")[2] if re.match(r"\w+ = ", code) else code
        exec(code, names)
        if re.match(r"array|[\d.]+$", comment):
            value = eval(expression, names)
            shown = repr(value) if comment.startswith("array") else str(float(value))
            assert shown.startswith(comment.removesuffix("...")), line
            checked += 1
    assert checked == 3


# What `make test` does without, unless EXTRAS names it.
EXTRAS = ["jupyterhub", "jupyterlite_core", "jupyterlite_pyodide_kernel", "keras", "latex2mathml", "onnx",
          "onnxruntime", "systemdspawner", "torch"]  # fmt: skip


@pytest.mark.long
def test_every_test_can_be_collected_without_the_extras():
    collect = ["--collect-only", "-q", "-p", "no:nbval", "-p", "no:cacheprovider", "tests"]
    code = f"import sys, pytest; sys.modules |= dict.fromkeys({EXTRAS}); sys.exit(pytest.main({collect}))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:]

"""The house: one environment in two files, floors that are not crossed, an import that loads NumPy and nothing else."""

import ast
import re
import subprocess
import sys
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
    {"equations", "view", "tasks", "jupyter"},
    {"examples", "layers"},
    {"gradients", "training", "interop", "interventions", "checks"},
    {"explorers"},
]


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_environment_yml_and_pyproject_toml_ask_for_the_same():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *packages, pip = conda["dependencies"]
    wanted = project()["dependencies"] + project()["optional-dependencies"]["test"]
    wanted = [name.partition(";")[0] for name in wanted]  # what is asked for on every system but the browser
    browser = {name for name in wanted if name.startswith(("playwright", "axe"))}  # only for tests, not on conda-forge
    assert set(packages) - {"pip"} == {f"python{project()['requires-python']}", *wanted} - browser
    assert pip == {"pip": ["--editable ."]}
    assert (conda["name"], conda["channels"]) == ("lstm-notebooks", ["conda-forge"])


def test_constraints_pin_every_dependency_and_name_no_registry():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([\w.-]+)==([\w.]+)$", text, re.MULTILINE))
    extras = project()["optional-dependencies"]
    wanted = [*project()["dependencies"], *extras["test"], *extras["site"], *extras["classroom"]]
    assert {re.split(r"[<>=]", name)[0].lower() for name in wanted} <= {name.lower() for name in pins}
    assert "://" not in text and "@" not in text


def test_the_oldest_versions_are_those_of_pyproject_toml():
    pins = [line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if "==" in line]
    old = oldest(pins, project()["dependencies"])
    assert len(old) == len(pins)
    for dependency in project()["dependencies"]:
        assert dependency.partition(";")[0].replace(">=", "==") in old
    assert len(set(old) - set(pins)) == len(project()["dependencies"]) + len(OLD_MATPLOTLIB)


# What opens a server to everybody, and what runs what a file holds.
OPEN = (
    r"0\.0\.0\.0|allow_origin|allow_remote_access|disable_check_xsrf|DummyAuth"
    r"|(token|password)[\"']?\s*[=:]\s*[\"']{2}"
)
RUNS = r"allow_pickle=True|pickle\.load|torch\.load\((?!.*weights_only=True)|\beval\(|\bexec\("

# Where `checks.load` runs the worked answers of a teacher's own file, as it says, and can be told not to.
RUNS_ANSWERS = "lstm_helpers/checks/_verify.py"


def test_nothing_is_open_to_everybody_and_no_file_is_executed():
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in names:
        if Path(name).suffix in {".py", ".ipynb", ".yml", ".yaml", ".json", ".md", ".toml", ""}:
            text = (ROOT / name).read_text(encoding="utf-8")
            assert not re.findall(OPEN, text) or name.startswith("tests/"), name
            assert not re.findall(RUNS, text) or name.startswith("tests/") or name == RUNS_ANSWERS, name


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
    """What tests share stands in tests/support."""
    for path in (ROOT / "tests").rglob("*.py"):
        names = re.findall(r"^\s*(?:from|import) (tests\.[\w.]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert all(name.startswith("tests.support") for name in names), path


def test_importing_the_package_loads_numpy_and_nothing_else():
    code = "import sys, lstm_helpers; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert "numpy" in loaded
    assert not loaded & {"matplotlib", "ipywidgets", "IPython", "pandas", "scipy", "torch", "keras", "onnx"}


def test_importing_the_package_takes_less_than_numpy_itself():
    """In the same process; the least of five runs. (Some 0.2; matplotlib alone would make it 3.)"""
    timed = (
        "import time; start = time.perf_counter(); import numpy; numpy_done = time.perf_counter(); import lstm_helpers"
    )
    code = timed + "; print((time.perf_counter() - numpy_done) / (numpy_done - start))"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)]
    assert min(float(run.stdout) for run in runs) < 1


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


def test_jupyters_server_gets_the_extension_that_stores_pictures_in_place_of_panels():
    installed = Path(sys.prefix, "etc/jupyter/jupyter_server_config.d/lstm_helpers.json")
    assert installed.read_text() == (PACKAGE / "jupyter" / "server_config.json").read_text()


def test_the_readmes_code_gives_what_its_comments_say():
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
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

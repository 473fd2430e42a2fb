"""The start of a student's server."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from traitlets.config import Application

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import subprocess, sys
from classroom.student_server import skip_slow_imports
skip_slow_imports()
subprocess.Popen = None  # nothing starts a process
from lstm_helpers.jupyter.saved import keep_pictures
assert callable(keep_pictures)
import jupyterhub.singleuser, jupyterlab.labapp
print(*sorted({"numpy", "matplotlib", "ipywidgets", "alembic", "sqlalchemy.engine"} & sys.modules.keys()))
"""


def test_the_server_saves_pictures_for_panels_and_loads_neither_numpy_nor_the_hubs_database():
    """The kernel does the computing, and the hub keeps the users."""
    pytest.importorskip("jupyterhub", reason="the classroom needs JupyterHub: EXTRAS=test,classroom")
    path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'classroom'}"}
    run = subprocess.run([sys.executable, "-c", PROGRAM], env=path, capture_output=True, text=True, check=True)
    assert run.stdout == "\n"


SETTINGS = """
import json, sys
from pathlib import Path
from classroom.student_server import skip_slow_imports
skip_slow_imports()
import jsonschema
from jupyterlab_server.settings_utils import get_settings
folder = Path(sys.argv[1])
schema = {"properties": {"size": {"type": "integer", "default": 1}}, "type": "object"}
checked = []
check = jsonschema.Draft7Validator.check_schema
jsonschema.Draft7Validator.check_schema = lambda *arguments, **how: checked.append(1)
for place, name, content in (("schemas", "a.json", schema), ("user", "a.jupyterlab-settings", {"size": "wide"})):
    (folder / place / "lab").mkdir(parents=True)
    (folder / place / "lab" / name).write_text(json.dumps(content))
settings, warnings = get_settings("", str(folder / "schemas"), str(folder / "user"), overrides={})
print(json.dumps([[s["schema"] for s in settings["settings"]], warnings, checked]))
"""


def test_settings_come_without_a_check_of_their_schema_and_what_a_user_has_set_is_checked(tmp_path):
    pytest.importorskip("jupyterhub", reason="the classroom needs JupyterHub: EXTRAS=test,classroom")
    path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'classroom'}"}
    command = [sys.executable, "-c", SETTINGS, str(tmp_path)]
    run = subprocess.run(command, env=path, capture_output=True, text=True, check=True)
    schemas, warnings, checked = json.loads(run.stdout)
    assert [schema["properties"]["size"]["type"] for schema in schemas] == ["integer"]
    assert len(warnings) == 1 and "'wide' is not of type 'integer'" in warnings[0]
    assert checked == []


def test_a_server_makes_no_record_that_it_would_not_show(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "classroom")
    limits = pytest.importorskip("student_limits")
    server = Application(log_level="INFO")
    server.log.setLevel("DEBUG")
    limits.make_no_hidden_records(server)
    assert server.log.isEnabledFor(logging.INFO) and not server.log.isEnabledFor(logging.DEBUG)

"""Who is let in, and what the configuration refuses to start with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("jupyterhub", reason="the classroom needs jupyterhub: EXTRAS=test,classroom")

from classroom import class_list
from classroom.login import ClassListAuthenticator
from tests.classroom import awaited

ROOT = Path(__file__).resolve().parents[2]


def listed(tmp_path, text):
    path = tmp_path / "class.txt"
    path.write_text(text)
    return class_list.read(path)


def test_a_line_is_a_name_and_teacher_says_who_teaches(tmp_path):
    assert listed(tmp_path, "anna\n\n# from the other class\nbo-2  # since May\nms-lee teacher\n") == (
        {"anna", "bo-2"},
        {"ms-lee"},
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no name"),
        ("# nobody\n", "no name"),
        ("Anna", "line 1: 'Anna'"),
        ("anna\n../root", "line 2: '../root'"),
        ("a" * 21, "at most 20"),
        ("-rf", "begin with a letter"),
        ("anna admin", "nothing or teacher, not admin"),
        ("anna\nanna teacher", "line 2: anna is there already"),
    ],
)
def test_a_class_list_with_a_mistake_is_refused(tmp_path, text, word):
    with pytest.raises(ValueError, match=word):
        listed(tmp_path, text)


def test_each_name_gets_one_password_that_stays_and_nobody_else_can_read(tmp_path):
    path = tmp_path / "passwords.txt"
    class_list.add_passwords(path, {"bo", "anna"})
    before = class_list.read_passwords(path)
    class_list.add_passwords(path, {"bo", "anna", "cleo"})
    after = class_list.read_passwords(path)
    assert set(before) == {"anna", "bo"} and before.items() <= after.items() and "cleo" in after
    assert len(set(after.values())) == 3 and all(len(password) == 14 for password in after.values())
    assert path.stat().st_mode & 0o777 == 0o600


def log_in(path, name, password):
    authenticator = class_list.ClassListAuthenticator(passwords=str(path))
    return awaited(authenticator.authenticate(None, {"username": name, "password": password}))


def test_only_the_right_password_lets_in(tmp_path):
    path = tmp_path / "passwords.txt"
    class_list.add_passwords(path, {"anna", "bo"})
    password = class_list.read_passwords(path)
    assert log_in(path, "anna", password["anna"]) == "anna"
    assert log_in(path, "Anna", password["anna"]) == "anna"  # a tablet's capital
    for name, wrong in [("anna", password["bo"]), ("anna", ""), ("zoe", ""), ("", ""), ("zoe", "None"), ("anna", "é")]:
        assert log_in(path, name, wrong) is None


@pytest.mark.parametrize("mode", [0o740, 0o720, 0o710, 0o704, 0o702, 0o701])
def test_a_folder_that_others_can_look_into_is_refused(tmp_path, mode):
    tmp_path.chmod(0o700)
    class_list.require_private(tmp_path)
    tmp_path.chmod(mode)
    with pytest.raises(PermissionError, match="should be yours alone"):
        class_list.require_private(tmp_path)


def start(folder, **environment):
    """What the hub says when it will not start."""
    command = [sys.executable, "-m", "jupyterhub", "--config", str(ROOT / "classroom" / "jupyterhub_config.py")]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CLASSROOM")}
    ended = subprocess.run(
        command,
        env=clean | {"CLASSROOM": str(folder)} | environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode != 0
    return ended.stderr


def test_it_does_not_start_open(tmp_path):
    tmp_path.chmod(0o700)
    assert "class.txt is missing" in start(tmp_path, CLASSROOM_TRIAL="1")
    (tmp_path / "class.txt").write_text("anna\n")
    tmp_path.chmod(0o701)
    assert "should be yours alone" in start(tmp_path, CLASSROOM_TRIAL="1")
    tmp_path.chmod(0o700)
    if not Path("/run/systemd/private").exists():
        assert "keeps students apart by systemd" in start(tmp_path)
    assert not (tmp_path / "jupyterhub.sqlite").exists()

"""The class list, and the mistakes with which the configuration refuses to start."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("jupyterhub", reason="the classroom needs jupyterhub: EXTRAS=test,classroom")

from traitlets.config import Config

from classroom import class_list, origins, place
from classroom.login import ClassListAuthenticator
from tests.support.accounts import awaited

pytestmark = pytest.mark.slow

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
        ("anna\nanna teacher", "line 2: anna is already on the list"),
    ],
)
def test_a_class_list_with_a_mistake_is_refused(tmp_path, text, word):
    with pytest.raises(ValueError, match=word):
        listed(tmp_path, text)


LIST = "# Günter’s class\n\nanna\n  # new\nbo\tteacher # since May – très bien\n"
EDITORS = {
    "utf-8": LIST.encode(),
    "no newline at the end": LIST.strip().encode(),
    "Windows": LIST.replace("\n", "\r\n").encode("utf-8-sig"),
    "old Mac": LIST.replace("\n", "\r").encode(),
    "Latin-1": LIST.encode("cp1252"),
    "Latin-1, with what Unicode takes for a line's end": LIST.encode("cp1252").replace(b"May", b"May \x85 zoe"),
    "Notepad's Unicode": LIST.encode("utf-16"),
}


@pytest.mark.parametrize("content", EDITORS.values(), ids=EDITORS)
def test_a_list_is_read_as_editors_write_it(tmp_path, content):
    path = tmp_path / "class.txt"
    path.write_bytes(content)
    assert class_list.read(path) == ({"anna"}, {"bo"})


@pytest.mark.parametrize("content", EDITORS.values(), ids=EDITORS)
def test_passwords_are_read_as_editors_write_them_and_added_to(tmp_path, content):
    path = tmp_path / "passwords.txt"
    wide = b"\0" in content
    path.write_bytes(
        content.replace(*(word.encode("utf-16-le" if wide else "ascii") for word in ("anna", "anna abc#d")))
    )
    assert class_list.read_passwords(path) == {"anna": "abc#d", "bo": "teacher"}
    class_list.add_passwords(path, {"anna", "bo", "cleo"})
    after = class_list.read_passwords(path)
    assert after.pop("cleo") and after == {"anna": "abc#d", "bo": "teacher"}
    assert "Günter" in path.read_text(encoding="utf-8") and path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("line", ["anna", "anna  secret-onebo  secret-two", "secret-three", "bo  secret-four"])
def test_a_line_without_one_name_and_one_password_is_named_by_its_number_and_not_repeated(tmp_path, line):
    path = tmp_path / "passwords.txt"
    path.write_text(f"bo  secret-bo\n\n{line}\n")
    with pytest.raises(ValueError, match=r"passwords\.txt, line 3: should be a new name") as refused:
        class_list.add_passwords(path, {"anna"})
    assert "secret" not in str(refused.value)
    assert path.read_text() == f"bo  secret-bo\n\n{line}\n"


def test_a_full_disk_leaves_the_passwords_as_they_were(tmp_path, monkeypatch):
    path = tmp_path / "passwords.txt"
    path.write_text("anna  secret")

    def full(_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        class_list.add_passwords(path, {"bo"})
    assert path.read_text() == "anna  secret" and list(tmp_path.iterdir()) == [path]


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
    handler = SimpleNamespace(settings={})
    authenticator = ClassListAuthenticator(folder=str(path.parent))
    return awaited(authenticator.authenticate(handler, {"username": name, "password": password}))


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
    """The message of a hub that refuses to start."""
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


@pytest.mark.parametrize("left", [None, "", "\0" * 64], ids=["none", "empty", "zeros"])
def test_a_secret_is_made_once_also_where_a_power_cut_has_left_none(tmp_path, monkeypatch, left):
    """With an empty token, the proxy would take anybody's routes."""
    monkeypatch.setenv("CLASSROOM", str(tmp_path))
    if left is not None:
        (tmp_path / "token").write_text(left)
        (tmp_path / "token").chmod(0o600)
    made = place.secret("token")
    assert len(set(made)) > 8 and place.secret("token") == made == (tmp_path / "token").read_text()
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600


def test_a_folder_is_for_one_hub_at_a_time(tmp_path):
    lock = place.claim(tmp_path)
    with pytest.raises(ValueError, match="A hub is already running"):
        place.claim(tmp_path)
    os.close(lock)  # as the system does when the hub ends, or is killed
    os.close(place.claim(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_it_does_not_start_open(tmp_path):
    tmp_path.chmod(0o700)
    assert "class.txt is missing" in start(tmp_path, CLASSROOM_TRIAL="1")
    (tmp_path / "class.txt").write_text("anna\n")
    tmp_path.chmod(0o701)
    assert "should be yours alone" in start(tmp_path, CLASSROOM_TRIAL="1")
    tmp_path.chmod(0o700)
    if os.geteuid() == 0:
        assert "not as root" in start(tmp_path, CLASSROOM_TRIAL="1")
    if not Path("/run/systemd/private").exists():
        assert "uses systemd to keep students apart" in start(tmp_path)
    trial = {"CLASSROOM_TRIAL": "1", "CLASSROOM_TRIAL_AS_ROOT": "yes"}
    lock = place.claim(tmp_path)
    assert "A hub is already running" in start(tmp_path, **trial)
    os.close(lock)
    assert "should begin with https" in start(tmp_path, CLASSROOM_URL="http://class.example.org", **trial)
    (tmp_path / "passwords.txt").write_text("anna\n")
    said = start(tmp_path, **trial)
    assert "passwords.txt, line 1" in said and "Traceback" not in said
    assert not (tmp_path / "jupyterhub.sqlite").exists()


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://class.example.org", "https://"),
        ("class.example.org", "should be a name"),
        ("https://10.0.0.7", "should be a name"),
        ("https://class", "should be a name"),
        ("https://class.example.org/hub", "should be a name"),
        ("https://*.example.org", "should be a name"),
    ],
)
def test_an_address_that_no_name_goes_in_front_of_is_refused(monkeypatch, url, word):
    monkeypatch.setenv("CLASSROOM_URL", url)
    with pytest.raises(SystemExit, match=word):
        origins.choose(Config(), trial=False)


@pytest.mark.parametrize("url", ["https://class.example.org", "https://class.example.org:8443/"])
def test_with_an_address_each_student_has_one_of_their_own_and_cookies_that_no_page_can_replace(monkeypatch, url):
    monkeypatch.setenv("CLASSROOM_URL", url)
    c = Config()
    origins.choose(c, trial=False)
    assert c.JupyterHub.subdomain_host == url.rstrip("/")
    assert c.JupyterHub.cookie_host_prefix_enabled is True


def test_a_class_with_one_address_for_all_does_not_start_unless_the_teacher_says_yes(monkeypatch, capsys):
    monkeypatch.delenv("CLASSROOM_URL", raising=False)
    monkeypatch.delenv("CLASSROOM_ONE_ADDRESS", raising=False)
    with pytest.raises(SystemExit, match=r"they can attack each other.*CLASSROOM_ONE_ADDRESS=yes"):
        origins.choose(Config(), trial=False)
    assert not capsys.readouterr().err
    origins.choose(Config(), trial=True)
    assert "they can attack each other" in capsys.readouterr().err
    monkeypatch.setenv("CLASSROOM_ONE_ADDRESS", "yes")
    origins.choose(Config(), trial=False)
    assert "they can attack each other" in capsys.readouterr().err

"""At a real hub, the class list decides who may log in and who is an administrator, and ends access when it changes."""

import contextlib
import tempfile
import time

import pytest

from tests.support.hub import Hub, require_hub
from tests.support.student import Student, StudentError

pytestmark = pytest.mark.long

NAMES = ["anna", "bo", "cleo", "ms-lee teacher", "mr-ray teacher"]
DAY = 24 * 3600


@pytest.fixture(scope="module")
def hub():
    require_hub()
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        hub = Hub(folder, NAMES)
        try:
            hub.start()
            yield hub
        finally:
            hub.end()


@contextlib.contextmanager
def listed(hub, *names):
    """Change the class list temporarily; the hub reads it again after a second."""
    path = hub.folder / "class.txt"
    before = path.read_text()
    path.write_text("\n".join(names) + "\n")
    time.sleep(1.1)
    try:
        yield
    finally:
        path.write_text(before)
        time.sleep(1.1)


def logged_in(hub, name):
    student = Student(hub.url, name, hub.passwords()[name])
    student.log_in()
    return student


def opens(student, page="home"):
    """Return true if a page of the hub opens without a redirect to the login or a refusal."""
    answer = student.browser.get(f"{student.url}/hub/{page}")
    return answer.status_code == 200 and answer.url.endswith(f"/hub/{page}")


def token_of(student, **asked):
    return student.ask_hub("POST", f"users/{student.name}/tokens", asked).json()


def with_token(hub, token, path="user"):
    return Student(hub.url, "", "").browser.get(
        f"{hub.url}/hub/api/{path}", headers={"Authorization": f"token {token}"}
    )


def test_who_is_struck_is_out_now_and_back_when_the_name_is(hub):
    anna = logged_in(hub, "anna")
    token = token_of(anna)["token"]
    assert opens(anna) and with_token(hub, token).status_code == 200
    with listed(hub, *NAMES[1:]):
        assert not opens(anna)
        assert with_token(hub, token).status_code == 403
        with pytest.raises(StudentError, match="could not log in"):
            logged_in(hub, "anna")
    assert opens(anna)


def test_no_server_starts_for_who_is_struck_not_even_by_start_all(hub):
    teacher = logged_in(hub, "ms-lee")  # the hub knows cleo, who was on the list when it started
    with listed(hub, *(name for name in NAMES if name != "cleo")):
        answer = teacher.ask_hub("POST", "users/cleo/server")
        assert answer.status_code == 403 and answer.json()["message"] == "cleo is not on the class list"
        assert not (hub.folder / "homes" / "cleo").exists()
    assert not hub.errors()


def test_who_teaches_no_longer_is_no_administrator_now(hub):
    ray = logged_in(hub, "mr-ray")
    token = token_of(ray)["token"]
    assert opens(ray, "admin") and with_token(hub, token, "users").status_code == 200
    with listed(hub, *NAMES[:-1], "mr-ray"):
        assert opens(ray) and not opens(ray, "admin")
        assert with_token(hub, token, "users/anna").status_code == 404  # as if there were no such user
    assert opens(ray, "admin")


def test_who_was_made_an_administrator_is_none(hub):
    bo, lee = logged_in(hub, "bo"), logged_in(hub, "ms-lee")
    assert lee.ask_hub("PATCH", "users/bo", {"admin": True}).json()["admin"]
    time.sleep(1.1)
    assert not opens(bo, "admin")
    assert not lee.ask_hub("GET", "users/bo").json()["admin"]


@pytest.mark.parametrize("name", ["a b", "Ann%a", "-rf", "a" * 21, "anna.x", "ä"])
def test_a_name_that_comes_by_the_api_has_the_lists_pattern(hub, name):
    lee = logged_in(hub, "ms-lee")
    assert lee.ask_hub("POST", "users", {"usernames": [name]}).status_code == 400
    assert lee.ask_hub("POST", f"users/{name.replace('%', '%25')}").status_code == 400
    assert lee.ask_hub("PATCH", "users/cleo", {"name": name}).status_code == 400
    assert {user["name"] for user in lee.ask_hub("GET", "users").json()} == {line.split()[0] for line in NAMES}


def test_a_mistake_in_the_list_keeps_nobody_out_and_is_named_by_line(hub):
    anna, start = logged_in(hub, "anna"), len(hub.log())
    with listed(hub, "anna", "Bo Miller"):
        assert opens(anna) and logged_in(hub, "bo")
    told = [line for line in hub.log()[start:].splitlines() if "class.txt, line 2: 'Bo'" in line]
    assert len([line for line in told if " ClassHub " in line]) == 1
    assert len(told) <= 2  # one for the hub, and one for the board, which is a separate process


def test_a_mistake_in_the_passwords_keeps_nobody_out_and_tells_none(hub):
    path = hub.folder / "passwords.txt"
    before, start = path.read_bytes(), len(hub.log())
    path.write_bytes(before.replace(b"\nbo", b"bo"))
    try:
        assert logged_in_with(hub, before, "bo") and logged_in_with(hub, before, "cleo")
    finally:
        path.write_bytes(before)
    assert logged_in(hub, "anna")  # the hub reads the file again, and would log the same mistake again
    assert "passwords.txt, line 1: should be a new name" in hub.log()[start:]
    assert not any(password in hub.log() for password in hub.passwords().values())


def logged_in_with(hub, passwords, name):
    student = Student(hub.url, name, dict(line.split() for line in passwords.decode().splitlines())[name])
    student.log_in()
    return student


@pytest.mark.parametrize("form", [{}, {"username": "anna"}, {"password": "x"}, {"username": ""}, {"other": "x"}])
def test_a_login_form_without_a_field_is_a_mistake_of_who_sends_it(hub, form):
    nobody = Student(hub.url, "anna", "")
    nobody.browser.get(f"{hub.url}/hub/login")
    form = form | {"_xsrf": nobody.browser.cookies["_xsrf"]}
    assert nobody.browser.post(f"{hub.url}/hub/login", data=form).status_code == 400


def test_a_login_and_a_token_last_a_day(hub):
    anna = logged_in(hub, "anna")
    login = {cookie.name: cookie.expires for cookie in anna.browser.cookies}["jupyterhub-hub-login"]
    assert 0.9 * DAY < login - time.time() <= DAY
    for asked in ({}, {"expires_in": 365 * DAY}):
        answer = anna.ask_hub("POST", "users/anna/tokens", asked)
        assert answer.status_code == 400 or answer.json()["expires_at"] is not None


def test_log_out_ends_what_a_shared_computer_knows(hub):
    anna = logged_in(hub, "anna")
    anna.browser.get(f"{hub.url}/hub/logout")
    assert not opens(anna)


def test_a_new_password_and_a_struck_name_end_cookies_tokens_and_servers_at_the_next_start(hub):
    """The others stay logged in, and their servers keep running."""
    errors_before = hub.errors()
    assert opens(logged_in(hub, "mr-ray"), "admin")
    students = {name: logged_in(hub, name) for name in ("anna", "bo", "cleo")}
    tokens = {name: token_of(student)["token"] for name, student in students.items()}
    for student in students.values():
        student.enter()
    hub.kill()
    lines = (hub.folder / "passwords.txt").read_text().splitlines()
    (hub.folder / "passwords.txt").write_text("\n".join(line for line in lines if not line.startswith("anna ")))
    old = students["anna"].password
    with listed(hub, "anna", "cleo", "ms-lee teacher", "mr-ray"):
        hub.start()
        assert {name: opens(student) for name, student in students.items()} == {
            "anna": False,
            "bo": False,
            "cleo": True,
        }
        assert {name: with_token(hub, token).status_code for name, token in tokens.items()} == {
            "anna": 403, "bo": 403, "cleo": 200,
        }  # fmt: skip
        until = time.monotonic() + 60
        while {"anna", "bo"} & hub.of_students().keys() and time.monotonic() < until:
            time.sleep(0.5)
        assert {"anna", "bo", "cleo"} & hub.of_students().keys() == {"cleo"}
        with pytest.raises(StudentError, match="could not log in"):
            Student(hub.url, "anna", old).log_in()
        logged_in(hub, "anna").enter()
        admins = {user["name"] for user in logged_in(hub, "ms-lee").ask_hub("GET", "users").json() if user["admin"]}
        assert admins == {"ms-lee"}  # though mr-ray has not been seen since
        assert [error for error in hub.errors() if error not in errors_before] == []

"""A student's page attacks its visitors, with an address for each student and with one for all."""

import tempfile
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.support.hub import Hub, log_in, require_hub
from tests.support.student import Student, StudentError

pytestmark = pytest.mark.long

PAGE = Path(__file__).with_name("attack.html")
NAMES = ["anna", "bo", "ms-lee teacher"]


@pytest.fixture(scope="module")
def apart():
    yield from class_of_an_attacker(subdomains=True)


@pytest.fixture(scope="module")
def together():
    yield from class_of_an_attacker(subdomains=False)


def class_of_an_attacker(subdomains):
    """A hub with three servers; anna's serves her page."""
    require_hub()
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        hub = Hub(folder, NAMES, subdomains=subdomains)
        settings = hub.home("anna") / ".jupyter" / "jupyter_server_config.py"
        settings.parent.mkdir(parents=True)
        settings.write_text(f"c.ServerApp.extra_static_paths = [{str(PAGE.parent)!r}]\n")
        try:
            hub.start()
            hub.students = {}
            for name, password in hub.passwords().items():
                hub.students[name] = student = Student(hub.url, name, password)
                student.log_in()
                student.enter()
            yield hub
        finally:
            hub.end()


def what_the_page_gets(browser, hub, victim):
    """The victim logs in, opens JupyterLab and then anna's page, in Chromium."""
    asked = {"hub": hub.url, "base": hub.students[victim].base, "victim": victim, "author": "anna"}
    page = browser.new_page()  # has its own cookies
    try:
        log_in(page, hub, victim)
        page.wait_for_url(f"{hub.students[victim].base}**", wait_until="commit", timeout=60_000)
        page.goto(f"{hub.students['anna'].base}static/{PAGE.name}?{urlencode(asked)}")
        return page.wait_for_function("window.got", timeout=60_000).json_value()
    finally:
        page.close()


@pytest.mark.parametrize("victim", ["bo", "ms-lee"])
def test_a_students_page_gets_nothing_of_who_opens_it(browser, apart, victim):
    assert set(what_the_page_gets(browser, apart, victim).values()) == {None}


def test_with_one_address_for_all_it_gets_what_it_wants_as_the_hub_says_at_its_start(browser, together):
    """The attack is real: with one address for all it succeeds; so a class does not start that way."""
    got = what_the_page_gets(browser, together, "ms-lee")
    assert got["token"] and "02_pointwise" in got["filesByToken"] and got["page"] and got["admin"]
    assert "they can attack each other" in together.log()


def test_with_addresses_of_their_own_there_is_no_warning(apart):
    assert "attack each other" not in apart.log()


def test_a_cookie_of_the_hub_is_not_sent_to_a_students_address(apart):
    anna = apart.students["anna"]
    domains = {c.name: c.domain for c in anna.browser.cookies}
    assert domains["jupyterhub-hub-login"] == "class.localhost"
    assert domains["jupyterhub-user-anna"] == "anna.class.localhost"


@pytest.mark.parametrize("host", ["anna.class.localhost", "127.0.0.1", "localhost"])
def test_nobody_logs_in_at_another_address_than_the_hubs(apart, host):
    """A student could use the cookie."""
    bo = Student(f"http://{host}:{apart.port}", "bo", apart.passwords()["bo"])
    bo.browser.get(f"{bo.url}/hub/login")
    form = {"username": "bo", "password": bo.password, "_xsrf": bo.browser.cookies["_xsrf"]}
    answer = bo.browser.post(f"{bo.url}/hub/login", data=form)
    assert answer.status_code == 403 and f"Log in at {apart.url}" in answer.text
    assert not any(cookie.name == "jupyterhub-hub-login" for cookie in bo.browser.cookies)


def test_a_student_works_at_an_address_of_their_own(apart):
    bo = apart.students["bo"]
    assert bo.base.startswith("http://bo.class.localhost:")
    assert bo.read("02_pointwise_operations.ipynb")["cells"]
    with pytest.raises(StudentError, match="gives 403"):
        other = Student(apart.url, "anna", "")
        other.browser = bo.browser
        other.api("GET", "api/contents")

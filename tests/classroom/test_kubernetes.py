"""The values for Kubernetes agree with the classroom and are closed. (There is no cluster to test on.)"""

import importlib
import re
import subprocess
from pathlib import Path

import yaml

from classroom.course import TEACHERS_OWN
from tools import student

ROOT = Path(__file__).resolve().parents[2]
VALUES = ROOT / "classroom" / "kubernetes" / "values.yaml"


def values():
    return yaml.safe_load(VALUES.read_text(encoding="utf-8"))


def test_it_is_closed_by_default():
    login = values()["hub"]["config"]["GenericOAuthenticator"]
    assert login["allow_all"] is False and login["allow_existing_users"] is False
    assert login["allowed_groups"] == ["CHANGE-ME-students"]
    text = VALUES.read_text(encoding="utf-8")
    assert "dummy" not in text and "allow_origin" not in text and "0.0.0.0" not in text
    assert values()["proxy"]["https"]["enabled"] is True
    assert values()["singleuser"]["image"]["tag"] == "CHANGE-ME"


def test_each_student_has_an_address_of_their_own_and_a_login_lasts_a_day():
    hub, https = values()["hub"]["config"]["JupyterHub"], values()["proxy"]["https"]
    host = hub["subdomain_host"].removeprefix("https://")
    assert https["hosts"] == [host, f"*.{host}"] and https["type"] == "secret"
    assert hub["cookie_host_prefix_enabled"] is True
    assert hub["cookie_max_age_days"] == 1 and hub["token_expires_in_max_seconds"] == 24 * 3600


def test_the_image_is_made_with_the_students_edition_and_nothing_that_is_the_teachers(tmp_path):
    """Run the page's commands on copies of the files that they change."""
    page = (ROOT / "classroom" / "README.md").read_text(encoding="utf-8")
    commands = re.search(r"^git clone \. /tmp/image\n(.+?)^repo2docker", page, re.MULTILINE | re.DOTALL)[1]
    image = tmp_path / "image"
    for name in TEACHERS_OWN:
        path = image / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("the teacher's")
    subprocess.run(["sh", "-e", "-c", commands.replace("/tmp/image", str(image))], cwd=ROOT, check=True)
    assert [name for name in TEACHERS_OWN if (image / name).exists()] == []
    assert {path.name: path.read_bytes() for path in (image / "notebooks").iterdir()} == student.edition()


def test_students_start_as_in_the_classroom():
    student = values()["singleuser"]
    config = (ROOT / "classroom" / "jupyterhub_config.py").read_text(encoding="utf-8").replace("{idle}", "3600")
    script = student["cmd"][1].removeprefix("/srv/repo/")
    assert (ROOT / script).is_file() and (ROOT / student["extraEnv"]["COURSE"].removeprefix("/srv/repo/")).is_dir()
    for flag in student["cmd"][3:]:
        assert f'"{flag}"' in config, flag
    read = set(re.findall(r'environ(?:\.get\(|\[)"(\w+)"', (ROOT / script).read_text(encoding="utf-8")))
    given = {"NO_NETWORK", "STATE_DIRECTORY", "FONT_LISTS", "PROCESS_LIMITS", "MEM_LIMIT"}
    assert read - given - {"JUPYTER_RUNTIME_DIR", "HOME"} <= student["extraEnv"].keys()


def test_the_servers_have_limits_and_are_culled():
    assert values()["singleuser"]["memory"]["limit"] == "1G"
    assert values()["singleuser"]["cpu"]["limit"] == 1
    assert values()["cull"]["enabled"] is True and values()["cull"]["timeout"] == 3600


def test_the_settings_for_a_learning_platform_replace_the_login_and_close_the_rest():
    page = (ROOT / "classroom" / "README.md").read_text(encoding="utf-8")
    section = re.search(r"^### From a learning platform \(LTI\)$(.+?)^## ", page, re.MULTILINE | re.DOTALL)[1]
    config = yaml.safe_load(re.search(r"```yaml\n(.+?)```", section, re.DOTALL)[1])["hub"]["config"]
    module, _, name = config["JupyterHub"]["authenticator_class"].rpartition(".")
    settings = config[name]
    assert settings["allow_all"] is True and settings["allow_existing_users"] is False
    assert settings["username_key"] == "sub" and settings["uri_scheme"] == "https"
    try:
        authenticator = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        return  # `make classroom` does not install it
    assert settings.keys() <= authenticator.class_traits(config=True).keys()

"""The program the hub starts for a student: copy the notebooks, set the limits, become the student's Jupyter server.

Environment variables: COURSE is the folder with the notebooks, WORK the student's folder below the home.
"""

import importlib
import importlib.util
import os
import resource
import shutil
import sys
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from copies import bring

LISTS = "fontlist-v*.json"  # matplotlib's list of fonts: finding it again for each student would take a second


def main():
    if os.environ.get("NO_NETWORK"):
        require_no_network()
    home = Path(os.environ.get("STATE_DIRECTORY") or Path.home())  # systemd sets the home of a dynamic user
    os.environ["HOME"] = str(home)
    # Kernels communicate over files in here, whose paths may have at most some 100 characters.
    run = Path(os.environ["RUN"])
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["JUPYTER_RUNTIME_DIR"] = str(run)
    work = home / os.environ.get("WORK", "lstm")
    try:
        brought = bring(os.environ["COURSE"], work)
        print(f"brought to {work}: {', '.join(brought) or 'nothing, all is there'}", flush=True)
        _bring_list_of_fonts(home)
    except OSError as error:  # a full disk must not lock a student out
        print(f"the notebooks could not be brought: {error}", file=sys.stderr, flush=True)
    os.nice(5)  # hub and proxy first: a class that computes must not keep another from logging in
    if os.environ.get("PROCESS_LIMITS"):  # without systemd, nothing counts a student's processes together
        memory = int(os.environ["MEM_LIMIT"])
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    leave_out()
    from jupyterhub.singleuser import main as serve

    sys.exit(serve())


def require_no_network(devices=Path("/proc/self/net/dev")):
    """Refuse to serve if there is a network: systemd skips its isolation where it cannot provide it."""
    names = [line.partition(":")[0].strip() for line in devices.read_text().splitlines()[2:]]
    if set(names) - {"lo"}:
        raise SystemExit(f"this server should have a network of its own, and sees {', '.join(names)}")


def leave_out():
    """Leave out what a student's server does not need, and would load all the same: thirty times it is a long wait."""
    # jsonschema would build a grammar for addresses in foreign letters with it: 2 s and 20 MB, for a check that no
    # notebook asks for. Without it jsonschema leaves that one check out.
    sys.modules["rfc3987_syntax"] = None
    # The hub's pages and its database, which come along with JupyterHub's log and its scopes.
    _stand_in("jupyterhub.handlers")
    _stand_in("jupyterhub.handlers.pages", HealthCheckHandler=type("HealthCheckHandler", (), {}))
    _stand_in("jupyterhub.orm")
    _stand_in("jupyterhub.roles")
    _stand_in("sqlalchemy")
    _stand_in("sqlalchemy.exc", SQLAlchemyError=type("SQLAlchemyError", (Exception,), {}))
    # The server imports one module of the package (jupyter/saved.py), which needs nothing of the rest.
    _stand_in("lstm_helpers", path=importlib.util.find_spec("lstm_helpers").submodule_search_locations)
    # JupyterLab checks the schemas of its own settings whenever a page asks for these.
    settings = importlib.import_module("jupyterlab_server.settings_utils")
    extend = importlib.import_module("jsonschema.validators").extend
    settings.Validator = extend(settings.Validator)  # a class of its own, which still checks what a user has set
    settings.Validator.check_schema = staticmethod(lambda schema: None)
    # Where there is Node.js, JupyterLab starts it to ask where it would get packages from if it were built anew.
    commands = importlib.import_module("jupyterlab.commands")
    commands._yarn_config = lambda logger: {"yarn config": {}, "npm config": {}}


def _stand_in(name, path=(), **content):
    """Have an import find an empty package by this name, with this content and the modules on this path."""
    package = types.ModuleType(name)
    package.__path__ = list(path)
    vars(package).update(content)
    sys.modules[name] = package


def _bring_list_of_fonts(home):
    if not (lists := os.environ.get("FONT_LISTS")):
        return
    cache = home / ".cache" / "matplotlib"
    cache.mkdir(parents=True, exist_ok=True)
    for source in Path(lists).glob(LISTS):
        if not (cache / source.name).exists():
            shutil.copyfile(source, cache / source.name)


if __name__ == "__main__":
    main()

"""Program that the hub starts for a student: copy the notebooks, set limits, become the student's Jupyter server.

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

FONT_LISTS = "fontlist-v*.json"  # Matplotlib's; making it again for each student would take a second


def main():
    if os.environ.get("NO_NETWORK"):
        require_no_network()
    home = Path(os.environ.get("STATE_DIRECTORY") or Path.home())  # systemd sets the home of a dynamic user
    os.environ["HOME"] = str(home)
    # The folder for kernels' sockets, whose paths may have at most 107 characters.
    run = Path(os.environ["RUN"])
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["JUPYTER_RUNTIME_DIR"] = str(run)
    work = home / os.environ.get("WORK", "lstm")
    try:
        copied = bring(os.environ["COURSE"], work)
        print(f"copied to {work}: {', '.join(copied) or 'nothing, everything is up to date'}", flush=True)
        _copy_font_list(home)
    except OSError as error:  # a full disk must not lock a student out
        print(f"the notebooks could not be copied: {error}", file=sys.stderr, flush=True)
    os.nice(5)  # lower priority than hub and proxy: while a class computes, others can log in
    if os.environ.get("PROCESS_LIMITS"):  # only systemd can limit a student's processes together
        memory = int(os.environ["MEM_LIMIT"])
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    skip_slow_imports()
    from jupyterhub.singleuser import main as serve

    sys.exit(serve())


def require_no_network(devices=Path("/proc/self/net/dev")):
    """Refuse to serve if there is a network: systemd silently skips isolation that it cannot provide."""
    names = [line.partition(":")[0].strip() for line in devices.read_text().splitlines()[2:]]
    if set(names) - {"lo"}:
        raise SystemExit(f"this server should see no network but lo, and sees {', '.join(names)}")


def skip_slow_imports():
    """Skip imports and checks that a student's server does not need; thirty servers at once would feel them."""
    # With this package, jsonschema builds a grammar for internationalized URLs: 2 s and 20 MB for one check, which no
    # notebook needs. Without the package, jsonschema skips the check.
    sys.modules["rfc3987_syntax"] = None
    # The hub's pages and database, which JupyterHub's log and scopes import.
    _stub("jupyterhub.handlers")
    _stub("jupyterhub.handlers.pages", HealthCheckHandler=type("HealthCheckHandler", (), {}))
    _stub("jupyterhub.orm")
    _stub("jupyterhub.roles")
    _stub("sqlalchemy")
    _stub("sqlalchemy.exc", SQLAlchemyError=type("SQLAlchemyError", (Exception,), {}))
    # The server imports one module of the package, jupyter/saved.py, which needs no other.
    _stub("lstm_helpers", path=importlib.util.find_spec("lstm_helpers").submodule_search_locations)
    # JupyterLab checks the schemas of its own settings at each request for them. The subclass still checks the values.
    settings = importlib.import_module("jupyterlab_server.settings_utils")
    extend = importlib.import_module("jsonschema.validators").extend
    settings.Validator = extend(settings.Validator)
    settings.Validator.check_schema = staticmethod(lambda schema: None)
    # JupyterLab runs Node.js, if installed, to find the registry from which a rebuild would download packages.
    commands = importlib.import_module("jupyterlab.commands")
    commands._yarn_config = lambda logger: {"yarn config": {}, "npm config": {}}


def _stub(name, path=(), **content):
    """Put an empty package into sys.modules; its submodules are found on `path`."""
    package = types.ModuleType(name)
    package.__path__ = list(path)
    vars(package).update(content)
    sys.modules[name] = package


def _copy_font_list(home):
    if not (folder := os.environ.get("FONT_LISTS")):
        return
    cache = home / ".cache" / "matplotlib"
    cache.mkdir(parents=True, exist_ok=True)
    for source in Path(folder).glob(FONT_LISTS):
        if not (cache / source.name).exists():
            shutil.copyfile(source, cache / source.name)


if __name__ == "__main__":
    main()

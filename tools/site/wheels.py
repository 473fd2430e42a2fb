"""The Python packages of the live edition: those that Pyodide has, and those that the page must bring itself.

Pyodide's own packages (compiled NumPy, Matplotlib) are listed in its lock file. Everything else must be pure Python:
its wheels are built from what is installed here, without a network and in the versions of constraints.txt.
"""

import hashlib
import json
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from tools import own_wheel

OWN = "lstm-helpers"
# The kernel's own packages. Named here, they come with the lock file instead of from a package index.
KERNEL_PACKAGES = ["piplite", "ipykernel", "pyodide-kernel", "comm", "jedi", "ipython"]
BRINGS = Path(sys.prefix, "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension/static/pypi")
# The system to assume for requirements that depend on it.
BROWSER = {"sys_platform": "emscripten", "platform_system": "Emscripten", "os_name": "posix", "extra": ""}


def locked(folder):
    """Pyodide's lock file with our packages added, and what the page has to bring.

    Args:
        folder: where new wheels are written.

    Returns:
        (lock, brought): the lock file as a mapping; canonical name -> wheel.

    Raises:
        ValueError: a package or its version is not there; see `gathered`.
    """
    lock = read_lock(PYODIDE_VERSION)
    given = {parse_wheel_filename(path.name)[0]: path for path in sorted(BRINGS.glob("*.whl"))}
    given[OWN] = own_wheel.build(folder)
    brought, needs = {}, {}
    for name in [*KERNEL_PACKAGES, OWN]:
        more, more_needs = gathered(name, lock, given, folder)
        brought, needs = brought | more, needs | more_needs
    lock["packages"] |= {name: entry(wheel, needs[name]) for name, wheel in brought.items()}
    return lock, brought


def needed(lock):
    """The packages that a notebook and its kernel need, with all their requirements."""
    names, open_ = set(), [*KERNEL_PACKAGES, OWN, "micropip"]
    while open_:
        name = canonicalize_name(open_.pop())
        if name not in names:
            names.add(name)
            open_ += lock["packages"][name]["depends"]
    return names


def gathered(name, lock, given, folder):
    """The wheels of a package and of all it needs that Pyodide does not have.

    Args:
        name: the package; its requirements are those of the installed version.
        lock: Pyodide's lock file, as a mapping.
        given: canonical name -> wheel that already exists.
        folder: where new wheels are written.

    Returns:
        (wheels, needs): canonical name -> path; canonical name -> the canonical names of what it requires.

    Raises:
        ValueError: Pyodide has a different version than required, or a package is neither there nor pure Python.
    """
    python = lock["info"]["python"]
    environment = BROWSER | {"python_version": ".".join(python.split(".")[:2]), "python_full_version": python}
    wheels, needs, open_ = {}, {}, [Requirement(name)]
    while open_:
        wanted = open_.pop()
        key = canonicalize_name(wanted.name)
        version = version_of(key, lock, given)
        if not wanted.specifier.contains(version, prereleases=True):
            raise ValueError(f"{wanted} is asked for, and in the browser there is {version}")
        if key in lock["packages"] or key in wheels:
            continue
        wheels[key] = given[key] if key in given else repacked(key, folder)
        requirements = [Requirement(text) for text in requires(wheels[key])]
        inner = [r for r in requirements if r.marker is None or r.marker.evaluate(environment)]
        needs[key] = sorted({canonicalize_name(r.name) for r in inner})
        open_ += inner
    return wheels, needs


def version_of(key, lock, given):
    """The version of a package in the browser."""
    if key in lock["packages"]:
        return lock["packages"][key]["version"]
    if key in given:
        return str(parse_wheel_filename(given[key].name)[1])
    return distribution(key).version


def requires(wheel):
    """The requirements that a wheel states, as text."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(name).decode().partition("\n\n")[0].splitlines()
    return [line.removeprefix("Requires-Dist: ") for line in lines if line.startswith("Requires-Dist: ")]


def modules(wheel):
    """The names that can be imported from a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist() if name.endswith(".py")}
    return sorted(top.removesuffix(".py") for top in tops if not top.endswith((".data", ".dist-info")))


def repacked(name, folder):
    """Build the wheel of an installed package from its files; returns its path.

    Raises:
        ValueError: the package is not pure Python.
    """
    installed = distribution(name)
    tags = [line for line in installed.read_text("WHEEL").splitlines() if line.startswith("Tag: ")]
    if not any(line.endswith("-none-any") for line in tags):
        raise ValueError(f"{name} is no pure Python, and Pyodide does not have it")
    stem = f"{canonicalize_name(name).replace('-', '_')}-{installed.version}"
    path = Path(folder, f"{stem}-py3-none-any.whl")
    left_out = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
    files = sorted(file for file in installed.files if ".." not in file.parts and file.suffix != ".pyc")
    files = [file for file in files if not (file.parent.suffix == ".dist-info" and file.name in left_out)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            # One date for all, so that the same files make the same wheel.
            archive.writestr(zipfile.ZipInfo(file.as_posix()), file.locate().read_bytes(), zipfile.ZIP_DEFLATED)
        info = next(file.parent for file in files if file.name == "METADATA")
        record = [f"{file.as_posix()},," for file in files] + [f"{info}/RECORD,,"]
        archive.writestr(zipfile.ZipInfo(f"{info.as_posix()}/RECORD"), "\n".join(record) + "\n")
    return path


def entry(wheel, needs):
    """What a Pyodide lock file says about a wheel.

    It stands in a folder named after its content: a browser that keeps an earlier wheel of the same name asks anew.
    """
    name, version, _, _ = parse_wheel_filename(wheel.name)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return {
        "name": name,
        "version": str(version),
        "file_name": f"{digest[:12]}/{wheel.name}",
        "install_dir": "site",
        "sha256": digest,
        "package_type": "package",
        "imports": modules(wheel),
        "depends": needs,
        "unvendored_tests": False,
    }


def read_lock(version):
    """Pyodide's lock file, as it stands in Pyodide's npm package.

    Raises:
        ValueError: there is no lock file for this version.
    """
    path = Path(__file__).with_name(f"pyodide-lock-{version}.json")
    if not path.exists():
        raise ValueError(
            f"{path.name} is missing: the live edition now runs on Pyodide {version}; take pyodide-lock.json out of "
            f"`npm pack pyodide@{version}`"
        )
    return json.loads(path.read_text(encoding="utf-8"))

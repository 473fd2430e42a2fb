"""Python packages of the live edition: those of Pyodide, and those that the site must provide.

Pyodide's lock file lists its packages, such as compiled NumPy and Matplotlib. All others must be pure Python: their
wheels are built from the packages installed here, without a network, in the versions of constraints.txt.
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
# The kernel's own packages. In the lock file, they need no package index.
KERNEL_PACKAGES = ["piplite", "ipykernel", "pyodide-kernel", "comm", "jedi", "ipython"]
BRINGS = Path(sys.prefix, "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension/static/pypi")
# Environment markers of the browser's Python, for conditional requirements.
BROWSER = {"sys_platform": "emscripten", "platform_system": "Emscripten", "os_name": "posix", "extra": ""}


def locked(folder):
    """Add our packages to Pyodide's lock file.

    Args:
        folder: the folder for new wheels.

    Returns:
        (lock, brought): the lock file as a mapping; canonical name -> wheel that the site must provide.

    Raises:
        ValueError: a package is missing or has the wrong version; see `gathered`.
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
    """Return the packages that a notebook and its kernel need, with all their requirements."""
    names, pending = set(), [*KERNEL_PACKAGES, OWN, "micropip"]
    while pending:
        name = canonicalize_name(pending.pop())
        if name not in names:
            names.add(name)
            pending += lock["packages"][name]["depends"]
    return names


def gathered(name, lock, given, folder):
    """Collect the wheels of a package and of all its requirements that Pyodide does not have.

    Args:
        name: the package.
        lock: Pyodide's lock file, as a mapping.
        given: canonical name -> existing wheel.
        folder: the folder for new wheels.

    Returns:
        (wheels, needs): canonical name -> path; canonical name -> canonical names of its requirements.

    Raises:
        ValueError: Pyodide has the wrong version of a package, or does not have one that is not pure Python.
    """
    python = lock["info"]["python"]
    environment = BROWSER | {"python_version": ".".join(python.split(".")[:2]), "python_full_version": python}
    wheels, needs, pending = {}, {}, [Requirement(name)]
    while pending:
        requirement = pending.pop()
        key = canonicalize_name(requirement.name)
        version = version_of(key, lock, given)
        if not requirement.specifier.contains(version, prereleases=True):
            raise ValueError(f"{requirement} is required, but the browser has {version}")
        if key in lock["packages"] or key in wheels:
            continue
        wheels[key] = given[key] if key in given else repacked(key, folder)
        requirements = [Requirement(text) for text in requires(wheels[key])]
        applicable = [r for r in requirements if r.marker is None or r.marker.evaluate(environment)]
        needs[key] = sorted({canonicalize_name(r.name) for r in applicable})
        pending += applicable
    return wheels, needs


def version_of(key, lock, given):
    """Return the version of a package in the browser."""
    if key in lock["packages"]:
        return lock["packages"][key]["version"]
    if key in given:
        return str(parse_wheel_filename(given[key].name)[1])
    return distribution(key).version


def requires(wheel):
    """Return the requirements in a wheel's metadata, as text."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(name).decode().partition("\n\n")[0].splitlines()
    return [line.removeprefix("Requires-Dist: ") for line in lines if line.startswith("Requires-Dist: ")]


def modules(wheel):
    """Return the top-level names that can be imported from a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist() if name.endswith(".py")}
    return sorted(top.removesuffix(".py") for top in tops if not top.endswith((".data", ".dist-info")))


def repacked(name, folder):
    """Build the wheel of an installed package from its files; return its path.

    Raises:
        ValueError: the package is not pure Python.
    """
    installed = distribution(name)
    tags = [line for line in installed.read_text("WHEEL").splitlines() if line.startswith("Tag: ")]
    if not any(line.endswith("-none-any") for line in tags):
        raise ValueError(f"{name} is not pure Python, and Pyodide does not have it")
    stem = f"{canonicalize_name(name).replace('-', '_')}-{installed.version}"
    path = Path(folder, f"{stem}-py3-none-any.whl")
    left_out = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
    files = sorted(file for file in installed.files if ".." not in file.parts and file.suffix != ".pyc")
    files = [file for file in files if not (file.parent.suffix == ".dist-info" and file.name in left_out)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            # ZipInfo's fixed date: the same files make the same wheel.
            archive.writestr(zipfile.ZipInfo(file.as_posix()), file.locate().read_bytes(), zipfile.ZIP_DEFLATED)
        info = next(file.parent for file in files if file.name == "METADATA")
        record = [f"{file.as_posix()},," for file in files] + [f"{info}/RECORD,,"]
        archive.writestr(zipfile.ZipInfo(f"{info.as_posix()}/RECORD"), "\n".join(record) + "\n")
    return path


def entry(wheel, needs):
    """Return a wheel's entry in Pyodide's lock file.

    The wheel is in a folder named after its hash, because a browser may have cached an earlier wheel of the same name.
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
    """Read the lock file from Pyodide's npm package, which is stored next to this module.

    Raises:
        ValueError: no lock file of this version is stored.
    """
    path = Path(__file__).with_name(f"pyodide-lock-{version}.json")
    if not path.exists():
        raise ValueError(
            f"{path.name} is missing: the live edition now runs on Pyodide {version}. Get pyodide-lock.json from "
            f"`npm pack pyodide@{version}`"
        )
    return json.loads(path.read_text(encoding="utf-8"))

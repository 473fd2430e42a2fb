"""What the hub starts for a student: bring the notebooks, set the limits, become the student's Jupyter server.

The environment says where: COURSE is the folder with the notebooks, WORK the student's folder below the home.
"""

import os
import resource
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from copies import bring

LISTS = "fontlist-v*.json"  # matplotlib's list of fonts: found anew for each student, it takes seconds


def main():
    home = Path(os.environ.get("STATE_DIRECTORY") or Path.home())  # systemd names the home of a dynamic user
    os.environ["HOME"] = str(home)
    work = home / os.environ.get("WORK", "lstm")
    try:
        brought = bring(os.environ["COURSE"], work)
        print(f"brought to {work}: {', '.join(brought) or 'nothing, all is there'}", flush=True)
        _bring_list_of_fonts(home)
    except OSError as error:  # a full disk must not keep a student from what is there
        print(f"the notebooks could not be brought: {error}", file=sys.stderr, flush=True)
    os.nice(5)  # hub and proxy first: a class that computes must not keep the next one from logging in
    if os.environ.get("PROCESS_LIMITS"):  # where no systemd counts all processes of a student together
        memory = int(os.environ["MEM_LIMIT"])
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    server = Path(sys.executable).with_name("jupyterhub-singleuser")
    os.execv(server, [str(server), *sys.argv[1:]])


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

"""Run of nbval on one notebook in a separate folder."""

import os
import subprocess
import sys


def nbval(path, folder, **environment):
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "-c", "pytest.ini", path.name]
    (folder / "pytest.ini").write_text("[pytest]\n")
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, **environment})
    return run.returncode, run.stdout

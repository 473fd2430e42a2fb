"""The files of the course: what learners get, and what only the teacher may read."""

from tools import student

TEACHERS_OWN = (
    "notebooks/worksheet_key.html",
    "notebooks/final_test.html",
    "notebooks/final_test_key.html",
    "notebooks/README.md",
    ".git",  # has all the others as well
)


def kept_from_learners(root):
    """The paths that a learner's unit should not see."""
    return [root / name for name in TEACHERS_OWN if (root / name).exists()]


def keep_from_learners(root):
    """Let no other account read them. A `git pull` may undo this; a learner's unit does not see them either way."""
    for path in kept_from_learners(root):
        path.chmod(0o700 if path.is_dir() else 0o600)


def write_for_learners(root, folder):
    """Write the students' edition, which learners' servers copy; what a former one had besides goes."""
    files = student.edition(root / "notebooks")
    student.write(files, folder)
    for name in student.others(files, folder):
        (folder / name).unlink()
    folder.chmod(0o755)  # whatever the umask

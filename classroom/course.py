"""Files of the course: those that students get, and those that only the teacher may read."""

from tools import student

TEACHERS_OWN = (
    "notebooks/worksheet_key.html",
    "notebooks/final_test.html",
    "notebooks/final_test_key.html",
    "notebooks/README.md",
    ".git",  # its history contains all the others
)


def teachers_files(root):
    """Return the existing paths that students' units must not see."""
    return [root / name for name in TEACHERS_OWN if (root / name).exists()]


def make_private(root):
    """Make the teacher's files unreadable for other accounts. A `git pull` may undo this; units hide them anyway."""
    for path in teachers_files(root):
        path.chmod(0o700 if path.is_dir() else 0o600)


def write_students_edition(root, folder):
    """Write the notebooks that students' servers copy, and remove files of an earlier edition."""
    files = student.edition(root / "notebooks")
    student.write(files, folder)
    for name in student.others(files, folder):
        (folder / name).unlink()
    folder.chmod(0o755)  # despite the umask

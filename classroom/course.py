"""Which of the course's files a learner's account may not read: what is the teacher's, and the history that has it too."""

TEACHERS_OWN = ("notebooks/worksheet_key.html", "notebooks/README.md", ".git")  # the key, the guide, both


def kept_from_learners(root):
    """The paths that a learner's unit should not see."""
    return [root / name for name in TEACHERS_OWN if (root / name).exists()]


def keep_from_learners(root):
    """Let no other account read them. A `git pull` that brings a new key brings the old rights back, until the next start;
    a learner's unit does not see it even then.
    """
    for path in kept_from_learners(root):
        path.chmod(0o700 if path.is_dir() else 0o600)

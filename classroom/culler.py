"""Idle culler of the class's hub: python -m classroom.culler, with the options of jupyterhub_idle_culler."""

import os
import threading
import time

import jupyterhub_idle_culler


def main():
    """Stop idle servers until the hub is gone. A killed hub's culler would go on, beside the next one's."""
    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()
    jupyterhub_idle_culler.main()


def _end_with(hub):
    while os.getppid() == hub:
        time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    main()

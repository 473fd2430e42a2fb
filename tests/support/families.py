"""Run code as in a unit with systemd's RestrictAddressFamilies: python -m tests.support.families FAMILIES CODE.

In CODE, opening a socket of another family fails. Like systemd, this uses a seccomp filter.
"""

import ctypes
import errno
import platform
import socket
import struct
import sys

SOCKET = {"x86_64": 41, "aarch64": 198}  # system call numbers of socket()
NO_NEW_PRIVS, SET_SECCOMP, FILTER = 38, 22, 2
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # instructions of classic BPF
ALLOW, ERROR = 0x7FFF0000, 0x00050000


def allow_only(families):
    """Restrict this process to sockets of these families, given as numbers."""
    program = [(LOAD, 0, 0, 0), (EQUAL, 0, len(families) + 2, SOCKET[platform.machine()]), (LOAD, 0, 0, 16)]
    program += [(EQUAL, len(families) - k, 0, family) for k, family in enumerate(families)]
    program += [(RETURN, 0, 0, ERROR | errno.EAFNOSUPPORT), (RETURN, 0, 0, ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    given = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(SET_SECCOMP, FILTER, given, 0, 0):
        raise OSError(ctypes.get_errno(), "the seccomp filter cannot be set")


if __name__ == "__main__":
    names, code = sys.argv[1:]
    allow_only([getattr(socket, name) for name in names.split()])
    exec(code)

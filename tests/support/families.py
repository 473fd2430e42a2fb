"""As in a unit with systemd's RestrictAddressFamilies: python -m tests.support.families FAMILIES CODE.

The rest of this process, CODE, gets an error for a socket of another family, from the Linux kernel's filter of system
calls, as systemd sets it.
"""

import ctypes
import errno
import platform
import socket
import struct
import sys

SOCKET = {"x86_64": 41, "aarch64": 198}  # the number of the system call socket()
NO_NEW_PRIVS, SET_SECCOMP, FILTER = 38, 22, 2
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # of a classic BPF program
ALLOW, ERROR = 0x7FFF0000, 0x00050000


def allow_only(families):
    """Let this process open sockets of these families, given as their numbers, and no others."""
    program = [(LOAD, 0, 0, 0), (EQUAL, 0, len(families) + 2, SOCKET[platform.machine()]), (LOAD, 0, 0, 16)]
    program += [(EQUAL, len(families) - k, 0, family) for k, family in enumerate(families)]
    program += [(RETURN, 0, 0, ERROR | errno.EAFNOSUPPORT), (RETURN, 0, 0, ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    given = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(SET_SECCOMP, FILTER, given, 0, 0):
        raise OSError(ctypes.get_errno(), "no filter of system calls")


if __name__ == "__main__":
    names, code = sys.argv[1:]
    allow_only([getattr(socket, name) for name in names.split()])
    exec(code)

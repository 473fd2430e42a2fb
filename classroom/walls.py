"""Walls around a student's unit: systemd settings other than the limits of memory, processes and time.

`systemd-analyze security` rates a unit's exposure; tests/classroom/test_units.py keeps the rating below 3.
"""

RUNTIME = "/run/lstm-own"  # kernels' files: a small file system in memory, so that kernels start on a full disk
SYSTEM_FILES = "-/run/dbus -/run/docker.sock -/run/podman"  # inaccessible, like the teacher's files (spawners.py)

PROPERTIES = {
    # No network, so a unit can bind nobody else's port, not even the hub's while it restarts. Loopback is private to
    # the unit, for the debugger. Only the sockets of hub and board lead out of the unit.
    "PrivateNetwork": "yes",
    "IPAddressDeny": "any",
    "IPAddressAllow": "localhost",
    # AF_NETLINK: ZeroMQ lists the network's interfaces, here only loopback, and exits if it cannot.
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    # Files: read-only except for the student's folder.
    "StateDirectoryMode": "0700",
    "UMask": "0077",
    "ProtectHome": "yes",
    "ProtectProc": "invisible",
    "TemporaryFileSystem": f"{RUNTIME}:size=16M,mode=1777",
    # The Linux kernel: no feature that a computation does not need.
    "CapabilityBoundingSet": "",
    "PrivateUsers": "yes",
    "PrivateIPC": "yes",
    "KeyringMode": "private",
    "LockPersonality": "yes",
    "ProtectClock": "yes",
    "ProtectControlGroups": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
    "SystemCallErrorNumber": "EPERM",
    "SystemCallFilter": "@system-service",
    # Only the server gets the signal, and shuts down its kernels. If they got it, too, it would restart them.
    "KillMode": "mixed",
    # Weights; the hub's unit has 100. `nice` works only within a unit.
    "CPUWeight": "20",
    "IOWeight": "20",
    "MemorySwapMax": "0",
    "LimitCORE": "0",
}

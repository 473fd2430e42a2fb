"""Walls around a student's unit: the settings for systemd besides the limits of memory, processes and time.

`systemd-analyze security` counts what a unit could reach; tests/classroom/test_units.py keeps the count under 3.
"""

OWN = "/run/lstm-own"  # for the files of kernels: in memory and small, so that kernels start even when the disk is full
SYSTEMS_OWN = "-/run/dbus -/run/docker.sock -/run/podman"  # closed, like the teacher's files (spawners.py)

PROPERTIES = {
    # No network: no port of anyone else's to take, nor the web server's or the hub's while it restarts. Loopback is the
    # unit's own, for the debugger. Only the two sockets lead out of the unit.
    "PrivateNetwork": "yes",
    "IPAddressDeny": "any",
    "IPAddressAllow": "localhost",
    # AF_NETLINK: a kernel's ZeroMQ asks for the network's interfaces, here loopback alone, and ends without an answer.
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    # Files: the system is read-only; only its own folder can be written.
    "StateDirectoryMode": "0700",
    "UMask": "0077",
    "ProtectHome": "yes",
    "ProtectProc": "invisible",
    "TemporaryFileSystem": f"{OWN}:size=16M,mode=1777",
    # The kernel: nothing that a computation needs.
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
    # The server ends its kernels. Were they ended with it, it would take one for dead and start it again as it ends.
    "KillMode": "mixed",
    # Shares: the hub's unit has a hundred. `nice` works within a unit only.
    "CPUWeight": "20",
    "IOWeight": "20",
    "MemorySwapMax": "0",
    "LimitCORE": "0",
}

"""Walls around a student's unit: what systemd is asked for, beside the limits of memory, processes and time.

`systemd-analyze security` counts what a unit could reach; tests/classroom/test_units.py keeps the count under 3.
"""

OWN = "/run/lstm-own"  # for the files of kernels: in memory and small, so that kernels start also when the disk is full
SYSTEMS_OWN = "-/run/dbus -/run/docker.sock -/run/podman"  # closed, as is what is the teacher's (spawners.py)

PROPERTIES = {
    # No network: no port of another's, none of the web server's or the hub's to take while it restarts. Loopback is the
    # unit's own, for the debugger. What goes out of the unit are the two sockets.
    "PrivateNetwork": "yes",
    "IPAddressDeny": "any",
    "IPAddressAllow": "localhost",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    # Files: the system to read, a folder of its own to write.
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
    # Shares: the hub's unit has a hundred. `nice` orders processes within a unit only.
    "CPUWeight": "20",
    "IOWeight": "20",
    "MemorySwapMax": "0",
    "LimitCORE": "0",
}

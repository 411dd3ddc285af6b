"""Ports for processes that must be told theirs before they listen."""

import os
import socket

LOWEST, HIGHEST = 20_000, 32_000
"""Below those that Linux gives out by itself (32768 and above, ip_local_port_range): nobody else gets one of these by chance."""


def free_port() -> int:
    """Find a port on 127.0.0.1 that is free; each process of the tests begins to look elsewhere."""
    begin = os.getpid() * 97 % (HIGHEST - LOWEST)
    for step in range(HIGHEST - LOWEST):
        port = LOWEST + (begin + step) % (HIGHEST - LOWEST)
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    msg = f"no port from {LOWEST} to {HIGHEST} is free"
    raise OSError(msg)

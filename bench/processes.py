"""What a process costs, as Linux counts it (proc(5)): there is no /proc elsewhere, and no figure then."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12
"""utime and stime among the fields of /proc/PID/stat that follow the command's name."""


def cpu_seconds(pid: int) -> float:
    """Return the processor time, user and system, that a process and all of its threads have taken; in steps of 10 ms."""
    # The command's name stands in brackets and may hold spaces and brackets of its own.
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS


def resident_bytes(pid: int) -> int:
    """Return the memory that a process holds at this moment."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    msg = f"process {pid} has ended"
    raise ProcessLookupError(msg)

"""What the tests ask of the machine: ports, processes, their memory."""
import os
import pathlib
import socket


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def parent_of(pid):
    """None if the process is gone, or only its entry is left."""
    try:
        fields = pathlib.Path("/proc/%d/stat" % pid).read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return None if fields[0] in "ZX" else int(fields[1])


def processes():
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def descendants(pid):
    parents = {child: parent_of(child) for child in processes()}
    found, wave = [], [pid]
    while wave:
        wave = [child for child, parent in parents.items() if parent in wave]
        found += wave
    return found


def arguments(pid):
    try:
        return pathlib.Path("/proc/%d/cmdline" % pid).read_bytes().split(b"\0")
    except OSError:
        return []


def peak_memory(pid):
    """VmHWM in bytes, 0 if the process is gone."""
    try:
        for line in pathlib.Path("/proc/%d/status" % pid).read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def status(pid):
    """/proc/PID/status as a dictionary."""
    lines = pathlib.Path("/proc/%d/status" % pid).read_text().splitlines()
    return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}


def limits(pid):
    """/proc/PID/limits: the name of each limit with its soft and hard value."""
    lines = pathlib.Path("/proc/%d/limits" % pid).read_text().splitlines()[1:]
    return {line[:26].strip(): tuple(line[26:].split()[:2]) for line in lines}


def descriptors(pid):
    return sorted(int(entry) for entry in os.listdir("/proc/%d/fd" % pid))

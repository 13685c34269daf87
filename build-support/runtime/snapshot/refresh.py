"""Makes a restored interpreter like a new one. Evaluated in a namespace of its own.

What the restored memory knows of time, chance and its surroundings is that of the build. Modules
that are imported here at once are there in every interpreter.
"""

import _imp
import os
import sys
import time


def refresh(built: dict[str, str], current: dict[str, str], has_local_zones: bool) -> None:
    """Replace the environment of the build, and renew what else depends on the start."""
    replace_environ(built, current)
    read_time_zone()
    if has_local_zones:
        read_local_zones()
    forget_absent_folders()
    for name, renew in RENEWED.items():
        if name in sys.modules:
            renew(sys.modules[name])


def replace_environ(built: dict[str, str], current: dict[str, str]) -> None:
    """Replace the environment. What imported modules changed stays."""
    for name in built.keys() | current.keys():
        if os.environ.get(name) != built.get(name):
            continue
        if name in current:
            os.environ[name] = current[name]
        else:
            del os.environ[name]


def forget_absent_folders() -> None:
    """Look for modules again where there was no folder. Each start empties the other caches."""
    for path, finder in list(sys.path_importer_cache.items()):
        if finder is None:
            del sys.path_importer_cache[path]
    # ``importlib.invalidate_caches`` would import it.
    metadata = sys.modules.get("importlib.metadata")
    if metadata is not None:
        metadata.MetadataPathFinder.invalidate_caches()


def read_time_zone() -> None:
    """Set the time zone of ``time`` to that of a new module. There is no ``time.tzset``."""
    new = _imp.create_builtin(time.__spec__)
    _imp.exec_builtin(new)
    for name in ("timezone", "altzone", "daylight", "tzname"):
        setattr(time, name, getattr(new, name))


def seed(module: object) -> None:
    """Seed the generator of ``random`` or ``numpy.random`` with entropy of the system."""
    module.seed()


def forget_names(tempfile: object) -> None:
    """Choose the folder and the names of temporary files anew."""
    tempfile._name_sequence = None
    tempfile.tempdir = None


def forget_node(uuid: object) -> None:
    """Choose the node anew, and the time of the last UUID."""
    for name in ("_node", "_last_timestamp", "_last_timestamp_v7"):
        if hasattr(uuid, name):
            setattr(uuid, name, None)


def add_entropy(ssl: object) -> None:
    """Mix entropy of the system into that of OpenSSL."""
    ssl.RAND_add(os.urandom(32), 32.0)


def start_clock(logging: object) -> None:
    """Set the time from which ``logging`` counts, which is in nanoseconds since Python 3.13."""
    is_integer = isinstance(logging._startTime, int)
    logging._startTime = time.time_ns() if is_integer else time.time()


def read_local_zones() -> None:
    """Make the local time zones of ``dateutil`` read the current one."""
    import gc

    for found in gc.get_objects():
        if type(found) is sys.modules["dateutil.tz.tz"].tzlocal:
            found.__init__()


RENEWED = {
    "random": seed,
    "numpy.random": seed,
    "tempfile": forget_names,
    "uuid": forget_node,
    "_ssl": add_entropy,
    "logging": start_clock,
}

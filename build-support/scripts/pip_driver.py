"""Makes pip resolve for Pyodide: ``python pip_driver.py JOB.json``, a PipJob of jobs.d.ts.

pip evaluates markers for the interpreter that runs it, and does not know the packages of the
Pyodide distribution. So markers are evaluated with the environment of Pyodide, and each package of
the distribution is offered as a stub wheel: metadata only, with a build tag that wins over the
index.
"""

import json
import runpy
import sys
import zipfile
from pathlib import Path
from typing import Any


def write_stub(folder: Path, name: str, version: str, tag: str, extras: list[str]) -> None:
    """Write an installable wheel without content."""
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    with zipfile.ZipFile(folder / f"{stem}-{tag}.whl", "w") as wheel:
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *extras, ""]
        wheel.writestr(f"{info}/METADATA", "\n".join(lines))
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        wheel.writestr(f"{info}/RECORD", "")


def main() -> None:
    """Patch the markers, write stubs and constraints, and become pip."""
    job: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    from pip._vendor.packaging import markers
    from pip._vendor.packaging.version import InvalidVersion, Version

    host = markers.default_environment
    markers.default_environment = lambda: {**host(), **job["markers"]}

    stubs = Path(job["work"], "stubs")
    stubs.mkdir()
    constraints: list[str] = list(job["constraints"])
    for name, version in [] if job["exact"] else job["distribution"]:
        try:
            Version(version)
        except InvalidVersion:
            continue
        write_stub(stubs, name, version, job["stub_tag"], job["extras"].get(name, []))
        constraints.append(f"{name}=={version}")
    constraints_file = Path(job["work"], "constraints.txt")
    constraints_file.write_text("\n".join(constraints), encoding="utf-8")

    arguments = ["download", "--dest", job["destination"], "--only-binary=:all:"]
    arguments += ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    arguments += ["--implementation", "cp", "--python-version", job["python"]]
    for platform in job["platforms"]:
        arguments += ["--platform", platform]
    for folder in [str(stubs), *job["find_links"]]:
        arguments += ["--find-links", folder]
    if job["offline"]:
        arguments += ["--no-index"]
    if job["exact"]:
        arguments += ["--no-deps"]
    arguments += ["--constraint", str(constraints_file), "--", *job["requirements"]]
    sys.argv = ["pip", *arguments]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)


main()

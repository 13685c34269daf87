"""Makes pip resolve for Pyodide: ``python pip_driver.py JOB.json``, a PipJob of jobs.d.ts.

pip evaluates markers for the interpreter that runs it, and does not know the packages of the
Pyodide distribution. So markers are evaluated with the environment of Pyodide, and each package of
the distribution is offered as a stub wheel: metadata only, with a build tag. pip tries the stub
before all other versions. It therefore takes another version only if a requirement excludes that
of the distribution.

pip 23 to 26 have all attributes that are replaced here.
"""

import json
import runpy
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

# The settings of pip's files and variables about the index and the network. All others change what
# is resolved, or whether pip runs.
SETTINGS = {
    *("index-url", "pypi-url", "extra-index-url", "no-index", "find-links", "uploaded-prior-to"),
    *("proxy", "no-proxy-env", "trusted-host", "cert", "client-cert", "keyring-provider"),
    *("timeout", "default-timeout", "retries", "resume-retries"),
    *("cache-dir", "no-cache-dir", "refresh-package"),
}
# Values of use-feature and use-deprecated that are about certificates.
CERTIFICATES = {"truststore", "legacy-certs"}


def write_stubs(job: dict[str, Any], folder: Path) -> None:
    """Write an installable wheel without content for each package of the distribution."""
    from pip._vendor.packaging.version import InvalidVersion, Version

    versions: dict[str, str] = {}
    for name, version, _ in job["distribution"]:
        with suppress(InvalidVersion):
            versions[name] = str(Version(version))
    for name, _, depends in job["distribution"]:
        if name not in versions:
            continue
        stem = f"{name.replace('-', '_')}-{versions[name]}"
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {versions[name]}"]
        lines += [f"Requires-Dist: {depend}" for depend in depends if depend in versions]
        lines += [*job["extras"].get(name, []), ""]
        with zipfile.ZipFile(folder / f"{stem}-{job['stub_tag']}.whl", "w") as wheel:
            info = f"{stem}.dist-info"
            wheel.writestr(f"{info}/METADATA", "\n".join(lines))
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
            wheel.writestr(f"{info}/RECORD", "")


def prefer_stubs(tag: str) -> None:
    """Make pip try a stub first, also if its version is a pre-release."""
    from pip._internal.index.package_finder import CandidateEvaluator

    applicable_of_pip = CandidateEvaluator.get_applicable_candidates

    def applicable(self: Any, candidates: list[Any]) -> list[Any]:
        stubs = [c for c in candidates if c.link.filename.endswith(f"-{tag}.whl")]
        others = [c for c in applicable_of_pip(self, candidates) if c not in stubs]
        allows = self._specifier.contains
        # The best is the last.
        return others + [c for c in stubs if allows(str(c.version), prereleases=True)]

    CandidateEvaluator.get_applicable_candidates = applicable


def keep_settings() -> None:
    """Make pip ignore all of its settings except those about the index and the network."""
    from pip._internal.cli.parser import ConfigOptionParser

    items_of_pip = ConfigOptionParser._get_ordered_configuration_items

    def items(self: Any) -> Iterator[tuple[str, Any]]:
        for name, value in items_of_pip(self):
            if name in SETTINGS:
                yield name, value
            elif name in ("use-feature", "use-deprecated"):
                yield name, " ".join(word for word in value.split() if word in CERTIFICATES)

    ConfigOptionParser._get_ordered_configuration_items = items


def record_files() -> dict[str, list[tuple[str, str, str]]]:
    """Make pip record what it thinks of each file that it finds: name, verdict, Requires-Python."""
    from pip._internal.index.package_finder import LinkEvaluator
    from pip._vendor.packaging.utils import canonicalize_name

    evaluate_of_pip = LinkEvaluator.evaluate_link
    files: dict[str, list[tuple[str, str, str]]] = {}

    def evaluate(self: Any, link: Any) -> Any:
        result = evaluate_of_pip(self, link)
        found = (link.filename, result[0].name, link.requires_python or "")
        files.setdefault(canonicalize_name(self.project_name), []).append(found)
        return result

    LinkEvaluator.evaluate_link = evaluate
    return files


def unusable(files: list[tuple[str, str, str]], specifier: Any) -> dict[str, Any]:
    """Describe the newest version that a specifier allows, if pip can use no allowed file."""
    from pip._vendor.packaging.utils import parse_sdist_filename, parse_wheel_filename

    known = {"candidate", "format_unsupported", "platform_mismatch", "requires_python_mismatch"}
    by_version: dict[Any, list[tuple[str, str, str]]] = {}
    for found in files:
        parse: Any = parse_wheel_filename if found[0].endswith(".whl") else parse_sdist_filename
        with suppress(ValueError):
            if found[1] in known:
                by_version.setdefault(parse(found[0])[1], []).append(found)
    # Without a final version, the filter allows pre-releases.
    allowed = list(specifier.filter(by_version))
    verdicts = {verdict for version in allowed for _, verdict, _ in by_version[version]}
    if not verdicts or "candidate" in verdicts:
        return {"version": "", "wheels": [], "python": ""}
    newest = max(allowed)
    wheels = [name for name, _, _ in by_version[newest] if name.endswith(".whl")]
    pythons = [
        python for _, verdict, python in by_version[newest] if verdict.startswith("requires")
    ]
    return {"version": str(newest), "wheels": wheels, "python": pythons[0] if pythons else ""}


def explain(job: dict[str, Any]) -> None:
    """Make pip write a PipFailure when requirements can't be satisfied."""
    from pip._internal.exceptions import UnsupportedWheel
    from pip._internal.resolution.resolvelib.factory import Factory
    from pip._internal.resolution.resolvelib.requirements import RequiresPythonRequirement
    from pip._vendor.packaging.requirements import Requirement
    from pip._vendor.packaging.utils import canonicalize_name, parse_wheel_filename

    versions = {name: version for name, version, _ in job["distribution"]}
    files = record_files()
    error_of_pip = Factory.get_installation_error
    check_wheel_of_pip = Factory._fail_if_link_is_unsupported_wheel

    def conflict(name: str, requirement: str, parent: str, **unusable: Any) -> dict[str, Any]:
        known = {"name": canonicalize_name(name), "requirement": requirement, "parent": parent}
        nothing = {"excludes": False, "version": "", "wheels": [], "python": ""}
        return {**known, **nothing, **unusable}

    def specified(name: str, requirement: str, parent: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        # Not all requirements of pip are specifiers, and not all versions of Pyodide are valid.
        with suppress(ValueError):
            specifier = Requirement(requirement).specifier
            found = unusable(files.get(canonicalize_name(name), []), specifier)
            version = versions.get(canonicalize_name(name))
            if version and not specifier.contains(version, prereleases=True):
                found["excludes"] = True
        return conflict(name, requirement, parent, **found)

    def write(conflicts: list[dict[str, Any]]) -> None:
        Path(job["result"]).write_text(json.dumps({"conflicts": conflicts}), encoding="utf-8")

    def error(self: Any, impossible: Any, constraints: dict[str, Any]) -> Any:
        conflicts = []
        for requirement, parent in impossible.causes:
            name = requirement.project_name
            if isinstance(requirement, RequiresPythonRequirement):
                if not requirement.is_satisfied_by(self._python_candidate):
                    needs = {"version": str(parent.version), "python": str(requirement.specifier)}
                    conflicts.append(conflict(parent.project_name, "", "", **needs))
                continue
            of = f"{parent.name} {parent.version}" if parent else ""
            conflicts.append(specified(name, str(requirement), of))
            if name in constraints:
                pinned = f"{name}{constraints[name].specifier}"
                conflicts.append(specified(name, pinned, "the constraints"))
        write(conflicts)
        return error_of_pip(self, impossible, constraints)

    def check_wheel(self: Any, link: Any) -> None:
        try:
            check_wheel_of_pip(self, link)
        except UnsupportedWheel:
            name, version, _, _ = parse_wheel_filename(link.filename)
            write([conflict(name, "", "", version=str(version), wheels=[link.filename])])
            raise

    Factory.get_installation_error = error
    Factory._fail_if_link_is_unsupported_wheel = check_wheel


def main() -> None:
    """Change pip, and become pip."""
    job: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    from pip._vendor.packaging import markers

    host = markers.default_environment
    markers.default_environment = lambda: {**host(), **job["markers"]}

    stubs = Path(job["work"], "stubs")
    stubs.mkdir()
    if not job["exact"]:
        write_stubs(job, stubs)
    keep_settings()
    prefer_stubs(job["stub_tag"])
    explain(job)
    constraints_file = Path(job["work"], "constraints.txt")
    constraints_file.write_text("\n".join(job["constraints"]), encoding="utf-8")

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

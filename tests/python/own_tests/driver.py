"""Runs pytest inside of Pyodide and reports the outcome of every test."""

import json
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

# Addresses of objects in ids and messages.
ADDRESS = re.compile(r"0x[0-9a-f]{4,}")

type Outcome = dict[str, Any]


def first_line(error: BaseException | str) -> str:
    """Return the first line of a message, the same in every run."""
    lines = ADDRESS.sub("0x", str(error)).strip().splitlines()
    return lines[0][:300] if lines else ""


class Recorder:
    """Collects outcomes, and reports them as soon as a module is done."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """``tell`` receives lines of JSON."""
        self.tell = tell
        self.module = ""
        self.outcomes: dict[str, Outcome] = {}
        self.errors: dict[tuple[str, str], str] = {}

    def next_module(self, module: str) -> None:
        """Report the module so far."""
        if self.outcomes:
            self.tell(json.dumps({"module": self.module, "outcomes": self.outcomes}))
        self.module, self.outcomes = module, {}
        self.tell(json.dumps({"at": module}))

    def set(self, test: str, outcome: str, about: str = "") -> None:
        """Record an outcome; an error in setup or teardown counts more than the call."""
        entry = self.outcomes.setdefault(
            ADDRESS.sub("0x", test), {"outcome": outcome, "about": about}
        )
        if outcome == "error":
            entry.update(outcome=outcome, about=about)

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        """Report which module is imported next."""
        if isinstance(collector, pytest.Module):
            self.next_module(f"collection of {collector.nodeid}")

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Any:
        """Record modules that can't be imported, or skip themselves."""
        report = yield
        if report.failed:
            text = str(getattr(report.longrepr, "longrepr", report.longrepr))
            errors = [line[2:] for line in text.splitlines() if line.startswith("E ")]
            self.set(collector.nodeid, "error", first_line((errors or [text])[-1]))
        elif report.skipped:
            self.set(collector.nodeid, "skipped", first_line(report.longrepr[2]))
        return report

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Notice the next module."""
        module = nodeid.partition("::")[0]
        if module != self.module:
            self.next_module(module)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Keep exceptions, which reports have only as text."""
        report: pytest.TestReport = yield
        error = call.excinfo.value if call.excinfo is not None else None
        about = f"{type(error).__qualname__}: {first_line(error)}" if error is not None else ""
        if hasattr(report, "wasxfail"):
            self.set(item.nodeid, "xfailed" if report.skipped else "xpassed", about)
        elif report.when != "call" and report.failed:
            self.set(item.nodeid, "error", f"{report.when}: {about}")
        elif report.when == "call" or report.skipped:
            self.set(item.nodeid, report.outcome, about)
        for name, value in item.user_properties:
            self.outcomes[ADDRESS.sub("0x", item.nodeid)][name] = value
        return report

    def pytest_warning_recorded(
        self, warning_message: Any, when: str, nodeid: str, location: Any
    ) -> None:
        """Keep warnings, by their text."""
        category = warning_message.category.__name__
        about = f"{category}: {first_line(warning_message.message)}"
        self.tell(json.dumps({"warning": about, "test": ADDRESS.sub("0x", nodeid), "when": when}))

    def pytest_sessionfinish(self) -> None:
        """Report the last module."""
        self.next_module("")


def run(root: str, modules: str, tell: Callable[[str], None]) -> int:
    """Run these modules, a JSON list of paths in site-packages."""
    paths = [f"{root}/{module}" for module in json.loads(modules)]
    doctests = any("/test_" not in path for path in paths)
    sys.argv[:] = ["pytest"]
    return pytest.main(
        [
            *(["--doctest-modules", "--doctest-continue-on-failure"] if doctests else []),
            *("-q", "--tb=short", "--color=no", "-c", "/dev/null", f"--rootdir={root}"),
            *("-p", "no:cacheprovider", "-p", "no:faulthandler", "--continue-on-collection-errors"),
            *("-m", "not slow and not network and not db and not single_cpu"),
            *paths,
        ],
        plugins=[Recorder(tell)],
    )

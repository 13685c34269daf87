"""Compare the outcomes of plain Pyodide with those of a bundle: ``compare.py PLAIN BUNDLE``."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any


def report(name: str, plain: dict[str, Any], bundle: dict[str, Any]) -> int:
    """Print counts and every difference of one package, and return how many tests differ."""
    one, other = plain["outcomes"], bundle["outcomes"]
    print(
        f"== {name}: {bundle['misses']} files on demand; "
        f"{plain['total']:.0f} s plain, {bundle['total']:.0f} s bundle"
    )
    for side, run in (("plain", plain), ("bundle", bundle)):
        counts = Counter(entry["outcome"] for entry in run["outcomes"].values())
        print(f"  {side}: {sum(counts.values())} tests, {dict(sorted(counts.items()))}")
        for module, why in run["lost"].items():
            print(f"  {side} lost {module or 'everything'}: {why}")
    lost = {*plain["lost"], *bundle["lost"]}
    different = [
        test
        for test in sorted(one.keys() | other)
        if one.get(test) != other.get(test) and test.partition("::")[0] not in lost
    ]
    for test in different:
        print(f"  {test}\n    plain:  {one.get(test)}\n    bundle: {other.get(test)}")
    warned = plain["warnings"].keys() | bundle["warnings"].keys()
    for test in sorted(warned):
        before, after = (Counter(run["warnings"].get(test, [])) for run in (plain, bundle))
        if before != after:
            print(
                f"  warnings of {test or 'collection'}\n"
                f"    only plain:  {list((before - after).elements())[:5]}\n"
                f"    only bundle: {list((after - before).elements())[:5]}"
            )
    only_bundle = bundle["lost"].keys() - plain["lost"]
    if not one:
        # Two runs that end before their first test have nothing in common but that.
        print(f"  no test of {name} ran in plain Pyodide")
    return len(different) + len(only_bundle) + (not one)


def main() -> None:
    """Compare, and fail if an outcome differs or a module was lost in the bundle alone."""
    plain, bundle = (json.loads(Path(path).read_text()) for path in sys.argv[1:])
    found = sum(report(name, plain[name], bundle[name]) for name in sorted(plain.keys() & bundle))
    print(f"{found} tests differ")
    sys.exit(found > 0 or plain.keys() != bundle.keys())


main()

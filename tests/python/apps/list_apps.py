"""Print the apps of this folder as one line of JSON.

An app is a file `calls_NAME.py` with three names:

* `REQUIRES`: its requirements, each with an exact version;
* `FILES`: the texts of its files, by path; `app.py` is what the build traces;
* `CALLS`: calls that it does not make, as in `../calls`.
"""

import json
import runpy
from pathlib import Path

apps = []
for path in sorted(Path(__file__).parent.glob("calls_*.py")):
    names = runpy.run_path(str(path))
    name = path.stem.removeprefix("calls_")
    apps.append({"name": name, "requires": names["REQUIRES"], "files": names["FILES"]})
print(json.dumps(apps))

"""Command lines whose help is in docstrings: docopt, fire and cmd."""

REQUIRES = ["docopt-ng==0.9.0", "fire==0.7.1"]

FILES = {
    "app.py": '''"""Count words.

Usage:
  app.py count <text> [--lower] [--top=N]
  app.py (-h | --help)

Options:
  --lower   Ignore case.
  --top=N   Show the most frequent words [default: 3].
"""

import docopt


def options(line):
    return dict(docopt.docopt(__doc__, line))


if __name__ == "__main__":
    print(options(["count", "to be or not to be"]))
'''
}

# Runs fire on an object, and shows its help, its result or its complaint.
FIRE = """import fire
def run(component, line):
    try:
        print(fire.Fire(component, command=line, name="it"))
    except SystemExit as error:
        print("exit", error.code)
"""

CALLS: list[tuple[str, str]] = [
    (
        "commands docopt options",
        """import app
print(app.options(["count", "a b", "--lower", "--top=5"]))
""",
    ),
    (
        "commands docopt usage",
        """import app
for line in (["count"], ["--nothing"], ["--help"]):
    try:
        app.options(line)
    except SystemExit as error:
        print(type(error).__name__, error)
""",
    ),
    (
        "commands docopt options",
        """import docopt
print(docopt.Option.parse("-q  Print less."))
print(docopt.Option.parse("-f, --file=<path>  The file [default: a.txt]."))
""",
    ),
    (
        "commands fire help of a function",
        FIRE
        + """import textwrap
run(textwrap.shorten, ["--help"])
run(textwrap.shorten, ["one two three", "8", "--placeholder=."])
""",
    ),
    (
        "commands fire help of a class",
        FIRE
        + """import fractions
run(fractions.Fraction, ["--", "--help"])
run(fractions.Fraction, ["3", "4", "limit_denominator", "2"])
""",
    ),
    (
        "commands fire help of a package",
        FIRE
        + """import fire.decorators
run(fire.decorators.SetParseFns, ["--", "--help"])
run({"docs": fire.decorators, "n": 1}, [])
""",
    ),
    (
        "commands fire parses docstrings",
        """import json
from fire import docstrings, inspectutils
for function in (json.dumps, docstrings.parse):
    parts = docstrings.parse(inspectutils.Info(function)["docstring"])
    print(parts.summary, [arg.name for arg in parts.args or ()], parts.returns)
""",
    ),
    (
        "commands fire flags",
        FIRE
        + """import docopt, statistics
run(docopt.Option, ["--shorter=-f", "--longer=--file", "parse", "-a  All.", "--", "--trace"])
run(statistics.NormalDist, ["--mu=1", "--sigma=2", "quantiles", "--n=4"])
run(statistics.mode, ["--", "--completion"])
run(statistics.fmean, ["[1, 2]", "--nothing=3"])
""",
    ),
    (
        "commands cmd help",
        """import io, pdb
out = io.StringIO()
shell = pdb.Pdb(stdout=out, nosigint=True, readrc=False)
for line in ("help", "help next", "help condition", "help nothing", "? pp"):
    shell.onecmd(line)
print(out.getvalue())
""",
    ),
    (
        "commands cmd of a program",
        """import cmd, io
import docopt
class Shell(cmd.Cmd):
    do_parse = staticmethod(docopt.docopt)
    def do_add(self, line):
        "Adds numbers: add 1 2"
        print(sum(map(int, line.split())), file=self.stdout)
shell = Shell(stdout=io.StringIO())
for line in ("help", "help add", "help parse", "add 1 2", "nothing"):
    shell.onecmd(line)
print(shell.stdout.getvalue())
""",
    ),
]

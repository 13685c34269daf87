"""An app of several modules with a folder of plugins: markdown, docutils and pygments."""

REQUIRES = ["docutils==0.23", "markdown==3.11.3", "pygments==2.21.0"]

FILES = {
    "app.py": """import notes

if __name__ == "__main__":
    print(notes.page("welcome.md").splitlines()[0])
""",
    "notes/__init__.py": '''"""Notes as pages."""

from importlib import resources

import markdown

from notes import plugins

PAGES = resources.files("notes") / "pages"


def source(name):
    return PAGES.joinpath(name).read_text(encoding="utf-8")


def page(name, *used, extensions=()):
    text = source(name)
    for plugin in used:
        text = plugins.get(plugin).change(text)
    return markdown.markdown(text, extensions=list(extensions))
''',
    "notes/plugins/__init__.py": '''"""Plugins: modules with a function `change`."""

import importlib
import pkgutil


def names():
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def get(name):
    if name not in names():
        raise LookupError(f"no plugin {name}: there are {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{name}")
''',
    "notes/plugins/count.py": '''"""Counts the words."""

import re


def change(text):
    """Add the number of words."""
    return f"{text}\\n\\n{len(re.findall(r'[a-zA-Z]+', text))} words\\n"
''',
    "notes/plugins/replace.py": '''"""Replaces words by a table."""

import csv
from importlib import resources


def change(text):
    """Replace words."""
    table = resources.files("notes.plugins.tables").joinpath("words.csv")
    with table.open(encoding="utf-8") as file:
        for word, by in csv.reader(file):
            text = text.replace(word, by)
    return text
''',
    "notes/plugins/tables/words.csv": "Welcome,Willkommen\nnotes,Notizen\n",
    "notes/plugins/wrong.py": '''"""Fails."""

import notes.nothing


def change(text):
    return notes.nothing.change(text)
''',
    "notes/pages/welcome.md": """# Welcome

Some *notes* about **HTML**[^1].

```python
def twice(x):
    return 2 * x  # doubled
```

!!! note
    Read this.

a | b
--|--
1 | 2

*[HTML]: Hypertext
[^1]: The footnote.
""",
    "notes/pages/guide.rst": """=====
Guide
=====

:Author: Somebody
:Date: 2024-01-02

.. contents::

First
=====

Some *text* with ``code``, a link_ and |sub|.

.. _link: https://example.org/
.. |sub| replace:: a substitution
.. math:: a^2 + b^2 = \\sqrt{c}
.. code:: python

   def f(x): return [x, "y"]

Second
======

+---+---+
| a | b |
+===+===+
| 1 | 2 |
+---+---+

.. csv-table:: Numbers
   :header: "n", "square"

   2, 4

.. warning:: Mind the gap [#]_.

.. [#] A footnote.
""",
}

PUBLISH = """import notes
from docutils.core import publish_parts, publish_string
SETTINGS = {"output_encoding": "unicode", "report_level": 2, "_disable_config": True}
SETTINGS["datestamp"] = None
def publish(name, text=None, **settings):
    return publish_string(text or notes.source("guide.rst"), writer=name,
        settings_overrides={**SETTINGS, **settings})
"""

CALLS: list[tuple[str, str]] = [
    (
        "documents plugins",
        """import inspect
import notes
from notes import plugins
print(plugins.names(), notes.page("welcome.md", "replace", "count")[-60:])
for name in ("count", "replace"):
    plugin = plugins.get(name)
    print(plugin.__doc__, plugin.change.__doc__, plugin.__file__, inspect.getsource(plugin.change))
""",
    ),
    (
        "documents plugins that fail",
        """import traceback
import notes
for page, name in (("welcome.md", "nothing"), ("welcome.md", "wrong"), ("absent.md", "count")):
    try:
        notes.page(page, name)
    except Exception as error:
        print(traceback.format_exc().splitlines()[-1])
""",
    ),
    (
        "documents resources",
        """from importlib import resources
import pkgutil

root = resources.files("notes")
print(sorted(entry.name for entry in root.iterdir() if entry.name != "__pycache__"))
print(pkgutil.get_data("notes", "pages/guide.rst")[:20], resources.is_resource("notes", "pages"))
with resources.as_file(root / "pages") as folder:
    print(folder, sorted(path.name for path in folder.glob("*")))
print(
    [
        module.name
        for module in pkgutil.walk_packages(["/home/pyodide"])
        if "wrong" not in module.name
    ]
)
""",
    ),
    (
        "documents markdown extensions",
        """import notes

for extensions in (
    ["extra"],
    ["tables", "admonition", "toc"],
    ["nl2br", "sane_lists", "smarty", "wikilinks"],
    ["meta", "legacy_attrs", "footnotes", "abbr", "def_list", "md_in_html", "attr_list"],
):
    print(notes.page("welcome.md", extensions=extensions))
""",
    ),
    (
        "documents markdown with colours",
        """import notes, markdown

print(notes.page("welcome.md", extensions=["codehilite", "fenced_code"]))
print(
    markdown.markdown(
        "    :::js hl_lines=1\\n    let a = `b`;",
        extensions=["codehilite"],
        extension_configs={
            "codehilite": {"linenums": True, "pygments_style": "emacs", "noclasses": True}
        },
    )
)
try:
    markdown.markdown("x", extensions=["nothing"])
except Exception as error:
    print(type(error).__name__, error)
""",
    ),
    (
        "documents from the command line",
        """import markdown.__main__ as m
from docutils.__main__ import CliSettingsSpec
from pygments.cmdline import main
import sys

for options in (["-h"], ["--nothing"], ["x.md", "-e", "utf8"]):
    try:
        print(m.parse_options(options))
    except SystemExit as error:
        print(error.code)
for line in (
    ["-L", "styles"],
    ["-N", "a.rs"],
    ["-H", "lexer", "toml"],
    ["-H", "filter", "gobble"],
    ["-h"],
    ["-l", "nothing"],
    ["-C"],
):
    print(main(["pygmentize", *line]))
print(CliSettingsSpec.__doc__)
""",
    ),
    (
        "documents docutils as HTML and text",
        PUBLISH
        + """print(publish("html5", embed_stylesheet=False, stylesheet_path=""))
print(publish("pseudoxml", syntax_highlight="none"))
print(
    publish_parts(notes.source("guide.rst"), writer="html4", settings_overrides=SETTINGS)[
        "docinfo"
    ]
)
print(len(publish("html5", math_output="HTML")), len(publish("s5", theme="small-white")))
""",
    ),
    (
        "documents docutils as other formats",
        PUBLISH
        + """for name in ("latex", "manpage", "xml", "xetex"):
    print(publish(name))
try:
    publish("nothing")
except ImportError as error:
    print(type(error).__name__, error)
""",
    ),
    (
        "documents docutils errors and languages",
        PUBLISH
        + """text = '''
Titeln
====
`x and :nothing:`z` and |none| and *y

.. nothing:: y
.. achtung:: Mein
.. include:: nothing.txt
'''
print(publish("pseudoxml", text, language_code="de", warning_stream=False))
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser, directives, roles, states
from docutils.languages import get_language
print(get_language("fr").labels["contents"], get_default_settings(Parser()).tab_width)
print(Parser.__doc__, states.Body.__doc__, directives.flag.__doc__)
""",
    ),
    (
        "documents pygments",
        """from pygments import formatters, highlight, lexers, styles, token, util

text = "<p class='a'>{% if x %}ä{% endif %}</p>"
for lexer in ("html+jinja", "rst", "scala", "brainfuck"):
    lexer = lexers.get_lexer_by_name(lexer)
    print(lexer, list(lexer.get_tokens(text))[:4])
for name in ("latex", "svg", "rtf", "terminal256", "bbcode", "irc", "raw"):
    print(highlight("x = 1", lexers.PythonLexer(), formatters.get_formatter_by_name(name)))
print(
    len(list(lexers.get_all_lexers())),
    len(list(styles.get_all_styles())),
    lexers.guess_lexer("<?php"),
)
print(styles.get_style_by_name("monokai").styles[token.Comment], lexers.PythonLexer.__doc__)
for function in (
    lexers.get_lexer_by_name,
    formatters.get_formatter_by_name,
    styles.get_style_by_name,
):
    try:
        function("nothing")
    except util.ClassNotFound as error:
        print(error)
""",
    ),
]

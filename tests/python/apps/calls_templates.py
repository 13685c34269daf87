"""An app with several modules and folders of templates: chameleon, genshi and chevron."""

REQUIRES = ["chameleon==4.6.0", "chevron==0.14.0", "genshi==0.7.12"]

FILES = {
    "app.py": """from shop import pages

if __name__ == "__main__":
    print(pages.text("mail.mustache", {"name": "Ada"}))
""",
    "shop/__init__.py": '"""A shop."""\n',
    "shop/goods.py": '''"""The goods."""

import json
import pathlib


def goods():
    return json.loads(pathlib.Path("data/goods.json").read_text(encoding="utf-8"))
''',
    "shop/pages.py": '''"""Pages from templates in the folder `templates`."""

import pathlib

FOLDER = pathlib.Path(__file__).parent / "templates"


def text(name, values):
    """Render a mustache template."""
    import chevron

    with FOLDER.joinpath(name).open(encoding="utf-8") as file:
        return chevron.render(file, values, partials_path=str(FOLDER))


def page(name, **values):
    """Render a page template."""
    from chameleon import PageTemplateLoader

    return PageTemplateLoader(str(FOLDER))[name](**values)


def streams():
    """Return a loader of genshi templates."""
    from genshi.template import TemplateLoader

    return TemplateLoader(str(FOLDER), auto_reload=True)
''',
    "shop/templates/mail.mustache": "Dear {{name}},\n{{> foot}}",
    "shop/templates/list.mustache": """{{#goods}}
- {{name}}: {{{price}}}{{^price}}free{{/price}}
{{/goods}}
{{! a comment }}{{=<% %>=}}<% name %>
""",
    "shop/templates/foot.mustache": "Yours, {{name}} & co\n",
    "shop/templates/base.pt": """<html metal:define-macro="page">
<title>${title | 'Shop'}</title>
<body><div metal:define-slot="body">nothing</div></body>
</html>
""",
    "shop/templates/list.pt": """<html metal:use-macro="load: base.pt">
<div metal:fill-slot="body">
  <p tal:repeat="good goods" class="${'odd' if repeat['good'].odd else 'even'}">
    ${repeat['good'].number}. <b tal:content="good['name']">Name</b> ${structure: '&lt;'}
    <u tal:condition="not: good['price']">free</u>
  </p>
  <i tal:attributes="title text; lang None" tal:omit-tag="not text" i18n:translate="">Hello</i>
</div>
</html>
""",
    "shop/templates/wrong.pt": """<p>
  <b>${goods[0]['nothing']}</b>
</p>
""",
    "shop/templates/list.html": """<html xmlns:py="http://genshi.edgewall.org/" xmlns:xi="http://www.w3.org/2001/XInclude">
<py:def function="row(good)"><tr><td>${good['name'].upper()}</td></tr></py:def>
<py:match path="b"><strong>${select('text()')}</strong></py:match>
<body>
  <table><py:for each="good in goods">${row(good)}</py:for></table>
  <b py:if="len(goods) > 1">many</b>
  <py:choose test="title"><i py:when="'x'">x</i><i py:otherwise="">other</i></py:choose>
  <py:with vars="n = [g['price'] for g in goods if g['price']]">${'%.2f' % sum(n)}</py:with>
  <xi:include href="nothing.html"><xi:fallback>no file</xi:fallback></xi:include>
</body>
</html>
""",
    "shop/templates/wrong.html": """<p xmlns:py="http://genshi.edgewall.org/">
  ${1 / 0}
</p>
""",
    "data/goods.json": '[{"name": "Käse", "price": 3.5}, {"name": "<Air>", "price": 0}]\n',
}

CALLS: list[tuple[str, str]] = [
    (
        "templates mustache",
        """from shop import goods, pages
print(pages.text("list.mustache", {"goods": goods.goods(), "name": "a&b"}))
print(pages.text("mail.mustache", {"name": "Ö"}))
import chevron
print(chevron.render("{{#f}}x{{y}}{{/f}}", {"y": 1, "f": lambda text, render: render(text) * 2}))
""",
    ),
    (
        "templates mustache errors",
        """import chevron
from chevron import ChevronError, cli_main, tokenizer
for text in ("{{#a}}", "{{a", "{{/a}}", "{{#a}}{{/b}}", "{{=x}}"):
    try:
        print(chevron.render(text, {}))
    except ChevronError as error:
        print(type(error).__name__, error)
print(list(tokenizer.tokenize("a{{#b}}{{{c}}}{{/b}}")), str(chevron.render.__doc__).splitlines()[0])
import sys
sys.argv = ["chevron", "--help"]
try:
    cli_main()
except SystemExit as error:
    print(error.code)
""",
    ),
    (
        "templates chameleon page",
        """from shop import goods, pages
print(pages.page("list.pt", goods=goods.goods() * 2, text='"x" & y', title="Käse"))
""",
    ),
    (
        "templates chameleon error",
        """import re, traceback
from shop import goods, pages
try:
    pages.page("wrong.pt", goods=goods.goods())
except KeyError as error:
    print(type(error).__name__, re.sub("at 0x[0-9a-f]+", "", str(error)))
    print(re.sub("at 0x[0-9a-f]+", "", traceback.format_exc().splitlines()[-1]))
""",
    ),
    (
        "templates chameleon texts that are wrong",
        """import re
from chameleon import PageTemplate

for text in (
    "<p>${x</p>",
    "<p><b></p>",
    "<p tal:nothing='x'/>",
    "<p tal:repeat='x'/>",
    "<p>${1 +}</p>",
    "<p metal:use-macro='nothing'/>",
    "<p tal:content='structure nothing: x'/>",
):
    try:
        print(PageTemplate(text)())
    except Exception as error:
        print(type(error).__name__, re.sub("at 0x[0-9a-f]+", "", str(error)))
""",
    ),
    (
        "templates chameleon expressions",
        """from chameleon import PageTemplate, PageTextTemplate
from chameleon.tales import StringExpr

print(PageTextTemplate("${a} $${b} ${';'.join(c)}")(a=1, c="xyz"))
text = '''<p tal:define="a string:x${y}; global b python: 1; (c, d) (1, 2)" tal:switch="d">
<i tal:case="2" tal:attributes="a a; b exists: nothing; c not: b"/> <?python e = c + d ?> ${e}
<b tal:replace="import: os.path.sep"/>
<u tal:on-error="string: caught ${error.type.__name__}">${1/0}</u>
${nothing | 'default'} &amp; <!--! hidden --> <!-- ${c} --></p>'''
print(PageTemplate(text)(y=5), StringExpr.__doc__)
print(repr(PageTemplate("<p/>")), PageTemplate("<p/>").macros.names)
""",
    ),
    (
        "templates genshi",
        """from shop import goods, pages
for method in ("xhtml", "html", "text"):
    loaded = pages.streams().load("list.html").generate(goods=goods.goods(), title="y")
    print(loaded.render(method, **({} if method == "text" else {"doctype": "html5"})))
""",
    ),
    (
        "templates genshi errors",
        """import traceback
from genshi.template import MarkupTemplate, NewTextTemplate, TemplateNotFound
from shop import pages
for name in ("nothing.html", "wrong.html"):
    try:
        pages.streams().load(name).generate().render()
    except Exception as error:
        print(traceback.format_exc().splitlines()[-1])
for kind, text in ((MarkupTemplate, "<p>${x +}</p>"), (MarkupTemplate, "<p><b></p>"),
        (NewTextTemplate, "{% nothing %}"), (MarkupTemplate, "<p>${x.y}</p>")):
    try:
        print(kind(text, filename="a.html").generate().render())
    except Exception as error:
        print(type(error).__name__, error)
""",
    ),
    (
        "templates genshi filters and builders",
        """from genshi import HTML, Markup, XML, builder
from genshi.filters import HTMLFormFiller, HTMLSanitizer, Transformer, Translator
from genshi.path import Path

print(HTML("<p onclick='x'>a<script>b</script></p>", encoding="utf-8") | HTMLSanitizer())
form = HTML("<form><input name='a'/><select name='b'><option>1</option></select></form>")
print(
    form | HTMLFormFiller(data={"a": "ä", "b": "1"}),
    builder.tag.a("x", href="y?a=1&b=2", class_=None),
)
print(XML("<a><b c='1'/><b/></a>").select("b[@c]"), Path("//b/@c"), Markup("<i>%s</i>") % "<")
print(HTML("<p><b>x</b></p>") | Transformer("b").wrap("u").after("!").end())
print(
    list(Translator().extract(HTML("<p title='t'>Hello</p>"))),
    str(HTMLSanitizer.__doc__).splitlines()[0],
)
""",
    ),
    (
        "templates genshi plugins",
        """from importlib.metadata import entry_points
for group in ("python.templating.engines", "babel.extractors"):
    print(sorted((point.name, point.value, point.extras) for point in entry_points(group=group)))
(point,) = entry_points(group="python.templating.engines", name="genshi-text")
plugin = point.load()(options={"genshi.new_text_syntax": "yes"})
template = plugin.load_template("", "{% for x in y %}$x, {% end %}{# no #}")
print(plugin.render({"y": [1, 2]}, template=template), type(plugin).__doc__, plugin.extension)
try:
    point.load()(options={"genshi.lookup_errors": "nothing"})
except Exception as error:
    print(type(error).__name__, error)
""",
    ),
]

"""Fonts that are made, read and changed with fonttools."""

REQUIRES = ["fonttools==4.62.1"]

FILES = {
    "app.py": """import io

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont


def square(size):
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for point in ((0, size), (size, size), (size, 0)):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


def font():
    builder = FontBuilder(1000, isTTF=True)
    names = [".notdef", "A", "B", "f", "i", "f_i"]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({65: "A", 66: "B", 102: "f", 105: "i"})
    builder.setupGlyf({name: square(100 * n) for n, name in enumerate(names, 1)})
    builder.setupHorizontalMetrics({name: (600, 0) for name in names})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Squares", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    out = io.BytesIO()
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    builder.save(out)
    return TTFont(io.BytesIO(out.getvalue()), recalcTimestamp=False)


if __name__ == "__main__":
    print(sorted(font().getBestCmap().values()))
"""
}

CALLS: list[tuple[str, str]] = [
    (
        "fonts as XML",
        """import app, io
out = io.StringIO()
app.font().saveXML(out, tables=["name", "hhea", "cmap", "glyf"], writeVersion=False)
print(out.getvalue())
""",
    ),
    (
        "fonts features",
        """import app, io
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
font = app.font()
addOpenTypeFeaturesFromString(font, '''languagesystem DFLT dflt;
feature liga { sub f i by f_i; } liga;
feature kern { pos A B -50; } kern;
''')
out = io.StringIO()
font.saveXML(out, tables=["GSUB", "GPOS"], writeVersion=False)
print(out.getvalue())
""",
    ),
    (
        "fonts feature errors",
        """import app
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString

for text in (
    "feature liga { sub f i by; } liga;",
    "include(nothing.fea);",
    "feature x { pos A; } y;",
):
    try:
        addOpenTypeFeaturesFromString(app.font(), text)
    except Exception as error:
        print(type(error).__module__, type(error).__name__, error)
""",
    ),
    (
        "fonts subset",
        """import app
from fontTools import subset
options = subset.Options(layout_features=["*"], notdef_outline=True)
subsetter = subset.Subsetter(options)
subsetter.populate(text="A")
subsetter.subset(font := app.font())
print(font.getGlyphOrder(), font["maxp"].numGlyphs, sorted(font.keys()))
print(options.parse_opts(["--no-hinting", "--desubroutinize"]), options.hinting)
""",
    ),
    (
        "fonts help of subset",
        """from fontTools import subset
try:
    subset.main(["--help"])
except SystemExit as error:
    print(error.code)
print(subset.main(["nothing.ttf"]))
""",
    ),
    (
        "fonts help of all tools",
        """import runpy, sys
sys.argv = ["fonttools", "help"]
try:
    runpy.run_module("fontTools", run_name="__main__")
except SystemExit as error:
    print(error.code)
""",
    ),
    (
        "fonts help of ttx and others",
        """from fontTools import ttx
from fontTools.varLib import instancer, interpolatable
for tool, option in (
    (ttx.main, "--wrong"), (instancer.main, "-h"), (interpolatable.main, "-h"), (ttx.main, "-h"),
):
    try:
        print(tool([option]))
    except SystemExit as error:
        print(error.code)
""",
    ),
    (
        "fonts pens",
        """import app
from fontTools.pens.areaPen import AreaPen
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.statisticsPen import StatisticsPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.svgLib.path import parse_path
glyphs = app.font().getGlyphSet()
for pen in (AreaPen(glyphs), BoundsPen(glyphs), StatisticsPen(glyphs), SVGPathPen(glyphs)):
    glyphs["B"].draw(pen)
    fields = ("value", "bounds", "meanX", "variance", "_commands")
    print(type(pen).__name__, {f: getattr(pen, f) for f in fields if hasattr(pen, f)})
parse_path("M0 0 C 10 0 10 10 0 10 Z", pen := DecomposingRecordingPen({}))
print(pen.value)
""",
    ),
    (
        "fonts designspace and variation",
        """from fontTools.designspaceLib import DesignSpaceDocument
from fontTools.varLib.models import VariationModel, normalizeLocation, piecewiseLinearMap
document = DesignSpaceDocument()
document.addAxisDescriptor(name="weight", tag="wght", minimum=100, default=400, maximum=900)
document.addSourceDescriptor(filename="a.ufo", name="a", location={"weight": 400})
document.addInstanceDescriptor(name="i", familyName="F", styleName="S", location={"weight": 700})
print(document.tostring().decode())
print(document.axes[0], document.findDefault())
model = VariationModel([{}, {"wght": 1}, {"wght": -1}])
print(model.getDeltas([1, 3, 5]), normalizeLocation({"wght": 700}, {"wght": (100, 400, 900)}))
""",
    ),
    (
        "fonts names and encodings",
        """import fontTools.encodings.codecs
from fontTools import agl, unicodedata
from fontTools.misc import eexec, plistlib, sstruct, timeTools
from fontTools.ttLib import TTFont, TTLibError, getTableClass
import io
print(agl.toUnicode("f_i"), agl.UV2AGL[0xE4], unicodedata.script("я"), unicodedata.block("ß"))
print(unicodedata.script_name("Deva"), unicodedata.ot_tags_from_script("Beng"))
print(b"\\x80a".decode("x_mac_japanese_ttx", "replace"), getTableClass("GPOS").__name__)
print(plistlib.dumps({"a": [1, 2.5, True]}).decode(), timeTools.timestampToString(0))
try:
    TTFont(io.BytesIO(b"nothing at all"))
except TTLibError as error:
    print(type(error).__name__, error)
""",
    ),
]

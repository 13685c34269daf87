"""Office files and pictures: openpyxl, xlsxwriter, python-docx, python-pptx, lxml and pillow."""

REQUIRES = [
    "lxml==6.0.2",
    "openpyxl==3.1.5",
    "pillow==12.2.0",
    "python-docx==1.2.0",
    "python-pptx==1.0.2",
    "xlsxwriter==3.3.0",
]

FILES = {
    "app.py": """import openpyxl


def sheet():
    book = openpyxl.Workbook()
    book.active.append(["name", "price"])
    book.active.append(["hat", 2.5])
    return book.active


if __name__ == "__main__":
    print(sheet()["A2"].value)
"""
}

CALLS: list[tuple[str, str]] = [
    (
        "offices openpyxl",
        """import io
import app, openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

sheet = app.sheet()
sheet["B3"] = "=SUM(B2:B2)"
sheet["B3"].font = Font(bold=True)
sheet["A1"].fill = PatternFill("solid", "FF0000")
chart = BarChart()
chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
sheet.add_chart(chart, "D1")
sheet.merge_cells("A5:B6")
sheet.add_data_validation(DataValidation("list", "'a,b'"))
sheet.conditional_formatting.add(
    "B1:B9", ColorScaleRule("min", start_color="FFAA0000", end_type="max", end_color="FF00AA00")
)
sheet.parent.save(out := io.BytesIO())
again = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active
print(
    list(again.values),
    again["B3"].font.b,
    again.merged_cells,
    again._charts[0].tagname,
    again["A1"].fill,
)
""",
    ),
    (
        "offices openpyxl errors",
        """import io
import app, openpyxl
from openpyxl.formula import Tokenizer, translate
from openpyxl.utils import cell, exceptions
from openpyxl.styles import Alignment

sheet = app.sheet()
for wrong in (
    lambda: sheet["nothing"],
    lambda: sheet.append(5),
    lambda: openpyxl.load_workbook(io.BytesIO(b"x")),
    lambda: cell.column_index_from_string("ABCD"),
    lambda: Alignment(textRotation=999),
    lambda: sheet.cell(0, 1),
    lambda: setattr(sheet["A1"], "value", [1]),
    lambda: openpyxl.load_workbook("a.xls"),
    lambda: setattr(sheet, "title", "a/b"),
):
    try:
        print(wrong())
    except Exception as error:
        print(type(error).__name__, error)
print([(t.value, t.type) for t in Tokenizer("=IF(A1>1,'x'!B2,SUM(1:2))").items])
print(translate.Translator("=A1+$B$2", "C3").translate_formula("D5"), cell.get_column_letter(703))
""",
    ),
    (
        "offices xlsxwriter",
        """import datetime, io, zipfile
import xlsxwriter
from xlsxwriter import utility

book = xlsxwriter.Workbook(out := io.BytesIO(), {"in_memory": True})
book.set_properties({"created": datetime.datetime(2024, 1, 1)})
sheet = book.add_worksheet("s")
sheet.write_row(0, 0, [1, "a", True, None, "=A1"])
sheet.add_sparkline(1, 1, {"range": "A1:C1"})
sheet.add_table("A3:B5", {"columns": [{"header": "x"}, {"header": "y"}]})
sheet.conditional_format("A1:A9", {"type": "data_bar", "data_bar_2010": True})
chart = book.add_chart({"type": "doughnut"})
chart.add_series({"values": "=s!$A$1:$A$2"})
sheet.insert_chart("D1", chart)
book.close()
archive = zipfile.ZipFile(out)
for name in ("xl/worksheets/sheet1.xml", "xl/charts/chart1.xml", "xl/tables/table1.xml"):
    print(archive.read(name).decode())
print(
    sorted(archive.namelist()), utility.xl_rowcol_to_cell(9, 27), utility.xl_range_abs(0, 0, 1, 1)
)
""",
    ),
    (
        "offices docx",
        """import io
import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt, RGBColor

document = docx.Document()
document.add_heading("Title", 0)
paragraph = document.add_paragraph("Some ", style="List Bullet")
run = paragraph.add_run("bold")
run.bold = True
run.font.size = Pt(9)
run.font.color.rgb = RGBColor(1, 2, 3)
paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
table = document.add_table(1, 2, style="Light Grid Accent 1")
table.cell(0, 1).text = "cell"
document.sections[0].header.paragraphs[0].text = "head"
document.sections[0].left_margin = Cm(3)
document.save(out := io.BytesIO())
again = docx.Document(io.BytesIO(out.getvalue()))
print(
    [(p.text, p.style.name, p.alignment) for p in again.paragraphs],
    len(again.styles),
    again.core_properties.author,
)
print(
    paragraph._p.xml,
    WD_ALIGN_PARAGRAPH.CENTER.__doc__,
    WD_ALIGN_PARAGRAPH.from_xml("both"),
    table.rows[0].height,
)
""",
    ),
    (
        "offices docx and pptx errors",
        """import io, docx, pptx
from docx.enum.style import WD_STYLE_TYPE
from pptx.enum.shapes import MSO_SHAPE

document, slides = docx.Document(), pptx.Presentation()
for wrong in (
    lambda: docx.Document("nothing.docx"),
    lambda: document.styles["nothing"],
    lambda: slides.slides[3],
    lambda: pptx.Presentation(io.BytesIO(b"x")),
    lambda: document.add_picture(io.BytesIO(b"GIF8")),
    lambda: document.add_heading("x", 11),
    lambda: slides.slide_layouts.get_by_name("nothing"),
    lambda: MSO_SHAPE.from_xml("nothing"),
    lambda: docx.shared.RGBColor(300, 0, 0),
):
    try:
        print(wrong())
    except Exception as error:
        print(type(error).__name__, str(error).split(" at 0x")[0])
print(
    MSO_SHAPE.CHEVRON,
    MSO_SHAPE.CHEVRON.__doc__,
    str(MSO_SHAPE.__doc__).strip().splitlines()[0],
    repr(WD_STYLE_TYPE.LIST),
)
""",
    ),
    (
        "offices pptx",
        """import io
import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

slides = pptx.Presentation()
slide = slides.slides.add_slide(slides.slide_layouts[1])
slide.shapes.title.text = "Title"
slide.placeholders[1].text = "one\\ntwo"
data = CategoryChartData()
data.categories = ["a", "b"]
data.add_series("s", (1, 2.5))
frame = slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(3), Inches(2), data)
table = slide.shapes.add_table(1, 1, 0, 0, Inches(1), Inches(1)).table
table.cell(0, 0).text = "c"
slide.notes_slide.notes_text_frame.text = "note"
slides.save(out := io.BytesIO())
again = pptx.Presentation(io.BytesIO(out.getvalue())).slides[0]
print([(s.shape_type, s.name, s.has_text_frame and s.text_frame.text) for s in again.shapes])
print(
    again.shapes[2].chart.plots[0].categories[1],
    again.notes_slide.notes_text_frame.text,
    len(slides.slide_layouts),
)
print(frame.chart._chartSpace.xml[:900])
""",
    ),
    (
        "offices lxml",
        """import io
from lxml import builder, etree, html, objectify
from lxml.html import diff

root = builder.E.a(builder.E.b("x", c="1"), "tail <", etree.Comment("no"), n="ä")
print(
    etree.tostring(root, pretty_print=True),
    root.xpath("//b[@c=$v]/text()", v="1"),
    root.find("b").tag,
)
style = etree.XSLT(
    etree.XML('''<s:stylesheet version="1.0" xmlns:s="http://www.w3.org/1999/XSL/Transform">
<s:template match="/"><r><s:value-of select="count(//*)"/></r></s:template></s:stylesheet>''')
)
print(
    str(style(root)), etree.tostring(etree.fromstring("<!DOCTYPE a [<!ENTITY e 'v'>]><a>&e;</a>"))
)
page = html.fromstring(
    "<p class='k'>a<br>b <a href='/x?y=1'>link</a><form><input name=i value=1></form>"
)
page.make_links_absolute("https://there/")
print(html.tostring(page), page.forms[0].form_values(), list(page.iterlinks())[0][2])
thing = objectify.fromstring("<o><n>5</n><n>6</n><t>true</t></o>")
print(thing.n + 1, [n.pyval for n in thing.n], objectify.dump(thing), objectify.annotate.__doc__)
print([event for event, _ in etree.iterparse(io.BytesIO(b"<a><b/></a>"), ("start", "end"))])
print(diff.htmldiff("<p>a b</p>", "<p>a c</p>"), str(diff.htmldiff.__doc__).strip().splitlines()[0])
""",
    ),
    (
        "offices lxml schemas",
        """from lxml import etree, isoschematron

schema = etree.XML('''<schema xmlns="http://purl.oclc.org/dsdl/schematron">
<pattern id="p"><rule context="a">
<assert test="@b">no b</assert></rule></pattern></schema>''')
checked = isoschematron.Schematron(schema, store_report=True)
print(
    checked.validate(etree.XML("<a b='1'/>")),
    checked.validate(etree.XML("<a/>")),
    checked.error_log,
)
print(etree.tostring(checked.validation_report).decode()[-400:])
relax = etree.RelaxNG(
    etree.XML('<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><text/></element>')
)
print(relax.validate(etree.XML("<b/>")), relax.error_log.last_error)
xsd = etree.XMLSchema(
    etree.XML('''<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema">
<s:element name="a" type="s:int"/></s:schema>''')
)
for text in ("<a>1</a>", "<a>x</a>"):
    try:
        print(xsd.assertValid(etree.XML(text)))
    except etree.DocumentInvalid as error:
        print(error)
try:
    etree.XML("<a><b></a>")
except etree.XMLSyntaxError as error:
    print(error, error.position, etree.XMLSchema.__doc__)
""",
    ),
    (
        "offices pillow",
        """import io
from PIL import Image, ImageDraw, ImageFont, ImageFilter, ImageOps, ImageStat

picture = Image.new("RGB", (40, 30), "navy")
draw = ImageDraw.Draw(picture)
draw.ellipse((5, 5, 25, 25), fill="#ff8800", outline="white", width=2)
draw.text((2, 2), "Hi ä", font=ImageFont.load_default(), fill="hsl(120, 100%, 50%)")
for kind in (
    "PNG",
    "GIF",
    "BMP",
    "TIFF",
    "PPM",
    "ICO",
    "TGA",
    "PCX",
    "SGI",
    "PDF",
    "EPS",
    "XBM",
    "DDS",
):
    source = picture.convert("1") if kind == "XBM" else picture
    source.save(out := io.BytesIO(), kind)
    if kind not in ("PDF", "EPS"):
        again = Image.open(io.BytesIO(out.getvalue()))
        print(
            kind,
            again.format_description,
            again.size,
            again.mode,
            sum(again.convert("L").histogram()[100:]),
        )
print(
    ImageStat.Stat(picture.filter(ImageFilter.GaussianBlur(2))).mean,
    ImageOps.autocontrast(picture).getpixel((9, 9)),
)
print(ImageFont.load_default(12).getbbox("Hi"), ImageFont.load_default().getname())
""",
    ),
    (
        "offices pillow errors and help",
        """import io
from PIL import ExifTags, Image, ImageColor, ImageFont, features

for wrong in (
    lambda: Image.open(io.BytesIO(b"x")),
    lambda: Image.new("XX", (1, 1)),
    lambda: ImageColor.getrgb("x"),
    lambda: Image.new("RGBA", (1, 1)).save(io.BytesIO(), "JPEG"),
    lambda: ImageFont.truetype("nothing.ttf"),
    lambda: Image.new("L", (1, 1)).save("/tmp/a.nothing"),
    lambda: features.check("nothing"),
    lambda: Image.frombytes("L", (2, 2), b"x"),
    lambda: Image.new("L", (2, 2)).transpose(9),
):
    try:
        print(wrong())
    except Exception as error:
        print(type(error).__name__, str(error).split(" at 0x")[0].split("<_io")[0])
Image.init()
print(
    sorted(Image.OPEN),
    len(Image.registered_extensions()),
    Image.Resampling.LANCZOS,
    ExifTags.TAGS[271],
)
print(
    str(Image.Image.rotate.__doc__).strip().splitlines()[0],
    Image.merge.__doc__,
    str(features.pilinfo.__doc__)[:60],
)
features.pilinfo(out := io.StringIO(), supported_formats=False)
print([line for line in out.getvalue().splitlines() if "Pillow" in line][:1])
""",
    ),
]

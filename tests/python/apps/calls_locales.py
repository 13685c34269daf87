"""Languages, countries, numbers and dates: babel, pycountry, emoji and dateutil."""

REQUIRES = ["babel==2.18.0", "emoji==2.16.0", "pycountry==26.2.16", "python-dateutil==2.9.0.post0"]

FILES = {
    "app.py": """from babel.numbers import format_decimal

if __name__ == "__main__":
    print(format_decimal(1234.5, locale="en"))
"""
}

CALLS: list[tuple[str, str]] = [
    (
        "locales numbers",
        """from babel import numbers as n

for locale in ("de_CH", "hi_IN", "ar_EG", "fr"):
    print(
        n.format_currency(1234567.891, "EUR", locale=locale),
        n.format_percent(0.256, locale=locale),
        n.format_compact_decimal(12345, locale=locale),
        n.format_scientific(12345, locale=locale),
    )
print(n.get_currency_name("JPY", 2, locale="cs"), n.parse_decimal("1.234,5", locale="de"))
""",
    ),
    (
        "locales dates",
        """from datetime import date, datetime, time, timedelta, timezone
from babel import dates as d
moment = datetime(2024, 2, 29, 13, 5, 9, tzinfo=timezone.utc)
for locale in ("ja", "ru_RU", "he", "pt_BR"):
    print(d.format_datetime(moment, "full", locale=locale), d.format_date(moment, locale=locale),
        d.format_timedelta(timedelta(days=40), locale=locale), d.format_skeleton("yMMMd", moment,
        locale=locale))
print(d.format_interval(date(2024, 1, 1), date(2024, 3, 1), "yMMMd", locale="en"))
print(dict(d.get_day_names(locale="sv")), dict(d.get_period_names(locale="en")))
""",
    ),
    (
        "locales names",
        """from babel import Locale, UnknownLocaleError, negotiate_locale, parse_locale
zh = Locale.parse("zh_Hant_TW")
print(zh, repr(zh), zh.get_display_name("en"), zh.languages["de"], zh.territories["FR"])
print(zh.text_direction, Locale("ar").plural_form(3), Locale("pl").ordinal_form(2))
print(negotiate_locale(["xx", "pt-BR"], ["pt_BR", "de"]), parse_locale("uk_UA.UTF-8@x"))
for text in ("xx_YY", "not a locale"):
    try:
        Locale.parse(text)
    except (UnknownLocaleError, ValueError) as error:
        print(type(error).__name__, error)
""",
    ),
    (
        "locales units and lists",
        """from babel import lists, units

for locale in ("en", "ko", "sw"):
    print(
        lists.format_list(["a", "b", "c"], "or", locale),
        units.format_unit(3, "length-meter", "long", locale=locale),
        units.format_compound_unit(150, "kilowatt", 1, "hour", locale=locale),
    )
try:
    units.format_unit(1, "length-nothing", locale="en")
except Exception as error:
    print(type(error).__name__, error)
""",
    ),
    (
        "locales messages",
        """import io
from babel.messages import Catalog, extract, mofile, pofile
from babel.messages.checkers import checkers
source = b"_('Hello')\\nngettext('%d file', '%d files', n)  # L10N: count\\nf(_(u'x'))"
found = list(extract.extract("python", io.BytesIO(source), comment_tags=["L10N:"]))
print(found, list(extract.extract("javascript", io.BytesIO(b"gettext(`a ${b}`); _('c')"))))
catalog = Catalog(locale="pl", project="p", version="1", header_comment="# c")
for line, names, comments, _context in found:
    catalog.add(names, locations=[("a.py", line)], auto_comments=comments)
pofile.write_po(out := io.BytesIO(), catalog, omit_header=True, width=40)
print(out.getvalue().decode(), len(checkers), catalog.num_plurals, catalog.plural_expr)
mofile.write_mo(out := io.BytesIO(), catalog)
print(len(out.getvalue()))
""",
    ),
    (
        "locales from the command line",
        """from babel.messages import frontend
for line in (["pybabel", "--help"], ["pybabel", "extract", "--help"], ["pybabel", "nothing"],
        ["pybabel", "--list-locales"]):
    try:
        print(frontend.main.__name__, frontend.CommandLineInterface().run(line))
    except SystemExit as error:
        print(error.code)
""",
    ),
    (
        "locales countries",
        """import pycountry
print(pycountry.countries.get(alpha_2="DE"), pycountry.countries.search_fuzzy("Côte")[0].name)
print(pycountry.subdivisions.get(code="FR-75"), len(pycountry.subdivisions.get(country_code="CH")))
print(pycountry.languages.get(alpha_3="bre").name, pycountry.currencies.get(numeric="978").name)
print(pycountry.historic_countries.get(alpha_4="SUHH"), pycountry.scripts.get(name="Runic").alpha_4)
print(pycountry.countries.lookup("bolivia, plurinational state of").flag, len(pycountry.languages))
""",
    ),
    (
        "locales country errors and translations",
        """import gettext
import pycountry
for search in (pycountry.countries.lookup, pycountry.countries.search_fuzzy):
    try:
        search("Atlantis")
    except LookupError as error:
        print(type(error).__name__, error)
for language in ("de", "zh_CN"):
    text = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language])
    print(text.gettext("Switzerland"), len(text._catalog))
print(type(pycountry.countries.get(alpha_2="FR")).__name__, pycountry.countries.get(alpha_2="XX"))
""",
    ),
    (
        "locales emoji",
        """import emoji

print(emoji.demojize("🐍 👩‍🚀 🇩🇪", language="de"), emoji.demojize("🐍", language="ja"))
print(
    emoji.emojize(":thumbs_up: :Daumen_hoch:", language="de"),
    emoji.emojize(":+1:", language="alias"),
)
print(list(emoji.analyze("a🤷🏽b", non_emoji=True)), [t.value for t in emoji.analyze("🤷🏽")])
print(emoji.version("🫠"), emoji.emoji_count("👪👪x"), emoji.is_emoji("x"), len(emoji.EMOJI_DATA))
try:
    emoji.demojize("🐍", language="tlh")
except Exception as error:
    print(type(error).__name__, error)
""",
    ),
    (
        "locales dateutil",
        """from datetime import datetime
from dateutil import easter, parser, relativedelta, rrule, tz, zoneinfo

print(parser.parse("Thu Sep 25 10:36:28 2003"), parser.parse("3rd of May 2001 5pm", fuzzy=True))
print(list(rrule.rrulestr("FREQ=MONTHLY;COUNT=3;BYDAY=-1FR", dtstart=datetime(2024, 1, 1))))
print(
    relativedelta.relativedelta(datetime(2024, 3, 1), datetime(2023, 1, 31)), easter.easter(2024)
)
zone = zoneinfo.get_zonefile_instance().get("Europe/Rome")
print(
    datetime(2024, 7, 1, tzinfo=zone).utcoffset(), zone, zoneinfo.get_zonefile_instance().metadata
)
for text in ("32 January", "", "nothing"):
    try:
        parser.parse(text)
    except parser.ParserError as error:
        print(repr(error), error)
print(str(rrule.rrule.replace.__doc__).strip().splitlines()[0])
""",
    ),
]

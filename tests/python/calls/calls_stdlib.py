"""Typical calls of the standard library; see run_calls.py."""

CALLS: list[tuple[str, str]] = [
    (
        "stdlib decimal fractions",
        """from decimal import ROUND_HALF_UP, Decimal, getcontext, localcontext
from fractions import Fraction
with localcontext() as context:
    context.prec = 30
    print(Decimal(2).sqrt(), Decimal("2.675").quantize(Decimal("0.01"), ROUND_HALF_UP))
result = (Fraction("0.125") + Fraction(1, 3), Fraction(3.14159).limit_denominator(100),
    f"{Fraction(1, 3):.3f}")
""",
    ),
    (
        "stdlib statistics random",
        """import random, statistics as s
print(s.median_grouped([1, 2, 2, 3]), s.NormalDist(0, 1).cdf(1.96), s.quantiles(range(9)),
    s.multimode("aab"))
print(s.linear_regression([1, 2, 3], [2, 4, 7]), s.harmonic_mean([40, 60]), s.kde([1, 2], 1.0)(1.5))
random.seed(5)
result = random.sample(range(100), 4), random.gauss(0, 1), random.choices("abc", [1, 2, 3], k=4)
""",
    ),
    (
        "stdlib csv",
        r"""import csv, io
rows = list(csv.DictReader(io.StringIO("a;b\n1;'x;y'\n"), delimiter=";", quotechar="'"))
csv.DictWriter(out := io.StringIO(), ["b", "a"], quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
result = rows, out.getvalue(), csv.Sniffer().sniff("a|b\n1|2\n").delimiter, csv.list_dialects()
""",
    ),
    (
        "stdlib sqlite3",
        """import sqlite3
base = sqlite3.connect(":memory:"); base.row_factory = sqlite3.Row
base.create_function("twice", 1, lambda v: v * 2)
base.executescript("create table t(a integer primary key, b); insert into t(b) values('x'),('y')")
rows = [dict(row) for row in base.execute("select a, twice(b) as bb from t where a > ?", (1,))]
result = rows, list(base.iterdump())
""",
    ),
    (
        "stdlib xml.etree",
        """import io
import xml.etree.ElementTree as ET
root = ET.fromstring("<r><i n='1'>a</i><i n='2'/></r>")
ET.SubElement(root, "j").text = "<&>"; ET.indent(root)
print(ET.tostring(root, encoding="unicode"), root.find("i[@n='2']").attrib)
result = ([e for e, _ in ET.iterparse(io.BytesIO(b"<a><b/></a>"), ("start", "end"))],
    ET.canonicalize("<a/>"))
""",
    ),
    (
        "stdlib xml.dom sax",
        """import io, xml.sax
from xml.dom import minidom
from xml.sax.saxutils import XMLGenerator, escape, quoteattr
document = minidom.parseString("<a><b c='d'>e</b></a>")
xml.sax.parseString(b"<x y='1'>z</x>", XMLGenerator(out := io.StringIO()))
result = document.toprettyxml(indent=" "), out.getvalue(), escape("<&>"), quoteattr("it's")
""",
    ),
    (
        "stdlib html.parser",
        """import html
from html.parser import HTMLParser
class Links(HTMLParser):
    def handle_starttag(self, tag, attrs): print(tag, attrs)
    def handle_data(self, data): print(repr(data))
Links().feed("<p>a&amp;b <a href='x?y=1&copy'>c</a><br/><script>1<2</script>")
result = html.escape("<a href='x'>"), html.unescape("&eacute;&#8364;&notit;")
""",
    ),
    (
        "stdlib email",
        r"""from email import message_from_string, policy, utils
from email.message import EmailMessage
message = EmailMessage(); message["Subject"] = "Zażółć"; message["To"] = "Ann <ann@example.org>"
message.set_content("Grüße\n"); message.add_alternative("<p>Hi</p>", subtype="html")
print(message["To"].addresses[0].domain, [p.get_content_type() for p in message.walk()])
print(message_from_string("Subject: =?utf-8?q?caf=C3=A9?=\n\nhi", policy=policy.default)["subject"])
print(message["Subject"], message.get_body().get_content(), utils.parseaddr("B <b@c.d>"))
result = utils.parsedate_to_datetime("Mon, 01 Jan 2024 00:00:00 +0100")
""",
    ),
    (
        "stdlib configparser",
        r"""import configparser, io
parser = configparser.ConfigParser(interpolation=configparser.ExtendedInterpolation())
parser.read_string("[a]\nroot = /x\n[b]\ndir = ${a:root}/y\non = yes\nn: 3\n")
parser["b"]["new"] = "1"
parser.write(out := io.StringIO())
result = parser["b"]["dir"], parser.getboolean("b", "on"), parser.getint("b", "n"), out.getvalue()
""",
    ),
    (
        "stdlib argparse",
        """import argparse
parser = argparse.ArgumentParser("tool", description="A tool.", color=False, exit_on_error=False)
parser.add_argument("-n", "--number", type=int, choices=[1, 2], default=1, help="how many")
print(parser.format_help(), parser.parse_args(["-n", "2"]))
try: parser.parse_args(["-n", "3"])
except argparse.ArgumentError as error: result = str(error)
""",
    ),
    (
        "stdlib optparse getopt shlex cmd",
        r"""import cmd, getopt, optparse, shlex
parser = optparse.OptionParser(prog="p"); parser.add_option("-v", action="count", default=0)
print(parser.parse_args(["-vv", "x"])[0].v, getopt.gnu_getopt(["a", "--b=1", "-c"], "c", ["b="]))
class Shell(cmd.Cmd):
    def do_hi(self, line): print("hi", line)
Shell().onecmd("hi you")
result = shlex.split("a 'b c' --d=\"e f\""), shlex.join(["a b", "c"]), list(shlex.shlex("x=1;"))
""",
    ),
    (
        "stdlib difflib",
        r"""import difflib
a, b = ["one", "two", "three"], ["one", "tree", "four"]
print(*difflib.unified_diff(a, b, "a", "b", lineterm=""), *difflib.ndiff(a, b), sep="\n")
print(len(difflib.HtmlDiff().make_file(a, b)) > 1000)
result = (difflib.get_close_matches("appel", ["ape", "apple", "peach"]),
    difflib.SequenceMatcher(None, "abcd", "bcde").ratio())
""",
    ),
    (
        "stdlib textwrap string",
        r"""import string, textwrap
print(textwrap.fill("The quick brown fox jumps over the lazy dog.", 20, initial_indent="* "))
print(textwrap.shorten("Hello big world", 12), textwrap.dedent("  a\n   b"),
    textwrap.indent("a\nb", "> "))
result = (string.Template("$who owes ${n}").safe_substitute(who="x"), string.capwords("ab cd"),
    list(string.Formatter().parse("a{b!r:>3}")))
""",
    ),
    (
        "stdlib string.templatelib annotationlib",
        """import annotationlib
name = "x"
template = t"Hello {name!r:>4}"
def f(a: Missing) -> int: ...
print(type(template), template.strings, template.interpolations[0].expression, template.values)
result = annotationlib.get_annotations(f, format=annotationlib.Format.STRING)
""",
    ),
    (
        "stdlib uuid hashlib hmac base64",
        r"""import base64, binascii, hashlib, hmac, uuid
print(uuid.uuid5(uuid.NAMESPACE_DNS, "example.org"), uuid.UUID(int=5).hex, binascii.crc32(b"a"))
for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b", "blake2s"):
    print(name, hashlib.new(name, b"a").hexdigest(), hmac.new(b"k", b"m", name).hexdigest())
print(hashlib.shake_128(b"a").hexdigest(4), base64.b85encode(b"hello"), base64.b32hexencode(b"hi"))
result = base64.a85decode(b"87cURD]j"), base64.urlsafe_b64encode(b"\xff\xfe")
""",
    ),
    (
        "stdlib zipfile tarfile",
        """import io, tarfile, zipfile
with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("d/a.txt", "A" * 99); archive.writestr("b.txt", "B", zipfile.ZIP_LZMA)
print(zipfile.Path(buffer, "d/a.txt").read_text()[:3], zipfile.ZipFile(buffer).testzip())
with tarfile.open(fileobj=(tar := io.BytesIO()), mode="w:bz2") as archive:
    (info := tarfile.TarInfo("x")).size = 3; archive.addfile(info, io.BytesIO(b"abc"))
tar.seek(0); result = [(m.name, m.size) for m in tarfile.open(fileobj=tar)], zipfile.is_zipfile(tar)
""",
    ),
    (
        "stdlib gzip bz2 lzma zstd",
        r"""import bz2, gzip, lzma
from compression import zstd, zlib
for kind in (gzip, bz2, lzma, zstd, zlib):
    print(kind.__name__, kind.decompress(kind.compress(b"abc" * 500)) == b"abc" * 500)
with lzma.open("/tmp/calls-x.xz", "wt", encoding="utf-8") as file: file.write("é\n")
result = lzma.open("/tmp/calls-x.xz").read(), lzma.is_check_supported(lzma.CHECK_SHA256)
""",
    ),
    (
        "stdlib pickle copy copyreg",
        """import collections, copy, datetime, pickle, pickletools
data = {"a": [1, (2.5, None)], "d": datetime.date(2024, 1, 2), "c": collections.OrderedDict(x=1)}
print(pickle.loads(pickle.dumps(data)) == data, pickle.dumps([1, "a"], 4))
pickletools.dis(pickle.dumps((1,), 2))
deep = copy.deepcopy(data); deep["a"].append(3)
result = data, copy.replace(datetime.date(2024, 1, 2), day=5), copy.copy(data) is data
""",
    ),
    (
        "stdlib dataclasses enum typing",
        """import dataclasses, enum, typing
@dataclasses.dataclass(order=True, slots=True, frozen=True)
class Item:
    name: str
    tags: list[str] = dataclasses.field(default_factory=list, compare=False)
print(Item("b") > Item("a", ["x"]), dataclasses.asdict(Item("c")), typing.get_type_hints(Item))
result = dataclasses.replace(Item("a"), name="z"), list(enum.IntFlag("Level", "LOW MID HIGH"))
""",
    ),
    (
        "stdlib asyncio queues",
        """import asyncio
async def double(n): return n * 2
try: double(4).send(None)
except StopIteration as stop: print(stop.value)
queue = asyncio.PriorityQueue(2); queue.put_nowait("b"); queue.put_nowait("a")
result = queue.full(), queue.get_nowait(), asyncio.Semaphore(2).locked(), asyncio.Event().is_set()
""",
    ),
    (
        "stdlib contextlib functools",
        """import contextlib, functools, operator
@functools.lru_cache(maxsize=None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
show = functools.singledispatch(lambda value: "other"); show.register(int)(lambda value: "int")
with contextlib.ExitStack() as stack: stack.callback(print, "bye"); stack.callback(print, "first")
result = show(1), show(""), fib(50), fib.cache_info(), functools.reduce(operator.mul, [2, 3, 4])
""",
    ),
    (
        "stdlib itertools collections",
        """import collections, itertools
print(list(itertools.batched("abcde", 2)), list(itertools.accumulate([1, 2, 3], max)),
    list(itertools.pairwise("abc")))
print({k: len(list(g)) for k, g in itertools.groupby("aabc")},
    collections.Counter("banana").most_common(2))
result = (collections.ChainMap({"a": 1}, {"b": 2})["b"], collections.deque([1, 2, 3], 2),
    collections.namedtuple("P", "x y")(1, 2)._asdict(), collections.UserString("a") * 2)
""",
    ),
    (
        "stdlib heapq bisect graphlib",
        """import bisect, graphlib, heapq, queue, array
print(heapq.nsmallest(2, [5, 1, 4]), list(heapq.merge([1, 4], [2, 3])),
    bisect.bisect_left([1, 3, 3], 3))
try: list(graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())
except graphlib.CycleError as error: print(error.args[0])
result = (list(graphlib.TopologicalSorter({"c": ["b"], "b": ["a"]}).static_order()),
    array.array("h", [1, 2]).tobytes(), queue.PriorityQueue().empty())
""",
    ),
    (
        "stdlib ipaddress urllib.parse",
        """import ipaddress
from urllib import parse, robotparser
print(list(ipaddress.ip_network("10.0.0.0/30").hosts()), ipaddress.ip_address("::1").exploded)
print(parse.urlsplit("https://u@h:8/p;x?q=1#f").port, parse.urljoin("http://a/b/c", "../d"))
rules = robotparser.RobotFileParser(); rules.parse(["User-agent: *", "Disallow: /x"])
print(rules.can_fetch("b", "http://a/x/y"), parse.urlencode({"a": ["x y", "é"]}, doseq=True))
result = parse.parse_qs("a=1&a=2&b="), parse.unquote_plus("a+%C3%A9"), parse.quote("ü/ ~")
""",
    ),
    (
        "stdlib http mimetypes",
        r"""import http, mimetypes
from http.cookies import SimpleCookie
cookie = SimpleCookie("a=1; b=\"x y\""); cookie["a"]["max-age"] = 60
print(cookie.output(), cookie["b"].value, http.HTTPStatus(404).phrase, http.HTTPMethod.PATCH)
result = (mimetypes.guess_type("a.tar.gz"), mimetypes.guess_extension("image/webp"),
    mimetypes.guess_file_type("/x/a.json"))
""",
    ),
    (
        "stdlib http.cookiejar urllib.request",
        r"""import io, http.client, http.cookiejar, urllib.error, urllib.request
request = urllib.request.Request("http://example.org/a?b", b"c", {"X-Y": "z"}, method="PUT")
headers = http.client.parse_headers(io.BytesIO(b"Content-Type: text/html; charset=x\r\n\r\n"))
print(request.host, request.get_method(), request.header_items(), headers.get_content_charset())
print(urllib.request.urlopen("data:text/plain;base64,aGk=").read())
result = len(http.cookiejar.CookieJar()), str(urllib.error.HTTPError("u", 404, "no", {}, None))
""",
    ),
    (
        "stdlib logging warnings",
        """import io, logging, logging.handlers, warnings
handler = logging.handlers.MemoryHandler(9, target=logging.StreamHandler(out := io.StringIO()))
handler.target.setFormatter(logging.Formatter("{levelname}:{name}:{message}", style="{"))
handler.handle(logging.LogRecord("n", logging.INFO, "p", 1, "%d", (2,), None))
handler.close()
with warnings.catch_warnings(record=True, action="always") as seen: warnings.warn("old")
result = out.getvalue(), len(seen), logging.getLevelNamesMapping()["ERROR"]
""",
    ),
    (
        "stdlib unittest",
        """import io, unittest
from unittest import mock
class Case(unittest.TestCase):
    def test_fail(self): self.assertEqual([1, 2], [1, 3])
    def test_mock(self): (m := mock.Mock(side_effect=[1, 2]))(5); m.assert_called_once_with(5)
suite = unittest.defaultTestLoader.loadTestsFromTestCase(Case)
out = unittest.TextTestRunner(io.StringIO(), verbosity=2).run(suite)
result = out, out.failures[0][1].splitlines()[3:], mock.call(1, a=2), mock.sentinel.x
""",
    ),
    (
        "stdlib doctest pdb trace",
        r"""import bdb, codeop, doctest, pdb, trace
text = ">>> 1 + 1\n3\n>>> [1,\n...  2]\n[1, 2]\n"
test = doctest.DocTestParser().get_doctest(text, {}, "t", None, 0)
print(doctest.DocTestRunner(verbose=False).run(test, out=print))
result = codeop.compile_command("if x:"), trace.Trace(count=1, trace=0).runfunc(len, "abc")
""",
    ),
    (
        "stdlib ast symtable",
        r"""import ast, symtable
tree = ast.parse("def f(a, *, b=1):\n    return [x for x in a if x > b]")
print(ast.dump(tree.body[0].args, indent=1), ast.unparse(tree), ast.literal_eval("{'a': (1, -2)}"))
table = symtable.symtable("def f(a):\n    global g\n    g = a", "t", "exec").get_children()[-1]
result = sorted(table.get_identifiers()), table.lookup("g").is_global(), table.get_parameters()
""",
    ),
    (
        "stdlib dis inspect",
        """import dis, inspect, json
def f(a, /, b: int = 2, *args, c, **kw): return a + b
dis.dis(compile("x = y + 1", "t", "exec")); print([i.opname for i in dis.Bytecode(f)])
print(inspect.signature(f), inspect.signature(json.dumps),
    inspect.getsource(json.loads).splitlines()[0])
result = (inspect.getfullargspec(f), inspect.signature(f).bind(1, c=3).arguments,
    inspect.getmodulename("/a/b.py"), inspect.isbuiltin(len))
""",
    ),
    (
        "stdlib tokenize keyword linecache traceback",
        r"""import io, keyword, linecache, tokenize, traceback
tokens = tokenize.generate_tokens(io.StringIO("x = f'{y}' # c\n").readline)
linecache.cache["<t>"] = (9, None, ["1 / 0\n"], "<t>")
try: exec(compile("1 / 0", "<t>", "exec"))
except ZeroDivisionError as error: print(traceback.format_exception(error)[2:])
result = list(tokens), keyword.issoftkeyword("match"), keyword.kwlist[:3]
""",
    ),
    (
        "stdlib json pprint reprlib",
        """import json, pprint, reprlib
print(json.dumps({"b": [1, 2.5, None], "a": "é"}, sort_keys=True, indent=1),
    json.loads("[1e3, NaN]"))
try: json.loads('{"a" 1}')
except json.JSONDecodeError as error: print(error)
pprint.pp({"k" * 30: list(range(20)), "z": {"y": "w " * 50}}, width=60)
result = pprint.pformat({3: 1, 1: 2}), reprlib.repr(list(range(99)))
""",
    ),
    (
        "stdlib struct ctypes array wave",
        """import array, ctypes, io, struct, wave
with wave.open(buffer := io.BytesIO(), "wb") as file:
    file.setparams((1, 2, 8000, 0, "NONE", "")); file.writeframes(array.array("h", [0, 9]))
buffer.seek(0); print(wave.open(buffer).getparams(), struct.pack("<hIq2s", 1, 2, 3, b"ab"))
class Pair(ctypes.BigEndianStructure): _fields_ = [("a", ctypes.c_uint8), ("b", ctypes.c_uint16)]
result = bytes(Pair(1, 2)), ctypes.sizeof(ctypes.c_void_p), struct.calcsize("@iq")
""",
    ),
    (
        "stdlib colorsys plistlib tomllib",
        r"""import colorsys, netrc, plistlib, quopri, tomllib
print(colorsys.rgb_to_hsv(0.2, 0.4, 0.4), plistlib.loads(plistlib.dumps({"a": [1, True],
    "b": b"x"})), quopri.encodestring("é=".encode()))
try: tomllib.loads("a = [1,,]")
except tomllib.TOMLDecodeError as error: print(error)
result = (tomllib.loads("[a.b]\nc = 1979-05-27T07:32:00Z\n[[d]]\ne = 0x1F\n"),
    plistlib.dumps({"k": 1}, fmt=plistlib.FMT_BINARY)[:6])
""",
    ),
    (
        "stdlib encodings codecs unicodedata",
        r"""import codecs, stringprep, unicodedata
for name in "cp1252 shift_jis gb18030 big5 euc_kr koi8-r utf-7 utf-32-be cp437 mac_roman".split():
    print(name, "é日Яa".encode(name, "xmlcharrefreplace"))
print("bücher.example".encode("idna"), "münchen".encode("punycode"), codecs.encode("Hi", "rot13"))
print(unicodedata.name("ß"), unicodedata.normalize("NFD", "é").encode(), codecs.BOM_UTF8)
result = unicodedata.lookup("SNOWMAN"), stringprep.in_table_a1("\u0221"), codecs.encode(b"a", "hex")
""",
    ),
    (
        "stdlib pathlib tempfile shutil glob",
        """import filecmp, fnmatch, glob, pathlib, shutil, tempfile
with tempfile.TemporaryDirectory(dir="/tmp") as folder:
    root = pathlib.Path(folder); (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "x.txt").write_text("hi"); shutil.copytree(root / "a", root / "c")
    shutil.make_archive(str(root / "z"), "gztar", root / "c")
    print(sorted(p.relative_to(root).as_posix() for p in root.rglob("*")))
    print(filecmp.dircmp(root / "a", root / "c").same_files, glob.glob("*/*.txt", root_dir=root))
result = fnmatch.filter(["a.py", "b"], "*.py")
""",
    ),
    (
        "stdlib importlib pkgutil platform",
        """import importlib.metadata, importlib.resources, importlib.util, pkgutil, platform, xml
print(importlib.util.find_spec("wsgiref.headers").name, pkgutil.resolve_name("json:loads").__name__)
print(sorted(m.name for m in pkgutil.iter_modules(xml.__path__)), platform.machine())
print(importlib.resources.files("numpy").joinpath("__init__.pyi").read_text("utf-8")[:40])
print(importlib.metadata.version("sympy"), importlib.metadata.metadata("pandas")["Name"])
result = importlib.import_module("wsgiref.headers").Headers([("A", "b")]).items()
""",
    ),
    (
        "stdlib profile gettext locale re",
        r"""import cProfile, gettext, io, locale, numbers, pstats, re, rlcompleter
profile = cProfile.Profile(); profile.runcall(sorted, [3, 1])
print(pstats.Stats(profile, stream=io.StringIO()).total_calls > 0, isinstance(1, numbers.Rational))
print(gettext.ngettext("%d item", "%d items", 2) % 2, locale.format_string("%d", 1234, True))
print(rlcompleter.Completer({"abc": 1}).complete("ab", 0))
result = re.sub(r"(?P<a>\d+)", lambda m: f"<{m['a']}>", "a1b22"), re.findall(r"(?i)\bA\w", "ab aC")
""",
    ),
    (
        "stdlib calendar datetime zoneinfo",
        """import calendar, zoneinfo, datetime as dt
print(calendar.month(2024, 2), calendar.HTMLCalendar().formatmonth(2024, 2)[:60],
    calendar.monthrange(2023, 2), zoneinfo.TZPATH)
print(dt.datetime.strptime("3 Mar 2024 +0200", "%d %b %Y %z"), dt.date.fromisocalendar(2024, 9, 5))
result = (dt.timedelta(hours=30) // dt.timedelta(minutes=7),
    dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc).timestamp(), f"{dt.time(4, 5):%I %p}")
""",
    ),
]

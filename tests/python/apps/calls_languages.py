"""Parsers of languages with grammars in files: lark, textx, parso, tinycss2 and pyparsing."""

REQUIRES = [
    "lark==1.3.1",
    "parso==0.8.7",
    "pyparsing==3.3.2",
    "textx==4.4.0",
    "tinycss2==1.5.1",
]

FILES = {
    "app.py": '''from lark import Lark

SUMS = """
?sum: product | sum "+" product -> add | sum "-" product -> sub
?product: atom | product "*" atom -> mul
?atom: NUMBER | "(" sum ")" | NAME
%import common.NUMBER
%import common.CNAME -> NAME
%import common.WS
%ignore WS
"""

if __name__ == "__main__":
    print(Lark("start: \\"a\\"").parse("a"))
'''
}

CALLS: list[tuple[str, str]] = [
    (
        "languages lark parsers",
        """import app
from lark import Lark, Token, Transformer, Tree, v_args

for parser in ("lalr", "earley"):
    tree = Lark(app.SUMS, start="sum", parser=parser, propagate_positions=True).parse(
        "1 + x * (2 - 3)"
    )
    print(tree, tree.pretty(), tree.meta.end_column)
print(Lark('start: a b\\na: "x"\\nb: "y"', parser="cyk").parse("xy"))


@v_args(inline=True)
class Sum(Transformer):
    from operator import add, mul, sub

    NUMBER, NAME = int, len


print(Sum().transform(Lark(app.SUMS, start="sum").parse("1 + abc * (2 - 3)")))
""",
    ),
    (
        "languages lark errors",
        """import app
from lark import Lark, exceptions

parser = Lark(app.SUMS, start="sum", parser="lalr")
for text in ("1 +", "1 + * 2", "1 $ 2", ""):
    try:
        parser.parse(text)
    except exceptions.UnexpectedInput as error:
        expected = sorted(getattr(error, "accepts", None) or getattr(error, "allowed", ()))
        print(type(error).__name__, str(error).splitlines()[0], expected, error.get_context(text))
for grammar in (
    "start: a",
    'start: "a',
    "%import common.NOTHING",
    "start: x\\n%import python (x)",
):
    try:
        Lark(grammar)
    except exceptions.GrammarError as error:
        print(type(error).__name__, error)
    except Exception as error:
        print(type(error).__name__, str(error).splitlines()[0])
""",
    ),
    (
        "languages lark grammars of its own",
        """from lark import Lark
from lark.indenter import PythonIndenter
from lark.reconstruct import Reconstructor

kwargs = dict(postlex=PythonIndenter(), start="file_input", maybe_placeholders=True)
python = Lark.open_from_package("lark", "python.lark", ["grammars"], parser="lalr", **kwargs)
print(python.parse("def f(x):\\n    return x[1:2]\\n").pretty())
text = 'start: item+ "."\\nitem: "a" WORD\\n%import common.WORD\\n%ignore " "'
again = Lark(text, parser="lalr", maybe_placeholders=False)
print(Reconstructor(again).reconstruct(again.parse("a b a c.")), again.source_path)
print(
    str(Lark.__doc__).splitlines()[0],
    "lexer" in Lark.__init__.__doc__ if Lark.__init__.__doc__ else None,
)
""",
    ),
    (
        "languages lark as a program",
        """import io
from lark import Lark, ast_utils, tree
from lark.tools import lalr_argparser, serialize, standalone
import app

print(lalr_argparser.format_help())
out = io.StringIO()
standalone.gen_standalone(Lark(app.SUMS, start="sum", parser="lalr"), out=out)
text = out.getvalue()
print(
    len(text) > 90000,
    text.splitlines()[0],
    [line for line in text.splitlines() if "class Lark_" in line],
)
saved = io.BytesIO()
Lark(app.SUMS, start="sum", parser="lalr").save(saved)
saved.seek(0)
print(
    Lark.load(saved).parse("1+2"),
    serialize.__doc__,
    str(tree.Tree.pretty.__doc__).strip().splitlines()[0],
)
""",
    ),
    (
        "languages textx",
        """from textx import metamodel_from_str
model = metamodel_from_str('''
Shop: "shop" name=ID "{" goods*=Good orders*=Order "}";
Good: "good" name=ID price=FLOAT? ("tags" tags+=STRING[","])?;
Order: "order" good=[Good] (count=INT | all?="all");
Comment: /#.*$/;
''').model_from_str('shop A { good b 1.5 tags "x","y" good c order b 3 order c all # end\\n }')
print(model.name, [(g.name, g.price, g.tags) for g in model.goods], type(model.orders[1]).__name__)
print([(o.good.name, o.count, o.all) for o in model.orders], model._tx_position_end)
import textx
print(textx.get_location(model.goods[1]), textx.get_model(model.orders[0]) is model)
print([type(child).__name__ for child in textx.get_children(lambda x: True, model)])
""",
    ),
    (
        "languages textx errors",
        """import textx
from textx import metamodel_from_str
grammar = 'M: things+=T refs*=R; T: "t" name=ID; R: "r" t=[T];'
for text in ("t a r b", "x", "t a t", "t 5"):
    try:
        metamodel_from_str(grammar).model_from_str(text)
    except textx.TextXError as error:
        print(type(error).__name__, error, error.line, error.col)
for grammar in ("M: x", "M: a=[X];", "M: 'a", "", "import nothing M: 'a';"):
    try:
        metamodel_from_str(grammar)
    except Exception as error:
        print(type(error).__name__, error)
""",
    ),
    (
        "languages textx languages and generators",
        """import re
import textx
from textx import export, registration
print(sorted(textx.language_descriptions()), vars(textx.language_description("textx"))["pattern"])
found = [d for by in registration.generator_descriptions().values() for d in by.values()]
print([(d.language, d.target, d.description, d.generator.__doc__) for d in found])
meta = textx.metamodel_from_str('M: a=A | b=B; A: "a" x=INT; B: "b" m*=M;')
export.metamodel_export(meta, "/tmp/m.dot")
print(re.sub("[0-9]{5,}", "N", open("/tmp/m.dot").read()))
export.metamodel_export(meta, "/tmp/m.pu", renderer=export.PlantUmlRenderer())
print(open("/tmp/m.pu").read())
try:
    textx.language_description("nothing")
except textx.TextXRegistrationError as error:
    print(error)
print(str(textx.metamodel_for_language.__doc__).strip().splitlines()[0])
""",
    ),
    (
        "languages parso",
        """import parso

for version in ("3.8", "3.12"):
    grammar = parso.load_grammar(version=version)
    module = grammar.parse(
        "if (x := 1):\\n  def f(a, /, *b): pass\\nprint 5\\nmatch x:\\n case 1: pass\\n"
    )
    print([(issue.code, issue.message, issue.start_pos) for issue in grammar.iter_errors(module)])
    print(module.children[0], list(module.iter_funcdefs()), module.get_code()[:9], grammar)
print(module.dump()[:300])
print([e.message for e in grammar._get_normalizer_issues(grammar.parse("x=1 ;y=[ 1]\\n\\n\\n\\n"))])
try:
    parso.load_grammar(version="2.1")
except NotImplementedError as error:
    print(error)
from parso.python import tree

print(str(tree.Function.__doc__).strip().splitlines()[0], parso.utils.parse_version_string("3.14"))
""",
    ),
    (
        "languages tinycss2",
        """import tinycss2
from tinycss2 import color3, color4, color5, nth

rules = tinycss2.parse_stylesheet(
    "@media x { a:hover > b { color: rgb(1 2 3 / 50%) !important } } } /* c */",
    skip_whitespace=True,
)
print(rules, [rule.type for rule in rules], tinycss2.serialize(rules[:1]), rules[1].message)
print(tinycss2.parse_declaration_list("a: 1px; b; c: url(x) 'y' U+26"))
for text in (
    "red",
    "#12345678",
    "hsl(120deg 50% 50%)",
    "color(display-p3 1 0 0)",
    "oklch(40% 0.2 20)",
    "x",
):
    print(color3.parse_color(text), color4.parse_color(text), color5.parse_color(text))
print(
    nth.parse_nth("2n+1"), nth.parse_nth("x"), tinycss2.parse_one_component_value("a b").message
)
print(
    str(tinycss2.parse_stylesheet.__doc__).splitlines()[0],
    str(tinycss2.ast.Declaration.__doc__)[:30],
)
""",
    ),
    (
        "languages pyparsing",
        """import pyparsing as pp
from pyparsing import common, testing, unicode

number = common.number("n").set_name("a number")
expression = pp.infix_notation(number, [("*", 2, pp.OpAssoc.LEFT), ("+", 2, pp.OpAssoc.LEFT)])
print(
    expression.parse_string("1+2*3").as_list(), expression, common.ipv4_address.matches("1.2.3.4")
)
row = pp.DelimitedList(pp.QuotedString("'") | pp.Word(unicode.Greek.alphas)("g"))
print(
    row.parse_string("'a',βγ").dump(),
    row.run_tests("'a', b", print_results=False, comment="#")[0],
)
for parser, text in ((number, "x"), (number[2] + pp.StringEnd(), "1 2 3"), (row, "'a")):
    try:
        parser.parse_string(text, parse_all=True)
    except pp.ParseException as error:
        print(error.explain(depth=0), error.column, error.markInputline())
print(str(pp.Word.__doc__).strip().splitlines()[0], testing.with_line_numbers("a\\nb"))
print(
    pp.one_of("a ab b"),
    pp.nested_expr().parse_string("(a (b c))"),
    str(pp.match_previous_literal.__doc__)[:40],
)
""",
    ),
]

"""Queries and C declarations: parsers whose grammar is in docstrings, made with PLY."""

REQUIRES = ["jsonpath-ng==1.16.0", "ply==3.11", "pycparser==2.23"]

FILES = {
    "app.py": """import json

SHOP = {
    "books": [
        {"title": "Sand", "price": 8.5, "tags": ["new", "cheap"]},
        {"title": "Wind", "price": 22, "tags": []},
        {"title": "Rain", "price": 12.25, "tags": ["old"]},
    ],
    "open": True,
}

if __name__ == "__main__":
    print(len(json.dumps(SHOP)))
"""
}

CALLS: list[tuple[str, str]] = [
    (
        "queries jsonpath",
        """from app import SHOP
from jsonpath_ng import parse
for path in ("books[*].title", "$..price", "books[0:2].tags[*]", "*"):
    print(path, [(str(match.full_path), match.value) for match in parse(path).find(SHOP)])
print(repr(parse("a.b[1]..c | d")))
""",
    ),
    (
        "queries jsonpath extended",
        """from app import SHOP
from jsonpath_ng.ext import parse
for path in ("books[?price > 10].title", "$.books[/price].title", "$.books.`len`",
        "books[0].title.`sub(/S/, H)`", "books[?(@.title =~ 'R.*')].price"):
    print(path, [match.value for match in parse(path).find(SHOP)])
""",
    ),
    (
        "queries jsonpath changes",
        """import copy
from app import SHOP
from jsonpath_ng import parse
shop = copy.deepcopy(SHOP)
parse("books[*].price").update(shop, lambda value, data, field: data.update({field: value * 2}))
parse("books[1]").filter(lambda value: True, shop)
parse("address.town").update_or_create(shop, "Ulm")
print(shop)
""",
    ),
    (
        "queries jsonpath errors",
        """from jsonpath_ng import parse
from jsonpath_ng.ext import parse as extended
for parser, path in ((parse, "a[["), (parse, "a.'b"), (extended, "a[?b >]"), (parse, "")):
    try:
        print(parser(path))
    except Exception as error:
        print(type(error).__mro__[0].__name__, error)
""",
    ),
    (
        "queries jsonpath from the command line",
        """import io, json, sys
from app import SHOP
from jsonpath_ng.bin import jsonpath
sys.stdin = io.StringIO(json.dumps(SHOP))
sys.argv = ["jsonpath.py", "books[*].title"]
jsonpath.main()
sys.argv = ["jsonpath.py", "--help"]
try:
    jsonpath.main()
except SystemExit as error:
    print(error.code)
""",
    ),
    (
        "queries C declarations",
        """from pycparser import CParser
text = "typedef unsigned char byte; struct point { int x, *y[3]; }; byte f(struct point p, ...);"
tree = CParser().parse(text, "some.h")
tree.show(attrnames=True, nodenames=True, showcoord=True)
""",
    ),
    (
        "queries C as C again",
        """from pycparser import CParser, c_generator
text = '''int main(void) {
  for (int i = 0; i < 3; i++) { if (i % 2) continue; else printf("%d\\\\n", i); }
  switch (a->b) { case 1: do x++; while (x < 3); default: return sizeof(int) + (char)'c'; }
}'''
print(c_generator.CGenerator().visit(CParser().parse(text)))
""",
    ),
    (
        "queries C errors",
        """from pycparser import CParser
for text in ("int x = ;", "int f( {", "char c = 'ab", "@"):
    try:
        CParser().parse(text, "bad.c")
    except Exception as error:
        print(type(error).__name__, error)
""",
    ),
    (
        "queries C lexer and visitor",
        """from pycparser import CParser, c_ast, c_lexer
lexer = c_lexer.CLexer(print, lambda: None, lambda: None, lambda name: name == "T")
lexer.build(optimize=False)
lexer.input("T x = 0x1fUL + L\\"s\\" << 2;")
print([(token.type, token.value) for token in iter(lexer.token, None)])
class Calls(c_ast.NodeVisitor):
    def visit_FuncCall(self, node):
        print(node.name.name, node.name.coord)
        self.generic_visit(node)
Calls().visit(CParser().parse("int f(int a) { return g(h(a)); }"))
""",
    ),
    (
        "queries PLY",
        """import contextlib, io, sys, types
from ply import lex, yacc
module = types.ModuleType("sums")
module.__file__ = "sums.py"
exec('''
tokens = ("NUMBER", "PLUS")
t_PLUS = r"[+]"
t_ignore = " "
def t_NUMBER(t):
    r"[0-9]+"
    t.value = int(t.value)
    return t
def t_error(t):
    raise ValueError(f"at {t.lexpos}: {t.value}")
def p_sum(p):
    "sum : sum PLUS NUMBER"
    p[0] = p[1] + p[3]
def p_number(p):
    "sum : NUMBER"
    p[0] = p[1]
def p_error(p):
    raise ValueError(p)
''', module.__dict__)
sys.modules["sums"] = module
lexer = lex.lex(module=module)
parser = yacc.yacc(module=module, debug=False, write_tables=False)
print(parser.parse("1 + 20 + 300", lexer=lexer), parser.productions)
for text in ("1 +", "1 - 2"):
    try:
        parser.parse(text, lexer=lexer)
    except ValueError as error:
        print(error)
from ply import cpp, ctokens
preprocessor = cpp.Preprocessor(lex.lex(module=cpp))
preprocessor.parse("#define TWICE(x) (x + x)\\nTWICE(3)")
print("".join(token.value for token in iter(preprocessor.token, None)))
""",
    ),
]

"""Records: attrs, cattrs and marshmallow, which write classes and their code."""

REQUIRES = ["attrs==26.1.0", "cattrs==26.2.1", "marshmallow==4.4.0"]

FILES = {
    "app.py": '''import datetime
import enum

import attrs


class Size(enum.Enum):
    S = "small"
    L = "large"


@attrs.define
class Good:
    """A good."""

    name: str = attrs.field(validator=attrs.validators.min_len(2))
    price: float = attrs.field(default=1.0, converter=float)
    size: Size = Size.S


@attrs.frozen(kw_only=True)
class Order:
    goods: list[Good]
    day: datetime.date
    note: str | None = None


def order():
    return Order(goods=[Good("hat", "2.5", Size.L)], day=datetime.date(2024, 2, 29))


if __name__ == "__main__":
    print(order())
'''
}

CALLS: list[tuple[str, str]] = [
    (
        "records attrs",
        """import app, attrs

order = app.order()
print(
    attrs.asdict(order), attrs.astuple(order), attrs.evolve(order, note="x"), hash(order.day) == 0
)
print(
    attrs.fields(app.Good).price, attrs.fields_dict(app.Order)["note"].type, attrs.has(app.Good)
)
print(app.Good.__init__.__doc__, app.Good.__doc__, app.Good.__slots__, app.Order.__match_args__)
Made = attrs.make_class("Made", {"x": attrs.field(factory=list)}, bases=(app.Good,), order=True)
print(
    Made("ab"),
    Made("ab") < Made("ac"),
    attrs.resolve_types(Made) is Made,
    Made("ab", x=[1]).__getstate__(),
)
""",
    ),
    (
        "records attrs errors",
        """import app, attrs, traceback

for wrong in (
    lambda: app.Good("x"),
    lambda: app.Good(),
    lambda: app.Good("ab", "c"),
    lambda: app.Order(goods=1),
    lambda: setattr(app.order(), "note", 1),
    lambda: attrs.evolve(app.order(), nothing=1),
    lambda: attrs.fields(int),
    lambda: attrs.define(
        type("X", (), {"__annotations__": {}, "a": attrs.field(default=1), "b": attrs.field()})
    ),
):
    try:
        print(wrong())
    except Exception as error:
        print(type(error).__name__, error)
try:
    app.Good("ab", "c")
except ValueError as error:
    print(
        traceback.format_exc().splitlines()[-1],
        traceback.extract_tb(error.__traceback__)[-1].line,
    )
""",
    ),
    (
        "records attrs validators and converters",
        """import attrs
from attrs import converters, setters as s, validators as v


@attrs.define(on_setattr=[s.convert, s.validate])
class Row:
    a: int = attrs.field(validator=[v.instance_of(int), v.in_(range(9))], default=1)
    b: str = attrs.field(validator=v.optional(v.matches_re("[a-z]+")), default=None)
    c: dict = attrs.field(validator=v.deep_mapping(v.instance_of(str), v.ge(0)), factory=dict)
    d: bool = attrs.field(converter=converters.to_bool, default="no")
    e: list = attrs.field(
        converter=converters.pipe(converters.default_if_none(factory=list), list), default=None
    )


print(Row(), attrs.fields(Row).c.validator, v.not_(v.lt(3)), v.or_(v.is_callable(), v.max_len(2)))
for wrong in ({"a": "x"}, {"a": 9}, {"b": "1"}, {"c": {"x": -1}}, {"d": "maybe"}):
    try:
        Row(**wrong)
    except Exception as error:
        print(type(error).__name__, error.args[0])
print(
    str(v.deep_iterable.__doc__).strip().splitlines()[0],
    str(attrs.define.__doc__).strip().splitlines()[0],
)
""",
    ),
    (
        "records cattrs",
        """import app, cattrs

converter = cattrs.Converter()
converter.register_unstructure_hook(app.datetime.date, lambda day: day.isoformat())
converter.register_structure_hook(
    app.datetime.date, lambda text, _: app.datetime.date.fromisoformat(text)
)
data = converter.unstructure(app.order())
print(
    data,
    converter.structure(data, app.Order) == app.order(),
    converter.structure(["1", 2], tuple[int, str]),
)
print(converter.structure({"a": ["1"]}, dict[str, set[int]]), cattrs.structure("large", app.Size))
print(cattrs.unstructure({"x": app.Size.L, 1: {2.5}}), converter.structure(None, int | None))
""",
    ),
    (
        "records cattrs errors",
        """import app, cattrs
from cattrs import transform_error

for data, kind in (
    ({"goods": [{"name": "x"}, {"size": "huge"}], "day": 1}, app.Order),
    (["a", 1], list[int]),
    ({"a": None}, dict[int, int]),
    ("x", app.Size),
    (1, app.Good),
):
    for detailed in (True, False):
        try:
            print(cattrs.Converter(detailed_validation=detailed).structure(data, kind))
        except Exception as error:
            print(type(error).__name__, error, transform_error(error) if detailed else "")
""",
    ),
    (
        "records cattrs strategies and code",
        """import app, attrs, inspect, linecache
from cattrs import Converter, gen, strategies


@attrs.define
class Cat:
    lives: int = 9


@attrs.define
class Dog:
    name: str = attrs.field(default="x", metadata={"m": 1})


converter = Converter(forbid_extra_keys=True)
strategies.configure_tagged_union(Cat | Dog, converter, tag_name="kind")
strategies.use_class_methods(converter, "load", "dump")
print(
    converter.unstructure(Dog(), Cat | Dog),
    converter.structure({"kind": "Cat", "lives": 3}, Cat | Dog),
)
hook = gen.make_dict_structure_fn(
    Dog, converter, name=gen.override(rename="n", omit_if_default=True)
)
print(hook({"n": "y"}, Dog), inspect.getsource(hook))
try:
    converter.structure({"kind": "Cow"}, Cat | Dog)
except Exception as error:
    print(type(error).__name__, error)
""",
    ),
    (
        "records cattrs for formats",
        """import app, importlib
from cattrs.preconf import json

converter = json.make_converter()
text = converter.dumps(app.order())
print(
    text,
    converter.loads(text, app.Order),
    json.make_converter.__doc__,
    json.JsonConverter.__doc__,
)
for name in ("bson", "cbor2", "msgspec", "orjson", "pyyaml", "tomlkit", "ujson", "msgpack"):
    try:
        print(importlib.import_module(f"cattrs.preconf.{name}").__name__)
    except ImportError as error:
        print(name, error)
""",
    ),
    (
        "records marshmallow",
        """import datetime, decimal, uuid
from marshmallow import EXCLUDE, Schema, fields, post_load, pre_dump, validate


class Good(Schema):
    name = fields.String(required=True, validate=validate.Length(min=2))
    price = fields.Decimal(places=2, as_string=True)
    made = fields.DateTime(format="rfc822", dump_only=True)
    mail = fields.Email(load_default=None)
    tags = fields.List(fields.Str(), data_key="Tags")
    parts = fields.List(fields.Nested(lambda: Good(only=("name",))))
    kind = fields.Function(lambda good: type(good).__name__)

    class Meta:
        unknown = EXCLUDE


loaded = Good().load(
    {"name": "ab", "price": "1.005", "Tags": ["x"], "parts": [{"name": "cd"}], "x": 1}
)
print(
    loaded,
    Good().dump({**loaded, "made": datetime.datetime(2024, 1, 1)}),
    repr(Good().fields["name"]),
)
print(Good(many=True, partial=True).load([{}, {"price": 3}]))
print(Schema.from_dict({"n": fields.Int()})().load({"n": "5"}))
""",
    ),
    (
        "records marshmallow errors",
        """from marshmallow import Schema, ValidationError, fields, validate, validates_schema


class Row(Schema):
    a = fields.Int(strict=True, validate=validate.Range(0, 5, max_inclusive=False))
    b = fields.Str(validate=[validate.OneOf(["x", "y"]), validate.Regexp("x")])
    c = fields.Url()
    d = fields.UUID()
    e = fields.IP()
    f = fields.TimeDelta()
    g = fields.Date()
    h = fields.Dict(fields.Str(), fields.Bool())
    i = fields.Constant(3)
    j = fields.Tuple((fields.Int(),))

    @validates_schema
    def check(self, data, **_):
        raise ValidationError("never", "whole")


bad = {
    "a": 5,
    "b": "z",
    "c": "x",
    "d": "x",
    "e": "1.2",
    "f": "y",
    "g": "z",
    "h": {1: "m"},
    "j": [1, 2],
    "k": 0,
}
for data in (bad, {"a": 1.5, "b": "y"}, [], {"h": 5, "j": 1}):
    try:
        print(Row().load(data))
    except ValidationError as error:
        print(error.normalized_messages(), error.valid_data)
print(fields.Int.default_error_messages, validate.Range(1, 2), validate.ContainsOnly("ab"))
""",
    ),
    (
        "records documentation",
        """import pydoc
import cattrs, marshmallow
from attrs import validators
from marshmallow import fields

print(pydoc.plain(pydoc.render_doc(validators.in_)), cattrs.transform_error.__doc__)
print(
    pydoc.plain(pydoc.render_doc(fields.Enum))[:900],
    pydoc.splitdoc(pydoc.getdoc(marshmallow.Schema)),
)
""",
    ),
]

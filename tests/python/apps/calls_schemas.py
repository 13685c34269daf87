"""Checked schemas: jsonschema with its data files, and fastjsonschema, which writes code."""

REQUIRES = ["fastjsonschema==2.22.3", "jsonschema==4.17.3"]

FILES = {
    "app.py": """import json

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 2},
        "age": {"type": "integer", "minimum": 0},
        "mail": {"type": "string", "format": "email"},
        "friends": {"type": "array", "items": {"$ref": "#"}, "uniqueItems": True},
    },
    "additionalProperties": False,
}

if __name__ == "__main__":
    print(len(json.dumps(SCHEMA)))
"""
}

CALLS: list[tuple[str, str]] = [
    (
        "schemas one error",
        """import app, jsonschema
for thing in ({"name": "ab", "age": 3}, {"name": "a"}, {"age": -1}, {"name": "ab", "x": 1}, []):
    try:
        print(jsonschema.validate(thing, app.SCHEMA))
    except jsonschema.ValidationError as error:
        print(error)
""",
    ),
    (
        "schemas all errors",
        """import app
from jsonschema import Draft202012Validator, ErrorTree

validator = Draft202012Validator(app.SCHEMA)
thing = {"age": "x", "friends": [{"name": 1}, {"name": "cd", "y": 0}, {"name": 1}]}
errors = sorted(validator.iter_errors(thing), key=lambda error: error.json_path)
for error in errors:
    print(error.json_path, error.message, list(error.absolute_schema_path), error.validator)
tree = ErrorTree(errors)
print(
    tree.total_errors,
    sorted(tree["friends"]),
    validator.is_type(1.0, "integer"),
    repr(tree["friends"]),
)
""",
    ),
    (
        "schemas best match",
        """from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match, relevance

schema = {
    "anyOf": [{"type": "string"}, {"type": "object", "properties": {"a": {"type": "number"}}}]
}
error = best_match(Draft7Validator(schema).iter_errors({"a": "b"}))
print(error.message, list(error.path), relevance(error), error.parent.message[:50])
""",
    ),
    (
        "schemas of all drafts",
        """import jsonschema
from jsonschema import validators

for name in ("Draft3", "Draft4", "Draft6", "Draft7", "Draft201909", "Draft202012"):
    validator = getattr(jsonschema, f"{name}Validator")
    print(
        name,
        validator.META_SCHEMA.get("$id", validator.META_SCHEMA.get("id")),
        repr(validator({})),
        sorted(validator.VALIDATORS)[:4],
        validators.validator_for(validator.META_SCHEMA) is validator,
    )
    try:
        validator.check_schema({"type": 12, "minimum": "a"})
    except jsonschema.SchemaError as error:
        print(error.message, list(error.path))
""",
    ),
    (
        "schemas formats",
        """from jsonschema import Draft7Validator, FormatChecker, draft7_format_checker
checker = Draft7Validator.FORMAT_CHECKER
print(sorted(checker.checkers))
for name, text in (("email", "a.b"), ("ipv4", "1.2.3"), ("date", "2024-13-01"), ("regex", "["),
        ("ipv6", "::1"), ("idn-email", "ä@b"), ("time", "25:00:00")):
    error = next(Draft7Validator({"format": name}, format_checker=checker).iter_errors(text), None)
    print(name, error and error.message, error and repr(error.cause))
print(repr(FormatChecker(["date"])))
""",
    ),
    (
        "schemas references",
        """import jsonschema
from jsonschema import Draft7Validator, RefResolver
store = {"https://there/a.json": {"definitions": {"n": {"type": "number"}}}}
schema = {"$id": "https://there/b.json", "items": {"$ref": "a.json#/definitions/n"}}
resolver = RefResolver.from_schema(schema, store=store)
print([e.message for e in Draft7Validator(schema, resolver=resolver).iter_errors([1, "a"])])
for reference in ("#/nothing", "http://json-schema.org/draft-07/schema#"):
    try:
        print(resolver.resolve(reference)[0])
    except jsonschema.RefResolutionError as error:
        print(error)
""",
    ),
    (
        "schemas of one's own",
        """from jsonschema import Draft202012Validator, ValidationError, validators


def even(validator, wanted, value, schema):
    if wanted and value % 2:
        yield ValidationError(f"{value} is odd")


Even = validators.extend(Draft202012Validator, {"even": even}, version="even")
print(
    Even.__name__,
    [error.message for error in Even({"items": {"even": True}}).iter_errors([1, 2, 3])],
)
types = Draft202012Validator.TYPE_CHECKER.redefine("odd", lambda checker, value: value % 2 == 1)
print(types.is_type(3, "odd"), types.remove("odd") == Draft202012Validator.TYPE_CHECKER)
""",
    ),
    (
        "schemas from the command line",
        """import json
from pathlib import Path
import app
from jsonschema import cli

Path("/tmp/schema.json").write_text(json.dumps(app.SCHEMA))
Path("/tmp/thing.json").write_text('{"name": 1}')
for line in (
    ["-i", "/tmp/thing.json", "/tmp/schema.json"],
    ["--output", "pretty", "-i", "/tmp/thing.json", "/tmp/schema.json"],
    ["/tmp/nothing.json"],
    ["--help"],
    ["--validator", "Nothing", "x"],
):
    try:
        print(cli.main(line))
    except (SystemExit, Exception) as error:
        print(type(error).__name__, error)
""",
    ),
    (
        "schemas as code",
        """import app, fastjsonschema

schema = {**app.SCHEMA, "$schema": "http://json-schema.org/draft-07/schema#"}
check = fastjsonschema.compile(schema)
for thing in (
    {"name": "ab"},
    {"name": "a"},
    {"name": "ab", "friends": [{"name": "cd", "age": 1.5}]},
):
    try:
        print(check(thing))
    except fastjsonschema.JsonSchemaValueException as error:
        print(error, error.path, error.rule, error.rule_definition)
print(fastjsonschema.compile_to_code({"type": "string", "pattern": "^a"}))
""",
    ),
    (
        "schemas that are wrong as code",
        """import fastjsonschema

for schema in (
    {"type": "nothing"},
    {"$ref": "#/definitions/x"},
    {"format": 5},
    {"items": {"type": 1}},
):
    try:
        print(fastjsonschema.validate(schema, 1))
    except Exception as error:
        print(type(error).__module__, type(error).__name__, error)
print(str(fastjsonschema.compile.__doc__).strip().splitlines()[0], fastjsonschema.VERSION)
""",
    ),
]

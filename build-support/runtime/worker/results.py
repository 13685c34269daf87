"""Prepares results for a page: data stays, scalars of numpy become numbers, all else is an error.

Pyodide converts data, but it drops values in dicts that contain themselves, makes arrays of numpy's
scalars, and names neither the place nor the type of a value that it can't convert.
"""

from collections.abc import Callable, Iterable
from typing import NoReturn

from pyodide.ffi import JsProxy

PLAIN = frozenset({bool, int, float, str, bytes, type(None)})
PLAIN_TYPES = tuple(PLAIN)
KEY_TYPES = (bool, int, float, str, type(None))
TEXT_KEYS = frozenset({str})
# The formats of buffers that JavaScript has typed arrays for, in the machine's byte order.
BUFFER_FORMATS = frozenset("bBhHiIlLqQfd?")
# What to write instead, by the name of a class or of one that it is derived from.
WAYS_OUT = {
    "DataFrame": 'value.to_dict("records")',
    "Series": "value.tolist()",
    "ndarray": "value.tolist()",
    "Index": "value.tolist()",
    "date": "value.isoformat()",
    "time": "value.isoformat()",
    "timedelta": "value.total_seconds()",
    "Decimal": "str(value) or float(value)",
    "Fraction": "str(value) or float(value)",
    "Enum": "value.value",
    "UUID": "str(value)",
    "PurePath": "str(value)",
    "BaseException": "str(value)",
    "complex": "[value.real, value.imag]",
    "mappingproxy": "dict(value)",
    "BaseModel": "value.model_dump()",
}
LONGEST = 80


class UnsendableError(Exception):
    """A value that can't be sent, with the keys that lead to it, the innermost first."""

    def __init__(self, problem: str) -> None:
        """Create the error of the value itself."""
        super().__init__(problem)
        self.keys: list[str] = []

    def __str__(self) -> str:
        """Return the whole sentence."""
        return f"the result{''.join(reversed(self.keys))} {self.args[0]}"


class Sender:
    """Converts one result. Values that occur twice are converted once."""

    def __init__(self, is_cloneable: Callable[[JsProxy], bool] | None = None) -> None:
        """Create it. Objects of JavaScript are only examined with `is_cloneable`."""
        self.is_cloneable = is_cloneable
        self.known: dict[int, tuple[object, object]] = {}
        self.open: set[int] = set()

    def convert(self, value: object) -> object:
        """Return what Pyodide converts without a loss."""
        if isinstance(value, PLAIN_TYPES):
            return value
        if isinstance(value, JsProxy):
            return self._foreign(value)
        if isinstance(value, dict | list | tuple | set | frozenset):
            return self._container(value)
        if is_scalar(value):
            return self._scalar(value)
        if not is_buffer(value):
            refuse(value)
        return value

    def _container(self, value: dict | list | tuple | set | frozenset) -> object:
        if id(value) in self.known:
            return self.known[id(value)][1]
        if id(value) in self.open:
            raise UnsendableError(f"contains itself: it is a {name_of(type(value))}")
        self.open.add(id(value))
        converted = self._dict(value) if isinstance(value, dict) else self._items(value)
        self.open.discard(id(value))
        self.known[id(value)] = (value, converted)
        return converted

    def _items(self, value: list | tuple | set | frozenset) -> object:
        if PLAIN.issuperset(map(type, value)):
            return set(value) if isinstance(value, frozenset) else value
        has_order = isinstance(value, list | tuple)
        items = [
            self._at(f"[{at}]" if has_order else " as an item", item)
            for at, item in enumerate(value)
        ]
        if is_same(items, value) and not isinstance(value, frozenset):
            return value
        if isinstance(value, list):
            return items
        return tuple(items) if has_order else set(items)

    def _dict(self, value: dict) -> object:
        keys = list(value)
        values = list(value.values())
        if not TEXT_KEYS.issuperset(map(type, keys)):
            keys = [key_of(key) for key in keys]
        if not PLAIN.issuperset(map(type, values)):
            pairs = zip(value, values, strict=True)
            values = [self._at(f"[{text_of(key)}]", item) for key, item in pairs]
        if is_same(keys, value) and is_same(values, value.values()):
            return value
        return dict(zip(keys, values, strict=True))

    def _at(self, key: str, item: object) -> object:
        try:
            return self.convert(item)
        except UnsendableError as error:
            error.keys.append(key)
            raise

    def _scalar(self, value: object) -> object:
        item = value.item()  # type: ignore[attr-defined]
        if not isinstance(item, PLAIN_TYPES):
            refuse(value if type(item) is type(value) else item)
        return item

    def _foreign(self, value: JsProxy) -> object:
        if self.is_cloneable is not None and not self.is_cloneable(value):
            refuse(value)
        return value


def is_same(items: Iterable[object], others: Iterable[object]) -> bool:
    """Return whether both have the same objects."""
    return all(item is other for item, other in zip(items, others, strict=True))


def is_scalar(value: object) -> bool:
    """Return whether it is a scalar of numpy, or an array without dimensions."""
    return getattr(value, "shape", None) == () and callable(getattr(value, "item", None))


def is_buffer(value: object) -> bool:
    """Return whether JavaScript has a typed array for it."""
    try:
        with memoryview(value) as view:  # type: ignore[arg-type]
            return view.format.lstrip("@=") in BUFFER_FORMATS
    except (TypeError, ValueError, BufferError):
        return False


def key_of(key: object) -> object:
    """Return a key that JavaScript can have, too."""
    if is_scalar(key):
        key = key.item()  # type: ignore[attr-defined]
    if not isinstance(key, KEY_TYPES):
        raise UnsendableError(
            f"has the key {text_of(key)} of type {name_of(type(key))}, which can't be sent to the "
            "page: write str(key)"
        )
    return key


def refuse(value: object) -> NoReturn:
    """Raise the error for a value."""
    kind = name_of(type(value))
    raise UnsendableError(
        f"is {text_of(value)} of type {kind}, which can't be sent to the page: {way_out(value)}"
    )


def way_out(value: object) -> str:
    """Return what to write instead."""
    if isinstance(value, JsProxy):
        return "return its values as numbers, strings, lists or dicts"
    kind = type(value)
    for base in kind.__mro__:
        if base.__name__ in WAYS_OUT:
            return f"write {WAYS_OUT[base.__name__]}"
    if hasattr(kind, "__dataclass_fields__"):
        return "write dataclasses.asdict(value)"
    if hasattr(kind, "__await__"):
        return "write await value"
    if hasattr(kind, "__iter__"):
        return "write list(value)"
    if callable(value):
        return "return data, and call the function in Python"
    return "return its values as numbers, strings, lists or dicts"


def name_of(kind: type) -> str:
    """Return the name of a class, with its module."""
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def text_of(value: object) -> str:
    """Return the start of a value's text on one line."""
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = "a value whose repr() fails,"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

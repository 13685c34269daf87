"""Answers calls of a page: runs them, and sends results and exceptions.

An answer never raises. It ends by one of the functions that the caller passed.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from _pyodide import _future_helper
from pyodide.code import eval_code_async
from pyodide.ffi import JsProxy, to_js

TYPE_CHECKING = False
if TYPE_CHECKING:  # The loader runs all of them in one namespace.
    from errors import describe, message_of
    from results import Sender, UnsendableError


async def answer_call(page: Any, module: str, name: str, args: JsProxy) -> None:
    """Call a function of a module, plain or ``async``."""

    async def call() -> object:
        result = getattr(import_module(module), name)(*args.to_py())
        return await result if hasattr(type(result), "__await__") else result

    await answer(page, call)


async def answer_run(page: Any, code: str, names: dict[str, Any]) -> None:
    """Run code that may use ``await``."""
    await answer(page, lambda: eval_code_async(code, names))


async def answer(page: Any, work: Callable[[], Any]) -> None:
    """Do the work, and reply its result or the exception to the page."""
    try:
        page.started()
        result = await work()
        try:
            send(page, result)
        except UnsendableError as error:
            page.fail("", str(error), "")
    except GeneratorExit:
        # The garbage collector found the call: nothing refers to what it awaits.
        page.fail("", "the call awaits something that can't happen any more", "")
    except BaseException as error:
        page.fail(*describe(error))


def send(page: Any, result: object) -> None:
    """Send a result, or find out what in it can't be sent."""
    try:
        page.reply(to_page(Sender().convert(result), page.dict))
    except UnsendableError:
        raise
    except BaseException as error:
        # The browser could not copy an object of JavaScript, and does not say which one.
        Sender(page.is_cloneable).convert(result)
        raise UnsendableError(f"can't be sent to the page: {message_of(error)}") from error


def to_page(value: object, make_dict: JsProxy) -> object:
    """Convert data, dicts with the function of the page."""
    return to_js(value, dict_converter=make_dict, create_pyproxies=False)


def settle_rejections(error_of: Callable[[object], BaseException]) -> None:
    """Make each rejection an exception: Pyodide waits for ever if its reason is not an error."""
    set_exception = _future_helper.set_exception

    def reject(future: Any, reason: object) -> None:
        is_error = isinstance(reason, BaseException)
        set_exception(future, reason if is_error else error_of(reason))

    _future_helper.set_exception = reject

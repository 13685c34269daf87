import asyncio
import sys
import types


def show(*args):
    return repr(args)


def same(value):
    return value


def octets(value):
    return type(value).__name__, list(value)


def fail():
    error = ValueError("no such price")
    error.add_note("ask the shop")
    raise error


async def wait_for_ever():
    await asyncio.Event().wait()


module = types.ModuleType("api")
module.__dict__.update(globals())
sys.modules["api"] = module
None

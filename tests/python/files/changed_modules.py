"""Changes modules in every way that a program may, imports them after each, and prints what ran.

The modules exist: in plain Pyodide the test writes them, in a bundle they are files of the app.
"""

import importlib
import os
import py_compile
import random
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

HOME = Path("/home/pyodide")
#: Later than all files, and later each time. Python compares the times of sources in whole seconds.
clock = [int(time.time()) + 100]


def touch(*paths: str) -> None:
    """Give files a new time of change."""
    for path in paths:
        clock[0] += 10
        os.utime(HOME / path, (clock[0], clock[0]))


def answer(module: str) -> str:
    """Import a module anew, and return its ``ANSWER``."""
    importlib.invalidate_caches()
    top = module.partition(".")[0]
    for name in [name for name in sys.modules if name == top or name.startswith(f"{top}.")]:
        del sys.modules[name]
    try:
        imported = importlib.import_module(module)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    code = imported.ask.__code__
    return f"{imported.ask()} {code.co_filename} {imported.__file__}"


def text(value: str) -> str:
    """Return the source of a module."""
    return f"ANSWER = {value!r}\ndef ask():\n    return ANSWER\n"


def replace() -> None:
    """Move a module over another one."""
    os.replace("replace_new.py", "replace_old.py")


def rename() -> None:
    """Move a module over another one by ``rename``."""
    os.rename("rename_new.py", "rename_old.py")


def swap() -> None:
    """Exchange two modules."""
    os.rename("swap_old.py", "swap.tmp")
    os.rename("swap_new.py", "swap_old.py")
    os.rename("swap.tmp", "swap_new.py")


def there_and_back() -> None:
    """Move a module away and back."""
    os.rename("back_old.py", "back.tmp")
    os.rename("back.tmp", "back_old.py")


def move_away() -> None:
    """Move a module to a name that did not exist."""
    os.rename("away_old.py", "away_new_name.py")


def copy() -> None:
    """Copy a module over another one."""
    shutil.copyfile("copy_new.py", "copy_old.py")


def copy_with_times() -> None:
    """Copy a module, and its time of change."""
    touch("copy2_new.py")
    shutil.copy2("copy2_new.py", "copy2_old.py")


def move() -> None:
    """Remove a module, and move another one to its place."""
    os.unlink("move_old.py")
    shutil.move("move_new.py", "move_old.py")


def symlink() -> None:
    """Put a symbolic link to a module in place of another one."""
    os.unlink("symlink_old.py")
    os.symlink("symlink_new.py", "symlink_old.py")


def symlink_over() -> None:
    """Move a symbolic link over a module."""
    os.symlink(HOME / "symlink2_new.py", "link.tmp")
    os.replace("link.tmp", "symlink2_old.py")


def link() -> None:
    """Make a hard link, where the system has them."""
    try:
        os.link("link_new.py", "link.tmp")
    except (AttributeError, OSError) as error:
        print("  ", type(error).__name__)
    else:
        os.replace("link.tmp", "link_old.py")


def write() -> None:
    """Write a module anew."""
    Path("write_old.py").write_text(text("written"))


def write_in_place() -> None:
    """Write a part of a module, without changing its length."""
    with open("place_old.py", "r+b") as file:
        file.seek(file.read().index(b"old"))
        file.write(b"NEW")


def append() -> None:
    """Write at the end of a module."""
    with open("append_old.py", "a") as file:
        file.write("ANSWER += ' and more'\n")


def truncate() -> None:
    """Cut a module to nothing, and write it."""
    os.truncate("truncate_old.py", 0)
    with open("truncate_old.py", "r+") as file:
        file.write(text("after truncate"))


def write_same() -> None:
    """Write the same text again."""
    Path("same_old.py").write_text(Path("same_old.py").read_text())


def new_time() -> None:
    """Change nothing but the time."""
    touch("utime_old.py")


def compile_it() -> None:
    """Write bytecode of the present source, as tools do."""
    Path("compiled_old.py").write_text(text("compiled"))
    touch("compiled_old.py")
    py_compile.compile("compiled_old.py", doraise=True)


def remove() -> None:
    """Remove a module."""
    os.unlink("remove_old.py")


def remove_and_write() -> None:
    """Remove a module, and write another one."""
    os.unlink("again_old.py")
    Path("again_old.py").write_text(text("again"))


def shadow() -> None:
    """Put a package beside a module of the same name."""
    os.mkdir("shadow_old")
    Path("shadow_old/__init__.py").write_text(text("the package"))


def rename_package() -> None:
    """Rename a folder to the name of another one."""
    os.rename("package_old", "package_before")
    os.rename("package_new", "package_old")


def replace_package() -> None:
    """Remove a folder, and move another one to its place."""
    shutil.rmtree("tree_old")
    shutil.move("tree_new", "tree_old")


def link_package() -> None:
    """Put a symbolic link to a folder in place of another one."""
    os.rename("linked_old", "linked_before")
    os.symlink("linked_new", "linked_old")


def copy_package() -> None:
    """Copy a folder over another one."""
    shutil.copytree("tree2_new", "tree2_old", dirs_exist_ok=True)


def module_in_package() -> None:
    """Move a module between two packages."""
    os.replace("inner_new/part.py", "inner_old/part.py")


def rename_parent() -> None:
    """Rename the folder above two packages, and make another one."""
    os.rename("parent_old", "parent_before")
    os.mkdir("parent_old")
    os.rename("parent_new/__init__.py", "parent_old/__init__.py")
    os.rename("parent_new/part.py", "parent_old/part.py")


def mount() -> None:
    """Mount another file system over a package."""
    import pyodide_js

    fs = pyodide_js.FS
    fs.mount(fs.filesystems.MEMFS, None, str(HOME / "mount_old"))
    Path("mount_old/__init__.py").write_text("")
    Path("mount_old/part.py").write_text(text("mounted"))


def unmount() -> None:
    """Take it away again."""
    import pyodide_js

    pyodide_js.FS.unmount(str(HOME / "mount_old"))


def from_javascript() -> None:
    """Let JavaScript write a module."""
    import pyodide_js

    pyodide_js.FS.writeFile(str(HOME / "script_old.py"), text("from JavaScript"))


def moved_by_javascript() -> None:
    """Let JavaScript move a module."""
    import pyodide_js

    pyodide_js.FS.rename(str(HOME / "script2_new.py"), str(HOME / "script2_old.py"))


#: Each change, the modules to import before and after it, and the files that get a new time.
CHANGES: list[tuple[Callable[[], None], str, str]] = [
    (replace, "replace_old", "replace_old.py"),
    (rename, "rename_old", "rename_old.py"),
    (swap, "swap_old swap_new", "swap_old.py swap_new.py"),
    (there_and_back, "back_old", ""),
    (move_away, "away_old away_new_name", ""),
    (copy, "copy_old copy_new", "copy_old.py"),
    (copy_with_times, "copy2_old", ""),
    (move, "move_old move_new", "move_old.py"),
    (symlink, "symlink_old", "symlink_new.py"),
    (symlink_over, "symlink2_old symlink2_new", "symlink2_new.py"),
    (link, "link_old", ""),
    (write, "write_old", "write_old.py"),
    (write_in_place, "place_old", "place_old.py"),
    (append, "append_old", "append_old.py"),
    (truncate, "truncate_old", "truncate_old.py"),
    (write_same, "same_old", "same_old.py"),
    (new_time, "utime_old", ""),
    (compile_it, "compiled_old", ""),
    (remove, "remove_old", ""),
    (remove_and_write, "again_old", "again_old.py"),
    (shadow, "shadow_old", ""),
    (rename_package, "package_old.part package_new.part", "package_old/part.py"),
    (replace_package, "tree_old.part tree_new.part", "tree_old/part.py"),
    (link_package, "linked_old.part linked_new.part", "linked_new/part.py"),
    (copy_package, "tree2_old.part", "tree2_old/part.py"),
    (module_in_package, "inner_old.part inner_new.part", "inner_old/part.py"),
    (rename_parent, "parent_old.part", "parent_old/part.py"),
    (mount, "mount_old.part", ""),
    (unmount, "mount_old.part", ""),
    (from_javascript, "script_old", "script_old.py"),
    (moved_by_javascript, "script2_old", "script2_old.py"),
]


def path_of(module: str) -> str:
    """Return the file of a module."""
    return f"{module.replace('.', '/')}.py"


def change_randomly(dice: random.Random, paths: list[str], boxes: list[str]) -> str:
    """Change one file or two folders, and say how."""
    one, other = dice.sample(paths, 2)
    box, lid = dice.sample(boxes, 2)
    match kind := dice.randrange(8):
        case 0:
            os.replace(one, other)
        case 1:
            shutil.copyfile(one, other)
        case 2:
            Path(one).write_text(text(f"written {dice.random()}"))
        case 3:
            os.truncate(one, 0)
            with open(one, "a") as file:
                file.write(text(f"anew {dice.random()}"))
        case 4:
            os.unlink(other)
            os.symlink(HOME / one, other)
        case 5:
            os.rename(box, lid)
        case 6:
            os.rename(box, "box.tmp")
            os.rename(lid, box)
            os.rename("box.tmp", lid)
        case _:
            os.unlink(one)
    return f"{kind} {one} {other} {box} {lid}"


def randomly(seed: int, rounds: int) -> None:
    """Change some modules and folders in a random order, and import all of them after each."""
    dice = random.Random(seed)
    boxes = [f"box{number}_{age}" for number in range(2) for age in ("old", "new")]
    modules = [f"dice{number}_{age}" for number in range(3) for age in ("old", "new")]
    modules += [f"{box}.part" for box in boxes]
    paths = [path_of(module) for module in modules]
    for _ in range(rounds):
        try:
            change = change_randomly(dice, paths, boxes)
        except OSError as error:
            change = f"{type(error).__name__} {error.errno}"
        touch(*[path for path in paths if os.path.exists(path)])
        print(change, *[answer(module) for module in modules], sep="\n  ")


def run(before: bool) -> None:
    """Perform all changes.

    ``before``: after the modules were imported once, so that Python has written bytecode.
    """
    os.chdir(HOME)
    sys.path.insert(0, str(HOME))
    for change, modules, touched in CHANGES:
        names = modules.split()
        if before:
            print(change.__name__, "before:", *[answer(name) for name in names], sep="\n  ")
        change()
        touch(*touched.split())
        for time_ in ("first", "second"):
            print(change.__name__, time_, *[answer(name) for name in names], sep="\n  ")
    randomly(17 + before, 150)

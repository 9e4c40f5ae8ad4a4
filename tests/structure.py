"""What the tree promises of itself: `python3 tests/structure.py NAME`, from the tree's root.

includes      a room of src/ includes only what its row in src/README.md allows
headers       every header compiles alone
exits         only src/cli/main.c ends the process
lines         no source file has more than 800 lines; its parts begin with /* ---- heading ---- */
editorconfig  text files are as .editorconfig says
pages         README quotes a transform as it is, every preset is told of, every file that is named exists
format        sources are as clang-format 18.1 writes them; skipped (status 77) without that version
"""

import fnmatch
import json
import os
import re
import subprocess
import sys
from pathlib import Path

SKIPPED = 77
FLAGS = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-Isrc", "-I."]


def sources(*patterns):
    found = sorted(p for pattern in patterns for p in Path().glob(pattern) if p.is_file())
    assert found, f"nothing matches {patterns}: run this from the tree's root"
    return found


def rooms():
    """{room: (rooms, libraries)} from the table of src/README.md."""
    table, reading = {}, False
    for line in Path("src/README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[:3] == ["room", "may include", "libraries"]:
            reading = True
        elif reading and not line.startswith("|"):
            break
        elif reading and not cells[0].startswith("---"):
            table[cells[0]] = tuple(set(re.findall(r"\w+", cell)) for cell in cells[1:3])
    return table


def includes():
    table = rooms()
    there = {p.name for p in Path("src").iterdir() if p.is_dir()}
    if there != set(table):
        yield f"src/README.md: rooms in the table and folders differ: {sorted(there ^ set(table))}"
    libraries = set().union(*(named for _, named in table.values()))
    for path in sources("src/*/*.[ch]", "src/*/*.def"):
        room = path.parts[1]
        may, named = table.get(room, (set(), set()))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if own := re.match(r'\s*#\s*include\s+"([^"]+)"', line):
                target = own[1].split("/")[0]
                if not Path("src", own[1]).is_file():
                    yield f"{path}:{number}: {own[1]} is no file below src/"
                elif target != room and target not in may:
                    yield f"{path}:{number}: {room} may not include {target} (src/README.md)"
            elif foreign := re.match(r"\s*#\s*include\s+<(\w+)[./]", line):
                if foreign[1] in libraries - named:
                    yield f"{path}:{number}: {room} may not include {foreign[1]} (src/README.md)"


def headers():
    compiler = os.environ.get("CC", "cc")
    for path in sources("src/*/*.h", "tests/*.h"):
        run = subprocess.run(
            [compiler, *FLAGS, "-Wno-unused-function", "-Wno-unused-variable", "-fsyntax-only", "-x", "c", "-"],
            input=f'#include "{path}"\n', text=True, capture_output=True,
        )
        if run.returncode != 0:
            yield f"{path}: does not compile alone\n{run.stderr}"


def exits():
    for path in sources("src/*/*.c"):
        if path == Path("src/cli/main.c"):
            continue
        code = re.sub(r'/\*.*?\*/|"(\\.|[^"\\])*"', lambda m: "\n" * m[0].count("\n"),
                      path.read_text(encoding="utf-8"), flags=re.S)
        for number, line in enumerate(code.splitlines(), 1):
            if re.search(r"\b(exit|_exit|_Exit|quick_exit)\s*\(", line):
                yield f"{path}:{number}: only src/cli/main.c ends the process"


def lines():
    for path in sources("src/*/*.[ch]", "src/*/*.def", "tests/*.[ch]", "tests/*.py", "cmake/*", "CMakeLists.txt"):
        n = len(path.read_bytes().splitlines())
        if n > 800:
            yield f"{path}: {n} lines; split it by reason to change"
        if path.suffix in (".c", ".h", ".def"):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if re.match(r"(/\*|//) ?--+( |-|$)", line) and not re.fullmatch(r"/\* ---- .* ---- \*/", line):
                    yield f"{path}:{number}: a heading is /* ---- words ---- */"


def braces(pattern):
    """`*.{c,h}` as its alternatives."""
    inner = re.search(r"\{([^{}]*)\}", pattern)
    if not inner:
        return [pattern]
    return [p for part in inner[1].split(",")
            for p in braces(pattern[:inner.start()] + part + pattern[inner.end():])]


def settings(path, sections):
    """What .editorconfig says of a path: later sections win. A pattern without '/' is about the name."""
    said = {}
    for patterns, values in sections:
        for pattern in patterns:
            if fnmatch.fnmatchcase(str(path) if "/" in pattern else path.name, pattern.replace("**", "*")):
                said.update(values)
                break
    return said


def editorconfig():
    sections = []
    for line in Path(".editorconfig").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            sections.append((braces(line.strip()[1:-1]), {}))
        elif "=" in line and sections:
            key, value = (part.strip() for part in line.split("=", 1))
            sections[-1][1][key] = value
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True)
    if listed.returncode != 0:
        print("not a git checkout: no list of files to look at")
        sys.exit(SKIPPED)
    for path in map(Path, filter(None, listed.stdout.split("\0"))):
        if path.is_symlink() or not path.is_file():
            continue
        said, data = settings(path, sections), path.read_bytes()
        if said.get("insert_final_newline") == "true" and data and not data.endswith(b"\n"):
            yield f"{path}: no newline at its end"
        if said.get("end_of_line") == "lf" and b"\r" in data:
            yield f"{path}: has a carriage return"
        for number, line in enumerate(data.split(b"\n"), 1):
            if said.get("trim_trailing_whitespace") == "true" and line != line.rstrip():
                yield f"{path}:{number}: blanks at the end"
            if said.get("indent_style") == "space" and line.startswith(b"\t"):
                yield f"{path}:{number}: a tab"
            if len(line.decode(errors="replace")) > int(said.get("max_line_length", 1 << 30)):
                yield f"{path}:{number}: longer than {said['max_line_length']} columns"


def format():
    tool = os.environ.get("CLANG_FORMAT") or "clang-format"
    try:
        version = subprocess.run([tool, "--version"], text=True, capture_output=True).stdout
    except OSError:
        version = ""
    if " 18.1" not in version:
        print(f"clang-format 18.1 is not here ({version.strip() or 'none found'}): not checked")
        sys.exit(SKIPPED)
    paths = [str(p) for p in sources("src/*/*.[ch]", "src/*/*.def", "tests/*.[ch]", "tests/fuzz/*.[ch]")]
    run = subprocess.run([tool, "--dry-run", "-Werror", *paths], text=True, capture_output=True)
    if run.returncode != 0:
        yield run.stderr


def pages():
    """What the pages quote is what the tree holds."""
    readme = Path("README.md").read_text()
    quoted = re.search(r"This is `(transforms/[^`]+)`, complete:\n\n```diff\n(.*?)```", readme, re.S)
    if not quoted:
        yield "README.md: quotes no transform"
    elif quoted[2] != Path(quoted[1]).read_text():
        yield f"README.md: not {quoted[1]} as it is"
    presets = json.loads(Path("CMakePresets.json").read_text())["workflowPresets"]
    told = readme + Path("CONTRIBUTING.md").read_text()
    for preset in presets:
        if not re.search(rf"--preset {preset['name']}\b", told):
            yield f"CMakePresets.json: preset {preset['name']} is told of nowhere"
    for page in map(Path, ("README.md", "CONTRIBUTING.md", "src/README.md", "transforms/README.md")):
        for name in re.findall(r"`([a-z][\w./-]*/[\w.-]+\.(?:c|h|def|py|md|tsv|cmake|patch))\b", page.read_text()):
            placeholder = re.search(r"AREA|NAME|__init__", name)
            if not placeholder and not any((folder / name).exists() for folder in (Path(), Path("src"), page.parent)):
                yield f"{page}: there is no {name}"


CHECKS = {check.__name__: check for check in (includes, headers, exits, lines, editorconfig, format, pages)}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in CHECKS:
        sys.exit(__doc__)
    found = list(CHECKS[sys.argv[1]]())
    for message in found:
        print(message)
    sys.exit(1 if found else 0)

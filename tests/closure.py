#!/usr/bin/env python3
"""The transforms together come to an end, and to one: closure.py --hffix PATH

All cases of fixtures/, and what each transform alone makes of its own, are run with all transforms, three times over:
without versions, with the newest that any transform names, and with the oldest. What fails:

    a second run that finds more: a chain of renames has to end in one step
    an after text that becomes its own before text: two transforms that undo each other
    a before and its after text that end differently: the order of the transforms would matter

The third is asked of migrations: a rule of the guide leaves alone what somebody has written, so that it sees in an after
text a choice. It is not asked with the oldest versions, on which an after text has no business, nor of cases with options
of their own, and of what is listed below with its reason.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from run_fixtures import FIXTURES, ROOT, Case, run, transforms  # noqa: E402

# Cases whose before and after text end differently, and why that is right.
DIFFERENT = {}


def versions():
    """{library: (oldest, newest)} that the transforms name."""
    found = {}
    for path in (ROOT / "transforms").rglob("*.patch"):
        for library, version in re.findall(r"^(?:since|removed): *([\w.-]+) +([\d.]+)", path.read_text(), re.M):
            found.setdefault(library, set()).add(tuple(map(int, version.split("."))))
    return {library: (min(all_), max(all_)) for library, all_ in found.items()}


def cases():
    for transform in transforms():
        for path in sorted((FIXTURES / transform).glob("*.py")):
            yield transform, Case(path)


def lay_out(folder):
    """Writes every case as NUMBER/before.py, and its after text beside it; returns [(name, number, options)]."""
    laid = []
    for number, (transform, case) in enumerate(cases()):
        here = folder / str(number)
        here.mkdir()
        text = case.path.read_bytes()
        options = case.options()
        text = re.sub(rb"^# hffix: --.*$", b"#", text, count=1, flags=re.M) if options else text
        (here / "before.py").write_bytes(text)
        diff = case.expectation("diff")
        if diff.exists():
            shutil.copy(case.path, here / case.path.name)
            applied = run(["git", "apply", "--whitespace=nowarn", str(diff)], here)
            if applied.returncode:
                raise RuntimeError(f"{diff}: {applied.stderr.decode()}")
            after = (here / case.path.name).read_bytes()
            (here / case.path.name).unlink()
            after = re.sub(rb"^# hffix: --.*$", b"#", after, count=1, flags=re.M) if options else after
            (here / "after.py").write_bytes(after)
        laid.append((f"{transform}/{case.name}", here, options))
    return laid


def write(hffix, folder, targets):
    done = subprocess.run([hffix, "--write", *targets, "."], cwd=folder, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"hffix {' '.join(targets)}: exit status {done.returncode}\n{done.stderr[-2000:]}")


def asked(case, options):
    return case.startswith("migrate/") and not options and case not in DIFFERENT


def check(hffix, name, targets):
    with tempfile.TemporaryDirectory() as work:
        laid = lay_out(Path(work))
        before = {here: (here / "before.py").read_bytes() for _, here, _ in laid}
        write(hffix, work, targets)
        again = subprocess.run([hffix, *targets, "."], cwd=work, capture_output=True, text=True)
        for path in re.findall(r"^--- a/(.*)$", again.stdout, re.M):
            number, file = path.split("/")
            yield f"{laid[int(number)][0]} ({file}, {name}): a second run finds more"
        for case, here, options in laid:
            if not (here / "after.py").exists():
                continue
            first, second = (here / "before.py").read_bytes(), (here / "after.py").read_bytes()
            if second == before[here]:
                yield f"{case} ({name}): the after text becomes the before text again"
            elif name != "oldest" and asked(case, options) and first not in (before[here], second):
                yield f"{case} ({name}): the before and the after text end differently"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hffix", required=True, help="the program to test")
    hffix = str(Path(parser.parse_args().hffix).resolve())
    known = versions()
    plain = lambda version: ".".join(map(str, version))  # noqa: E731
    newest = [word for library, (_, new) in sorted(known.items()) for word in ("--target", f"{library}>={plain(new)}")]
    oldest = [word for library, (old, _) in sorted(known.items()) for word in ("--target", f"{library}=={plain(old)}")]
    found = []
    for name, targets in (("no versions", []), ("newest", newest), ("oldest", oldest)):
        found += check(hffix, name, targets)
    for text in found:
        print(f"FAIL {text}")
    print(f"{sum(1 for _ in cases())} cases, {len(found)} failures")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

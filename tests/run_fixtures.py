#!/usr/bin/env python3
"""Runs the fixtures of a transform: run_fixtures.py --hffix PATH [--update] [AREA/NAME …]

A case is fixtures/AREA/NAME/CASE.py, a notebook CASE.ipynb, a page CASE.md or CASE.rst, a script CASE.sh, a file CASE.yml, CASE.json or CASE.toml,
or a folder CASE/ (a small project, for files with names of their own). Beside it stand
    CASE.diff       the exact diff that the transform alone makes
    CASE.all.diff   the diff of all transforms together, where that is another one
    CASE.notes      the exact notes that the transform alone prints, where it prints any
A case named keep_… has no CASE.diff: the transform alone must leave it as it is. A first line
`# hffix: --target transformers=4.57` gives a case its options (in a folder: the first line of a file OPTIONS). The hub's
cache is that of the case, hf_home/hub, or empty.

Every case is run alone and with all transforms. Each time the diff is compared, `git apply` of it must give byte for
byte what --write gives (of notebooks that of --raw-diff), what parsed before must parse after (Python, and scripts for
bash), of a notebook nothing
but sources of code cells may differ, and a second run must find nothing. A file that is neither
a case nor the expectation of one, and a transform without cases that change (or note) and that keep, are failures.
--update writes the expectations anew: read them before you commit them.
"""

import argparse
import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
# A hub's cache counts only where a case brings one, as hf_home/hub.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGINGFACE_"))} | {"HF_HOME": "hf_home"}
NOT_TRANSFORMS = {"demo", "models", "verify"}
SUFFIXES = (".py", ".pyi", ".pyw", ".ipynb", ".md", ".mdx", ".rst", ".sh", ".yml", ".yaml", ".json", ".toml")
EXPECTATION = re.compile(r"\.(all\.diff|diff|notes)$")
# A note on stderr: path:line:col: advice area/name: text
NOTE = re.compile(rb"^[^\n]*?:\d+:\d+: advice \S+: [^\n]*(?:\n    [^\n]*)*\n", re.M)


class Case:
    def __init__(self, path):
        self.path = path
        self.name = path.name if path.is_dir() else path.stem
        self.keep = self.name.startswith("keep_")
        self.stem = path.parent / self.name

    def expectation(self, suffix):
        return Path(f"{self.stem}.{suffix}")

    def options(self):
        source = self.path / "OPTIONS" if self.path.is_dir() else self.path
        if not source.exists():
            return []
        lines = source.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines()[:2]
        for line in lines:
            if match := re.match(rb"# hffix: (--.*)", line):
                return shlex.split(match[1].decode())
        return []

    def lay_out(self, folder):
        """Copies the case into the folder; returns the argument to run hffix with."""
        if self.path.is_dir():
            shutil.copytree(self.path, folder, dirs_exist_ok=True)
            (folder / "OPTIONS").unlink(missing_ok=True)
            return "."
        shutil.copy(self.path, folder / self.path.name)
        return self.path.name


def run(command, folder, **kwargs):
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=120, env=ENVIRONMENT, **kwargs)


def snapshot(folder):
    return {
        p.relative_to(folder): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".git" not in p.parts
    }


def parses(data):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
        return True
    except (SyntaxError, ValueError):
        return False


def bash_reads(data):
    return not shutil.which("bash") or run(["bash", "-n"], ROOT, input=data).returncode == 0


def without_sources(data):
    """A notebook with its members in order, digits as written, and no sources of code cells."""
    def members(pairs):
        found = dict(pairs)
        if found.get("cell_type") == "code":
            found["source"] = type(found.get("source")).__name__
        return list(found.items())
    return json.loads(data, object_pairs_hook=members, parse_float=str, parse_int=str)


class Runner:
    def __init__(self, hffix, update):
        self.hffix = str(Path(hffix).resolve())
        self.update = update
        self.failures = []
        self.runs = 0

    def fail(self, case, text):
        self.failures.append(f"{case.path.relative_to(ROOT)}: {text}")

    def expect(self, case, suffix, got, fallback=b""):
        """Compares with CASE.suffix; without that file, with the fallback."""
        path = case.expectation(suffix)
        if self.update and got != (path.read_bytes() if path.exists() else fallback):
            if got == fallback:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(got)
        elif self.update and path.exists() and got == fallback:
            path.unlink()
        want = path.read_bytes() if path.exists() else fallback
        if got != want:
            shown = run(["git", "diff", "--no-index", "--no-color", "--", "-", str(path)], ROOT, input=got)
            detail = shown.stdout if path.exists() else got
            self.fail(case, f"not as in {path.name}:\n{detail.decode(errors='replace')}")

    def once(self, case, selection):
        """One selection of transforms: returns (diff, notes) after checking what must always hold."""
        self.runs += 1
        with tempfile.TemporaryDirectory() as name:
            dry, written = Path(name, "dry"), Path(name, "written")
            dry.mkdir(), written.mkdir()
            target = case.lay_out(dry)
            case.lay_out(written)
            command = [self.hffix, "--color", "never", *selection, *case.options()]
            before = snapshot(dry)
            result = run([*command, target], dry)
            if result.returncode != 0:
                self.fail(case, f"exit status {result.returncode}:\n{result.stderr.decode(errors='replace')}")
            if snapshot(dry) != before:
                self.fail(case, "a dry run has changed a file")
            if selection:  # which transforms they are is no matter to --check
                check = run([*command, "--check", target], dry)
                if check.returncode != (1 if result.stdout else 0):
                    self.fail(case, f"--check exits with {check.returncode}")
            run([*command, "--write", target], written)
            after = snapshot(written)
            diff = result.stdout
            if any(path.suffix == ".ipynb" for path in before):
                diff = run([*command, "--raw-diff", target], dry).stdout
            self.check_apply(case, dry, diff, after)
            for path, data in after.items():
                if path.suffix == ".py" and parses(before[path]) and not parses(data):
                    self.fail(case, f"{path} no longer parses:\n{data.decode(errors='replace')}")
                if path.suffix == ".sh" and bash_reads(before[path]) and not bash_reads(data):
                    self.fail(case, f"bash no longer reads {path}:\n{data.decode(errors='replace')}")
                if path.suffix == ".ipynb" and without_sources(before[path]) != without_sources(data):
                    self.fail(case, f"{path} differs in more than the sources of its code cells")
            again = run([*command, target], written) if after != before else result
            if again.stdout:
                self.fail(case, f"a second run finds more:\n{again.stdout.decode(errors='replace')}")
            return result.stdout, b"".join(NOTE.findall(result.stderr))

    def check_apply(self, case, folder, diff, written):
        if diff:
            applied = run(["git", "apply", "--whitespace=nowarn", "-"], folder, input=diff)
            if applied.returncode:
                self.fail(case, f"git apply refuses the diff: {applied.stderr.decode(errors='replace')}")
                return
        if snapshot(folder) != written:
            self.fail(case, "--write gives other bytes than git apply of the diff")

    def case(self, transform, case):
        diff, notes = self.once(case, ["--select", transform])
        if case.keep:
            if diff:
                self.fail(case, f"must stay as it is:\n{diff.decode(errors='replace')}")
        else:
            self.expect(case, "diff", diff)
        self.expect(case, "notes", notes)
        everything, _ = self.once(case, [])
        self.expect(case, "all.diff", everything, diff if not case.keep else b"")

    def transform(self, transform):
        folder = FIXTURES / transform
        cases = []
        for path in sorted(folder.iterdir()):
            if path.is_dir() or path.suffix in SUFFIXES:
                cases.append(Case(path))
        stems = {str(case.stem) for case in cases}
        for path in sorted(folder.iterdir()):
            case = EXPECTATION.sub("", str(path))
            if path.is_file() and path.suffix not in SUFFIXES and case not in stems:
                self.failures.append(f"{path.relative_to(ROOT)}: neither a case nor the expectation of one")
        for case in cases:
            self.case(transform, case)
            said = case.expectation("diff").exists() or case.expectation("notes").exists()
            if not case.keep and not said:
                self.fail(case, "changes nothing and notes nothing; name it keep_…, or expect something")
        if not any(case.keep for case in cases):
            self.failures.append(f"fixtures/{transform}: no keep_ case")
        if all(case.keep for case in cases):
            self.failures.append(f"fixtures/{transform}: no case that changes")
        print(f"{transform}: {len(cases)} cases")


def transforms():
    return sorted(str(p.relative_to(ROOT / "transforms").with_suffix("")) for p in ROOT.glob("transforms/**/*.patch"))


def strays():
    """Folders of fixtures that belong to no transform."""
    known = {FIXTURES / name for name in transforms()}
    parents = {parent for path in known for parent in path.parents}
    for path in sorted(FIXTURES.rglob("*")):
        inside = any(path == k or k in path.parents for k in known)
        special = path.relative_to(FIXTURES).parts[0] in NOT_TRANSFORMS
        if not inside and not special and path not in parents:
            yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hffix", required=True, help="the program to test")
    parser.add_argument("--update", action="store_true", help="write the expectations anew")
    parser.add_argument("--complete", action="store_true", help="only check that every transform has fixtures and none is astray")
    parser.add_argument("transforms", nargs="*", help="AREA/NAME; all without any")
    arguments = parser.parse_args()
    runner = Runner(arguments.hffix, arguments.update)
    if arguments.complete:
        runner.failures += [f"{p.relative_to(ROOT)}: no transform of that name" for p in strays()]
        runner.failures += [f"transforms/{t}.patch: no fixtures" for t in transforms() if not (FIXTURES / t).is_dir()]
    else:
        for transform in arguments.transforms or transforms():
            runner.transform(transform)
    for failure in runner.failures:
        print(f"FAIL {failure}")
    print(f"{runner.runs} runs, {len(runner.failures)} failures")
    return 1 if runner.failures else 0


if __name__ == "__main__":
    sys.exit(main())

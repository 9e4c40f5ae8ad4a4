#!/usr/bin/env python3
"""hffix over real projects: real_trees.py --hffix PATH --work FOLDER [--formatted]

Fetches pinned wheels of projects that use these libraries and are old enough to need fixing, and checks over every file:
hffix ends well, what parsed before parses after (by Python's own ast), a second run finds nothing, `git apply` of the
diff gives byte for byte what --write gives, and, with --formatted, that at least 99 % of the changed files that
`ruff format --check` found clean still are. Prints the number of files, edits per transform, and seconds.
"""

import argparse
import ast
import concurrent.futures
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import venv
import warnings
import zipfile
from collections import Counter
from pathlib import Path

# Distribution, version, SHA-256 of its wheel.
PACKAGES = [
    ("trl", "0.7.11", "640235f43e734af4d37afeccd56831764df76ac09529df7f884c1809bdeeac36"),
    ("peft", "0.5.0", "82b307830f946bcc1e8e19419a55aac50fcf670a55d6be04eb6adbcbc5c21042"),
    ("accelerate", "0.20.3", "147183e7a2215f7bd45a7af3b986a963daa8a61fa58b0912b9473049e011ad15"),
    ("datasets", "2.14.7", "1a64041a7da4f4130f736fc371c1f528b8ddd208cebe156400f65719bdbba79d"),
    ("transformers", "4.36.2", "462066c4f74ee52516f12890dcc9ec71d1a5e97998db621668455117a54330f6"),
    ("fschat", "0.2.36", "a66ecf1e90f6db1d015096f6aa8a305d20d0a13e067951285aecdb56a33e9cb1"),
    ("simpletransformers", "0.64.3", "fc99264f7586f594219ad53e847b2cecd51af97010ba1ac78743f28cef89df9b"),
    ("txtai", "6.3.0", "3fefaf0aec2ae79efcb3e843df5a85a897a543cbcccd6fca717a5c699a7809b9"),
    ("sentence-transformers", "2.3.0", "d12607a2172c50e77ccd3cf160a5070c1d1e8f974d17f0dd7e05d015f76d6108"),
    ("lm-eval", "0.4.2", "8f3fe50ec92bc98ea62ad96236facc78d7e371db85dbc980627299e5750c8db4"),
    ("setfit", "1.0.1", "fd4a7bd50093aa00936f770f305fc14d136c8b2e630951faf4beaee7770fa740"),
    ("bertopic", "0.15.0", "a5a04b32d496b1c32864a122d6ece795fbe008e32f6fc11539ff22799bc88cab"),
    ("farm-haystack", "1.22.1", "691f40665e1b7dc784be73ab6bcd1caa4cf20c58201b557a095429de32703638"),
    ("autotrain-advanced", "0.6.42", "e34307f53e2b449ad1ff0ddcd0577f28fbbe7196c04e9010961c004d6e67a820"),
    ("garak", "0.9.0.9", "1e23bf3e14e0068853a2c3f95512d6334e178ab19592610a5c2555e955c000e9"),
    ("llm-blender", "0.0.1", "8a0bb2dc56611ff4da180a2f6091895e689d9d4824a1fc75ba6d34ad1ebc637c"),
    ("llama-recipes", "0.0.1", "9a207fd5756fce25c56eda81af6f6c1d7e2a0f67bf575c6a44e0c9a6e7598e0b"),
    ("pythainlp", "4.0.2", "677922cd4965ec5fc2a6f2e309a2b9d472092ec632f997995548da44cb05b3b4"),
    ("xturing", "0.1.8", "fe2dad5d6b8e90ef0c2b9486074c2261d24b957bb7b08c6f5b82e955bc045549"),
    ("salesforce-lavis", "1.0.2", "489782efc2d98d8e878112b2758f82ac2e6c10dfcfa087db6656465c7784d49f"),
]
RUFF = "ruff==0.17.6"
FIXES = re.compile(r"^ +(\d+) +([a-z]+/[\w/-]+)$", re.M)


def run(command, folder, **kwargs):
    environment = {**os.environ, "HF_HOME": "/nonexistent"}  # the machine's cache is no matter of these trees
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=550, env=environment, **kwargs)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(package, downloads):
    """The verified wheel of a package, from the folder or the package index."""
    name, version, sha256 = package
    for path in downloads.glob("*.whl"):
        if digest(path) == sha256:
            return path
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--only-binary", ":all:", f"{name}=={version}", "-d", str(downloads)], check=True)
    for path in downloads.glob("*.whl"):
        if digest(path) == sha256:
            return path
    sys.exit(f"{name} {version}: the downloaded wheel has another hash than {sha256}")


def unpack(wheel, folder):
    """Its Python files under the folder."""
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            target = folder / member
            if member.endswith(".py") and folder.resolve() in target.resolve().parents:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(member))


def files(folder):
    return {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*.py"))}


def parses(data):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
        return True
    except (SyntaxError, ValueError, RecursionError):
        return False


class Tree:
    """One project through hffix; problems are collected, not raised."""

    def __init__(self, name, wheel, work, hffix):
        self.name, self.hffix = name, hffix
        self.folder, self.written = work / name / "dry", work / name / "written"
        for folder in (self.folder, self.written):
            shutil.rmtree(folder, ignore_errors=True)
            unpack(wheel, folder)
        self.before = files(self.folder)
        self.problems, self.fixes, self.changed = [], Counter(), {}

    def check(self):
        start = time.monotonic()
        dry = run([self.hffix, "--color", "never", "."], self.folder)
        self.seconds = time.monotonic() - start
        self.diff = dry.stdout
        talk = dry.stderr.decode(errors="replace")
        if dry.returncode not in (0, 2) or "Sanitizer" in talk or "runtime error" in talk:
            self.problems.append(f"exit status {dry.returncode}: {talk[-2000:]}")
        for count, transform in FIXES.findall(talk):
            self.fixes[transform] += int(count)
        run([self.hffix, "--color", "never", "--write", "."], self.written)
        after = files(self.written)
        self.changed = {p: data for p, data in after.items() if data != self.before[p]}
        for path, data in self.changed.items():
            if parses(self.before[path]) and not parses(data):
                self.problems.append(f"{path} no longer parses")
        if self.diff:
            applied = run(["git", "apply", "--whitespace=nowarn", "-"], self.folder, input=self.diff)
            if applied.returncode:
                self.problems.append(f"git apply: {applied.stderr.decode(errors='replace')[:500]}")
        if files(self.folder) != after:
            self.problems.append("--write gives other bytes than git apply")
        again = run([self.hffix, "--color", "never", "."], self.written)
        if again.stdout:
            self.problems.append(f"a second run finds more:\n{again.stdout.decode(errors='replace')[:2000]}")
        return self


def clean_files(ruff, folder, paths):
    """Of the paths those that `ruff format --check` has nothing to say about, at the project's usual line lengths."""
    clean = set()
    for path in paths:
        for length in ("88", "119", "120"):
            if run([ruff, "format", "--isolated", "--check", "--line-length", length, str(path)], folder).returncode == 0:
                clean.add((path, length))
    return clean


def formatted(trees, work):
    """(still clean, were clean) over the changed files, each at the line length at which it was clean."""
    venv_folder = work / "venv"
    ruff = venv_folder / "bin" / "ruff"
    if not ruff.exists():
        venv.create(venv_folder, with_pip=True)
        run([venv_folder / "bin" / "pip", "install", "--quiet", RUFF], work, check=True)
    kept, total = 0, 0
    for tree in trees:
        originals = work / tree.name / "original"
        shutil.rmtree(originals, ignore_errors=True)
        for path in tree.changed:
            (originals / path).parent.mkdir(parents=True, exist_ok=True)
            (originals / path).write_bytes(tree.before[path])
        for path, length in clean_files(ruff, originals, tree.changed):
            config = f"[tool.ruff]\nline-length = {length}\n"
            shutil.copytree(originals, work / "formatted", dirs_exist_ok=True)
            (work / "formatted" / "pyproject.toml").write_text(config)
            run([tree.hffix, "--write", str(path)], work / "formatted")
            check = [ruff, "format", "--check", "--diff", str(path)]
            result = run(check, work / "formatted")
            total += 1
            kept += result.returncode == 0
            if result.returncode:
                print(f"{tree.name}/{path}: not clean at {length} columns:\n{result.stdout.decode()[:1500]}")
            shutil.rmtree(work / "formatted")
    return kept, total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hffix", required=True)
    parser.add_argument("--work", required=True, type=Path, help="folder for downloads and trees")
    parser.add_argument("--downloads", type=Path, help="folder with wheels that are already here")
    parser.add_argument("--formatted", action="store_true", help="check the changed files' format with ruff")
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    downloads = (arguments.downloads or work / "downloads").resolve()
    downloads.mkdir(parents=True, exist_ok=True)
    hffix = str(Path(arguments.hffix).resolve())
    wheels = [(package[0], fetch(package, downloads)) for package in PACKAGES]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        trees = list(pool.map(lambda w: Tree(w[0], w[1], work, hffix).check(), wheels))
    total, problems = Counter(), 0
    print(f"{'project':22}{'files':>7}{'changed':>9}{'edits':>7}{'seconds':>9}")
    for tree in trees:
        total += tree.fixes
        print(f"{tree.name:22}{len(tree.before):7}{len(tree.changed):9}{sum(tree.fixes.values()):7}{tree.seconds:9.3f}")
    print(f"{'all':22}{sum(len(t.before) for t in trees):7}{sum(len(t.changed) for t in trees):9}{sum(total.values()):7}")
    for transform, count in sorted(total.items()):
        print(f"  {count:5} {transform}")
    for tree in trees:
        for problem in tree.problems:
            problems += 1
            print(f"FAIL {tree.name}: {problem}")
    if not any(tree.changed for tree in trees):
        problems += 1
        print("FAIL nothing was changed anywhere: these trees need fixes")
    if arguments.formatted:
        kept, clean = formatted(trees, work)
        print(f"formatted: {kept} of {clean} clean files are still clean")
        problems += clean > 0 and kept < 0.99 * clean
    print(f"{len(trees)} projects, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

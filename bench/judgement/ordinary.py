#!/usr/bin/env python3
"""Ordinary code stays ordinary: ordinary.py --hffix PATH --repos FOLDER [--sample FILE] [--draw N] [--jobs N]

ordinary.tsv names random load, tokenizer, generate and pipeline calls of public repositories, none chosen for what it
is. Each file is laid out as run.py does it and fixed with the transforms of the guide's rules; a call counts as edited
when a change touches its statement. Printed is the share that is edited, by rule, with and without the calls that get
advice, and how many of the edits the labels call right. --draw N writes a new sample of N calls, at most five of a
repository, drawn with a fixed seed from all Python files and notebooks at each repository's HEAD.
"""

import argparse
import ast
import collections
import concurrent.futures
import csv
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import run

HERE = Path(__file__).resolve().parent
COLUMNS = ["repository", "commit", "path", "line", "kind", "label", "reason"]  # "-": not labelled
SEED = 20251125
MOST = 5  # calls of one repository
LIBRARIES = re.compile(
    r"huggingface/(transformers|peft|trl|accelerate|diffusers|datasets|huggingface_hub|optimum.*|sentence-transformers"
    r"|setfit|evaluate)|UKPLab/sentence-transformers|lvwerra/trl|adapter-hub/adapters|astral-sh/ruff"
)
VENDORED = re.compile(r"(^|/)(site-packages|transformers[^/]*/(src|examples|tests|scripts)|hf-dev|peft/src|trl/trl)/")
TOKENIZER = re.compile(r"\w*_?tok(eni[sz]er)?|(?!logits)\w*processor|tokeni[sz]er_\w+")
NOTE = re.compile(r"^(?P<path>.*?):(?:cell (?P<cell>\d+):)?(?P<line>\d+):\d+: advice (?P<name>[\w/-]+)", re.M)
MAGIC = re.compile(r"(?m)^(\s*)[%!?].*$")


def kind(call):
    """load, tokenizer, generate or pipeline for a call of one of the four kinds, or None."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    words = {k.arg for k in call.keywords}
    if name == "from_pretrained":
        return "load"
    if name == "generate" and isinstance(call.func, ast.Attribute):
        return "generate"
    if name == "pipeline":
        return "pipeline"
    if name in ("batch_encode_plus", "encode_plus"):
        return "tokenizer"
    called = call.func.value if name == "encode" and isinstance(call.func, ast.Attribute) else call.func
    last = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if TOKENIZER.fullmatch(last) and (call.args or words & {"return_tensors", "padding", "truncation", "text"}):
        return "tokenizer"
    return None


def calls(text):
    """(line, kind) of the calls of one source text."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return []
    return [(n.lineno, kind(n)) for n in ast.walk(tree) if isinstance(n, ast.Call) and kind(n)]


def calls_of_file(path, data):
    if not path.endswith(".ipynb"):
        return calls(data.decode(errors="replace").lstrip("\ufeff"))
    found = []
    for index, source in enumerate(run.cells(data)):
        found += [(f"{index}:{line}", k) for line, k in calls(MAGIC.sub(r"\1pass", source))]
    return found


def draw(options):
    """A new sample: rows without labels."""
    chance = random.Random(SEED)
    rows = []
    for top in sorted(p.name for p in Path(options.repos).iterdir() if "+" in p.name):
        repository = top.replace("+", "/", 1)
        command = run.git(options.repos, repository)
        if not command or LIBRARIES.fullmatch(repository):
            continue
        head = subprocess.run(command + ["rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
        listed = subprocess.run(
            command + ["grep", "-lIzE", "transformers|peft", head, "--", "*.py", "*.ipynb"], capture_output=True, text=True
        ).stdout
        paths = sorted(n.split(":", 1)[1] for n in listed.split("\0") if ":" in n)
        chance.shuffle(paths)
        mine = []
        for path in [p for p in paths if not VENDORED.search(p)][:40]:
            data = run.blob(command, head, path)
            if data and len(data) < 1_000_000:
                mine += [dict(zip(COLUMNS, (repository, head, path, n, k, "-", "-"))) for n, k in calls_of_file(path, data)]
        rows += chance.sample(mine, min(MOST, len(mine)))
    rows = chance.sample(rows, min(options.draw, len(rows)))
    rows.sort(key=lambda r: (r["repository"].lower(), r["path"], str(r["line"])))
    with open(options.sample, "w", encoding="utf-8") as file:
        file.write("\t".join(COLUMNS) + "\n")
        file.writelines("\t".join(str(r[c]) for c in COLUMNS) + "\n" for r in rows)
    print(f"{len(rows)} calls written to {options.sample}")


def notes(options, path, data, others, names):
    """(cell from 0 or None, line, transform) of the advice on a file."""
    with tempfile.TemporaryDirectory(prefix="ordinary-") as folder:
        for name, content in [(path, data)] + others:
            place = Path(folder) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        command = [str(options.hffix), "--no-ignore", "--check", "--select", ",".join(names), path]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=options.timeout)
    return [(m["cell"] and int(m["cell"]) - 1, int(m["line"]), m["name"]) for m in NOTE.finditer(ran.stdout + ran.stderr)]


def rules_of(gone, come):
    """The rules whose words a change adds or takes away, as run.py tells them."""
    found = [rule for rule in run.RULES if rule != "13" and run.marked(rule, gone, come)]
    return [rule for rule in found if rule != "6" or "6b" not in found]  # 6b writes the words of 6


def touched(old, new, line):
    """Rules of the changes that touch the statement at a line; "other" where no rule's words are seen."""
    span = run.statement(old, line)
    found = set()
    for start, end, gone, come in run.changes(old, new):
        if run.distance(span, start, end) == 0:
            found |= set(rules_of(gone, come) or (["other"] if start <= end else []))
    return found


def judge(options, key, rows, names):
    repository, commit, path = key
    command = run.git(options.repos, repository)
    data = run.blob(command, commit, path) if command else None
    if data is None:
        return None
    others = [(n, run.blob(command, commit, n)) for n in run.dependencies(command, commit, path)]
    others = [(n, c) for n, c in others if c is not None]
    try:
        after = run.fix(options, path, data, others, names)
        told = notes(options, path, data, others, names)
    except (run.Failed, subprocess.TimeoutExpired) as failure:
        print(f"failed: {repository} {path}: {failure}")
        return None
    results = []
    for row in rows:
        if path.endswith(".ipynb"):
            cell, line = (int(n) for n in row["line"].split(":"))
            old, new = run.cells(data), run.cells(after)
            before, now = old[cell], new[cell] if len(old) == len(new) else old[cell]
            here = [n for c, n_line, n in told if c == cell and near(before, line, n_line)]
        else:
            line = int(row["line"])
            before, now = data.decode(errors="replace"), after.decode(errors="replace")
            here = [n for _, n_line, n in told if near(before, line, n_line)]
        results.append((row, touched(before, now, line), set(here)))
    return results


def near(text, line, other):
    first, last = run.statement(text, line)
    return first <= other <= last


def share(part, whole):
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none"


def main():
    parser = argparse.ArgumentParser(description="random calls: how many hffix edits")
    parser.add_argument("--hffix", type=Path, help="the program")
    parser.add_argument("--repos", required=True, type=Path, help="folder with git directories, as OWNER+NAME/repo")
    parser.add_argument("--sample", type=Path, default=HERE / "ordinary.tsv")
    parser.add_argument("--draw", type=int, metavar="N", help="write a new sample of N calls and stop")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=int, default=60)
    parser.add_argument("--show", action="store_true", help="name each edited call, with its diff's rules and label")
    options = parser.parse_args()
    if options.draw:
        return draw(options)
    options.hffix = options.hffix.resolve()
    known = subprocess.run([str(options.hffix), "--list"], capture_output=True, text=True).stdout
    names = sorted({n for wanted, _ in run.RULES.values() for n in wanted if n in known and not n.startswith("migrate/")})
    with open(options.sample, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    files = collections.defaultdict(list)
    for row in rows:
        files[row["repository"], row["commit"], row["path"]].append(row)
    results, missing = [], 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for found in pool.map(lambda item: judge(options, item[0], item[1], names), files.items()):
            missing += found is None
            results += found or []

    edited = [r for r in results if r[1]]
    advised = [r for r in results if r[2] and not r[1]]
    print(f"{len(results)} random calls of {len({r[0]['repository'] for r in results})} repositories, {missing} files missing")
    print(f"edited      {share(len(edited), len(results))}")
    print(f"or advised  {share(len(edited) + len(advised), len(results))}")
    print("by kind     " + ", ".join(
        f"{k} {share(sum(r[0]['kind'] == k for r in edited), sum(r[0]['kind'] == k for r in results))}"
        for k in ("load", "tokenizer", "generate", "pipeline")
    ))
    counts = collections.Counter(rule for r in edited for rule in r[1])
    print("by rule     " + ", ".join(f"{rule}: {n}" for rule, n in sorted(counts.items())))
    labels = collections.Counter((r[0]["label"], bool(r[1])) for r in results if r[0]["label"] != "-")
    right, wrong = labels["edit", True], labels["keep", True]
    missed, kept = labels["edit", False], labels["keep", False]
    print(f"labelled    {right + wrong + missed + kept}: edits right {share(right, right + wrong)}, "
          f"due and not edited {missed}, rightly left alone {kept}")
    for row, rules, told in sorted(results, key=lambda r: (r[0]["repository"].lower(), r[0]["path"], r[0]["line"])):
        wrongly = row["label"] == ("keep" if rules else "edit")
        if options.show and rules or wrongly:
            what = "wrongly edited" if rules and wrongly else "missed" if wrongly else "edited"
            print(f"  {what} {','.join(sorted(rules))}  {run.place(row)}  {row['kind']}  {row['label']} {row['reason']}")


if __name__ == "__main__":
    sys.exit(main())

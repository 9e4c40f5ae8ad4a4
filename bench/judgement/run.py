#!/usr/bin/env python3
"""Judgement on labelled real call sites: run.py --hffix PATH --repos FOLDER [--sites FILE] [--jobs N] [--show all]

sites.tsv names places in public repositories at one commit each, and says whether hffix should edit there by one rule.
Each file is laid out from a git directory into an empty folder, with the dependency files of its folder and of those above
it, and fixed there with --write: once with the transforms of all rules together, and once for each rule that a row of the
file names with the transforms of that rule only. What changed in the labelled statement decides. Nothing is fetched.

The first table counts the run of all rules together: rules need each other (no input is moved before the model is mapped),
so a change there belongs to a rule when it adds or takes away that rule's words. "alone" counts the other runs.
"""

import argparse
import ast
import collections
import concurrent.futures
import csv
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent

# rule: the transforms that implement it, and the words that its edits add (or, with "-", add or take away).
RULES = {
    "1": (["tokenize/pad-token"], r"\.pad_token\b|pad_token_id ="),
    "1b": (["tokenize/padding-side"], r"\bpadding_side\b"),
    "2": (["pipeline"], r"\bbatch_size\s*="),
    "3": (["load/device-map"], r"\bdevice_map\s*="),
    "4": (["load/trust-remote-code"], r"-\btrust_remote_code\b"),
    "5": (["load/bf16"], r"(?<!\w)(?:torch_)?dtype\s*="),
    "6": (["load/quantize"], r"\bquantization_config\s*="),
    "6b": (["load/bnb-config"], r"-\bquantization_config\s*=|\bload_in_[48]bit\s*="),
    "7": (["tokenize/padding", "tokenize/truncation"], r"\b(?:padding|truncation)\s*="),
    "8": (["generate/inputs-device"], r"\.to\("),
    "9": (["generate/max-new-tokens"], r"\bmax_new_tokens\s*="),
    "10": (["peft/prepare-kbit"], r"\bprepare_model_for_kbit_training\("),
    "11": (["train/gradient-checkpointing"], r"\bgradient_checkpointing\s*="),
    "12": (["cache/hub-cache", "cache/imported-constant"], r"\bHF_HUB_CACHE\b"),
    "13": (["load/trust-remote-code"], r"-\btrust_remote_code\b"),
    "14": (["migrate/huggingface_hub/cli"], r"(?<![\w./-])hf (?=[a-z])"),
}
DEPENDENCIES = re.compile(r"(pyproject\.toml|setup\.cfg|setup\.py|[^/]*requirements[^/]*\.txt)")
NEAR = 2  # lines around the labelled statement


def git(folder, repository):
    """The git command for a repository of the folder, or None."""
    top = Path(folder) / repository.replace("/", "+")
    for place in (top / "repo" / ".git", top / "repo", top / ".git", top):
        if (place / "HEAD").is_file() and (place / "objects").is_dir():
            return ["git", "-c", "core.quotepath=off", f"--git-dir={place}"]
    return None


def blob(command, commit, path):
    shown = subprocess.run(command + ["show", f"{commit}:{path}"], capture_output=True)
    return shown.stdout if shown.returncode == 0 else None


def dependencies(command, commit, path):
    """Paths of the dependency files in the folder of path and in those above it."""
    found = []
    folder = os.path.dirname(path)
    while True:
        listed = subprocess.run(
            command + ["ls-tree", "--name-only", commit, "--"] + ([folder + "/"] if folder else []),
            capture_output=True,
            text=True,
        )
        found += [name for name in listed.stdout.split("\n") if DEPENDENCIES.fullmatch(os.path.basename(name))]
        if not folder:
            return [name for name in found if name and name != path]
        folder = os.path.dirname(folder)


def statement(text, line):
    """First and last line of the smallest statement around a line; of a compound statement, its head."""
    first, last = line, line
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return first, last
    size = None
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        end = max(node.lineno, body[0].lineno - 1) if isinstance(body, list) and body else node.end_lineno
        if node.lineno <= line <= end and (size is None or end - node.lineno < size):
            first, last, size = node.lineno, end, end - node.lineno
    return first, last


def changes(before, after):
    """(first old line, last old line, removed, added); last < first is an insertion before first."""
    old, new = before.split("\n"), after.split("\n")
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            yield i + 1, j, "\n".join(old[i:j]), "\n".join(new[k:m])


def marked(rule, removed, added):
    words = RULES[rule][1]
    either = words.startswith("-")
    pattern = re.compile(words[1:] if either else words)
    gone, come = len(pattern.findall(removed)), len(pattern.findall(added))
    return gone != come if either else come > gone


def cells(data):
    try:
        book = json.loads(data)
    except ValueError:
        return []
    return ["".join(c.get("source", "")) for c in book.get("cells", [])]


def distance(span, start, end):
    """Lines between a statement and a change (last < first: an insertion before first); 0 when they touch."""
    first, last = span
    if end < start:  # the new lines stand between the old lines start - 1 and start
        return max(first - start, start - 1 - last, 0)
    return max(first - end, start - last, 0)


def edited(rule, path, rows, before, after):
    """Lines of the rows of one rule that a change of that rule touches; a change counts for the nearest of them."""
    lines = {int(row["line"]) for row in rows}
    if path.endswith(".ipynb"):
        old, new = cells(before), cells(after)
        if len(old) != len(new):
            return set()
        return {
            line
            for line in lines
            if line < len(old) and any(marked(rule, gone, come) for _, _, gone, come in changes(old[line], new[line]))
        }
    old, new = before.decode(errors="replace"), after.decode(errors="replace")
    spans = {line: statement(old.lstrip("\ufeff"), line) for line in lines}
    touched = set()
    for start, end, gone, come in changes(old, new):
        if marked(rule, gone, come):
            far = {line: distance(span, start, end) for line, span in spans.items()}
            nearest = min(far.values())
            touched |= {line for line in far if far[line] == nearest and nearest <= NEAR}
    return touched


class Failed(Exception):
    pass


def fix(options, path, data, others, names):
    """The file's bytes after hffix."""
    with tempfile.TemporaryDirectory(prefix="judgement-") as folder:
        for name, content in [(path, data)] + others:
            place = Path(folder) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        command = [str(options.hffix), "--write", "--no-ignore", "--select", ",".join(names), path]
        try:
            ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=options.timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"no end after {options.timeout} s")
        if ran.returncode not in (0, 1):
            raise Failed(f"exit {ran.returncode}: {(ran.stderr.strip().splitlines() or [''])[-1]}")
        return (Path(folder) / path).read_bytes()


def judge(options, key, rows, names):
    """For one file: [(row, edited with all rules, edited alone)] and what went wrong."""
    repository, commit, path = key
    command = git(options.repos, repository)
    data = blob(command, commit, path) if command else None
    if data is None:
        return None, f"{repository} {path}: not in {options.repos}"
    others = []
    for name in dependencies(command, commit, path):
        content = blob(command, commit, name)
        if content is not None:
            others.append((name, content))
    after, wrong = {}, None
    every = sorted({n for r in RULES for n in names[r]})
    for rule in ["all"] + sorted({row["rule"] for row in rows}):
        chosen = every if rule == "all" else names[rule]
        try:
            after[rule] = fix(options, path, data, others, chosen) if chosen else data
        except Failed as failure:
            after[rule], wrong = data, f"{repository} {path} ({rule}): {failure}"
    results = []
    for rule in sorted({row["rule"] for row in rows}):
        mine = [row for row in rows if row["rule"] == rule]
        together = edited(rule, path, mine, data, after["all"])
        alone = edited(rule, path, mine, data, after[rule])
        results += [(row, int(row["line"]) in together, int(row["line"]) in alone) for row in mine]
    return results, wrong


def share(part, whole):
    return f"{100 * part / whole:.0f} %" if whole else "-"


def table(results, which):
    """Lines of a table; which: 1 all rules together, 2 alone."""
    lines = [["rule", "due", "edited", "recall", "look-alikes", "edited", "edits", "right"]]
    total = collections.Counter()
    for rule in list(RULES) + ["all"]:
        mine = [r for r in results if rule in ("all", r[0]["rule"])]
        due = [r for r in mine if r[0]["due"] == "yes"]
        not_due = [r for r in mine if r[0]["due"] == "no"]
        hits, wrong = sum(r[which] for r in due), sum(r[which] for r in not_due)
        total[rule] = hits + wrong
        lines.append(
            [rule, len(due), hits, share(hits, len(due)), len(not_due), wrong, hits + wrong, share(hits, hits + wrong)]
        )
    widths = [max(len(str(line[i])) for line in lines) for i in range(len(lines[0]))]
    return ["  ".join(str(cell).rjust(width) for cell, width in zip(line, widths)) for line in lines]


def place(row):
    return f"{row['repository']} {row['path']}:{row['line']}"


def main():
    parser = argparse.ArgumentParser(description="hffix on labelled real call sites")
    parser.add_argument("--hffix", required=True, type=Path, help="the program")
    parser.add_argument("--repos", required=True, type=Path, help="folder with git directories, as OWNER+NAME/repo")
    parser.add_argument("--sites", type=Path, default=HERE / "sites.tsv")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=int, default=60, help="seconds a run of hffix may take")
    parser.add_argument("--rule", action="append", help="only rows of this rule (may be given again)")
    parser.add_argument("--show", choices=["wrong", "all"], default="wrong", help="places named below the tables")
    parser.add_argument("--least-right", type=float, default=0, help="exit 1 when fewer edits are right, in per cent")
    parser.add_argument("--least-recall", type=float, default=0, help="exit 1 when fewer due edits are made, in per cent")
    options = parser.parse_args()
    options.hffix = options.hffix.resolve()
    with open(options.sites, encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    rows = [r for r in rows if not options.rule or r["rule"] in options.rule]

    known = subprocess.run([str(options.hffix), "--list"], capture_output=True, text=True).stdout
    names = {rule: [n for n in RULES[rule][0] if n in known] for rule in RULES}
    for rule, (wanted, _) in RULES.items():
        for name in sorted(set(wanted) - set(names[rule])):
            print(f"note: {name} (rule {rule}) is not in {options.hffix.name} --list")

    files = collections.defaultdict(list)
    for row in rows:
        files[row["repository"], row["commit"], row["path"]].append(row)
    results, missing, failures = [], [], []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for found, wrong in pool.map(lambda item: judge(options, item[0], item[1], names), files.items()):
            if found is None:
                missing.append(wrong)
                continue
            results += found
            failures += [wrong] if wrong else []

    print(f"{len(results)} of {len(rows)} rows in {len(files) - len(missing)} files")
    print("\nall rules together")
    print("\n".join(table(results, 1)))
    print("\neach rule alone")
    print("\n".join(table(results, 2)))
    for title, due, want in (("look-alikes edited", "no", True), ("due and not edited", "yes", False)):
        if title.startswith("due") and options.show != "all":
            continue
        print(f"\n{title}")
        for row, together, _ in sorted(results, key=lambda r: (list(RULES).index(r[0]["rule"]), place(r[0]))):
            if row["due"] == due and together == want:
                print(f"  {row['rule']:>2}  {place(row)}  ({row['reason']})")
    for title, lines in (("no such file", missing), ("hffix failed", failures)):
        if lines:
            print(f"\n{title}")
            print("\n".join(f"  {line}" for line in lines))

    due = [r for r in results if r[0]["due"] == "yes"]
    right, edits = sum(r[1] for r in due), sum(r[1] for r in results)
    low = edits and 100 * right / edits < options.least_right
    low = low or (due and 100 * right / len(due) < options.least_recall)
    sys.exit(1 if low or failures or not results else 0)


if __name__ == "__main__":
    main()

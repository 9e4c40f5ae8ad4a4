#!/usr/bin/env python3
"""hffix beside people who migrated: run.py --scorer SCORE --hffix PATH --mirrors FOLDER [--args …] [--show extras|misses|own]

SCORE is a program that compares a fixer with edits of real commits, as README.md says of it; HFFIX_HUMANS names it too. Its
cases and its answer are joined with what was judged here: extras.tsv says of edits that nobody confirms whether they are
right, misses.tsv who was right where a person edited and hffix did not, owners.tsv which distribution defines what is renamed.
The first row of a table whose patterns all fit counts; what fits none is counted as not judged. `--least-right` makes it
fail below a share.
"""

import argparse
import collections
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def table(name):
    """Rows of a table as (patterns by column, verdict, reason)."""
    with open(HERE / name, encoding="utf-8", newline="") as text:
        rows = list(csv.reader((line for line in text if not line.startswith("#")), delimiter="\t"))
    head = rows[0]
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(head):
            sys.exit(f"{name}:{number}: {len(row)} columns, not {len(head)}")
    return [
        ({c: re.compile(cell) for c, cell in zip(head[:-2], row) if cell not in ("", "-")}, row[-2], row[-1])
        for row in rows[1:]
    ]


def judge(rows, facts):
    for patterns, verdict, reason in rows:
        if all(pattern.search(facts[column]) for column, pattern in patterns.items()):
            return verdict, reason
    return "not judged", ""


def is_own(owners, case):
    """Whether the file is part of the distribution that defines what is renamed: its package lies in the path."""
    for patterns, distribution, package in owners:
        if patterns["class"].search(case["cls"]) and case["repo"].split("+")[-1] == distribution:
            return package in Path(case["file"]).parts[:-1]
    return False


def score(options):
    """The scorer's answer and its cases."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer.json")
        command = [sys.executable, options.scorer, "--split", options.split, "--hffix", options.hffix]
        command += ["--args", options.args, "--jobs", str(options.jobs), "--json", str(answer)]
        environment = dict(os.environ, HB_MIRRORS=options.mirrors)
        told = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
        if told.returncode:
            sys.exit(f"the scorer ended with {told.returncode}")
        result = json.loads(answer.read_text())
    cases = [json.loads(line) for line in open(Path(options.scorer).with_name("cases.jsonl"), encoding="utf-8")]
    return result, [case for case in cases if options.split in ("all", case["split"])]


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def line(*cells):
    print("  ".join(f"{str(cell):<44}" if i == 0 else f"{str(cell):>10}" for i, cell in enumerate(cells)))


def tell_recall(result, cases, show):
    owners, rows = table("owners.tsv"), table("misses.tsv")
    found = set(result["found"])
    api = [case for case in cases if case["tier"] in ("core", "flow")]
    own = [case for case in api if is_own(owners, case)]
    others = [case for case in api if not is_own(owners, case)]
    for name, some in (("core and flow", api), ("the libraries' own definitions", own), ("without those", others)):
        hit = sum(case["id"] in found for case in some)
        line(name, f"{hit}/{len(some)}", share(hit, len(some)))
    who = collections.Counter()
    for case in others:
        if case["id"] in found:
            continue
        facts = dict(zip(("class", "repository", "path", "call"), (case["cls"], case["repo"], case["file"], case["callee"])))
        verdict, reason = judge(rows, facts)
        who[verdict] += 1
        if show == "misses":
            print(f"  {verdict}: {case['id']} {case['repo']} {case['file']}:{case['line']} {case['cls']} ({reason})")
    print("missed, without those, who was right: " + ", ".join(f"{name} {n}" for name, n in who.most_common()))
    if show == "own":
        print("own: " + " ".join(case["id"] for case in own))


def tell_extras(result, show):
    rows = table("extras.tsv")
    by_class = collections.defaultdict(collections.Counter)
    for edit in result["extras"]:
        facts = {"class": edit["cls"], "repository": edit["repo"], "path": edit["file"], "call": edit["callee"]}
        facts["change"] = " ".join((edit["old"] + " => " + edit["new"]).split())
        verdict, reason = judge(rows, facts)
        for key in (edit["cls"], "all", f"all, {edit['verdict']}"):
            by_class[key][verdict] += 1
        if show == "extras":
            print(f"  {verdict}: {edit['repo']} {edit['parent'][:10]} {edit['file']}:{edit['line']} {edit['cls']} ({reason})")
    line("edits that nobody made or confirmed", "right", "taste", "wrong", "not judged")
    totals = ("all", "all, kept", "all, unknown")
    for key in [*sorted(set(by_class) - set(totals)), *totals]:
        line(key, *(by_class[key][verdict] for verdict in ("right", "taste", "wrong", "not judged")))
    return by_class


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--scorer", default=os.environ.get("HFFIX_HUMANS"), required="HFFIX_HUMANS" not in os.environ)
    parser.add_argument("--hffix", required=True)
    parser.add_argument("--mirrors", default=os.environ.get("HB_MIRRORS", ""))
    parser.add_argument("--args", default="--docs --target transformers=5.23")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--show", choices=["extras", "misses", "own"])
    parser.add_argument("--least-right", type=float, default=0, help="fail when fewer edits in 100 are right")
    options = parser.parse_args()
    result, cases = score(options)
    tell_recall(result, cases, options.show)
    by_class = tell_extras(result, options.show)
    summary = result["summary"]
    as_people = summary["agreed"] + summary["confirmed_later"]
    extras = by_class["all"]
    line("edits made", summary["edits_made"])
    line("as a person, in that commit or later", as_people)
    line("right where the newest revision decides", "", share(as_people, as_people + summary["extra_kept"]))
    good = as_people + extras["right"]
    right = 100 * good / max(1, summary["edits_made"])
    line("right, as judged", good, f"{right:.1f} %")
    line("right or a matter of taste", good + extras["taste"], share(good + extras["taste"], summary["edits_made"]))
    line("files broken", summary["broken"])
    return right < options.least_right


if __name__ == "__main__":
    sys.exit(main())

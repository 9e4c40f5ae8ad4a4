#!/usr/bin/env python3
"""How far two labellings of the same sites agree: agreement.py [--sites FILE] [--second FILE]

second.tsv has rows of sites.tsv, labelled a second time without sight of the first labels. Printed are, for each rule,
the rows and how many of them agree, then Cohen's kappa over all rows, then each row that differs with both reasons.
Kappa is 1 for full agreement and 0 for what chance alone would give with the same shares of yes and no.
"""

import argparse
import csv
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEY = ("repository", "commit", "path", "line", "rule")


def read(file):
    """The rows of a table by site; a site named twice is a mistake in the table."""
    labels = {}
    with open(file, newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            key = tuple(row[name] for name in KEY)
            if key in labels:
                sys.exit(f"{file}: twice: {' '.join(key)}")
            if row["due"] not in ("yes", "no"):
                sys.exit(f"{file}: due is neither yes nor no: {' '.join(key)}")
            labels[key] = row
    return labels


def kappa(pairs):
    """Cohen's kappa of (first, second) labels; None where chance alone would already agree on every row."""
    n = len(pairs)
    seen = sum(a == b for a, b in pairs) / n
    first = sum(a == "yes" for a, _ in pairs) / n
    second = sum(b == "yes" for _, b in pairs) / n
    chance = first * second + (1 - first) * (1 - second)
    return None if chance == 1 else (seen - chance) / (1 - chance)


def rule_order(rule):
    """4 before 10, 6 before 6b."""
    number, letter = re.fullmatch(r"(\d+)(\w*)", rule).groups()
    return int(number), letter


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sites", default=HERE / "sites.tsv")
    parser.add_argument("--second", default=HERE / "second.tsv")
    args = parser.parse_args()

    first, second = read(args.sites), read(args.second)
    missing = [key for key in second if key not in first]
    if missing:
        sys.exit(f"{args.second}: not in {args.sites}: {' '.join(missing[0])}")
    if not second:
        sys.exit(f"{args.second}: no rows")

    print("rule  rows  agreed")
    for rule in sorted({key[-1] for key in second}, key=rule_order):
        keys = [key for key in second if key[-1] == rule]
        print(f"{rule:<4}  {len(keys):>4}  {sum(first[k]['due'] == second[k]['due'] for k in keys):>6}")
    pairs = [(first[key]["due"], second[key]["due"]) for key in second]
    print(f"all   {len(pairs):>4}  {sum(a == b for a, b in pairs):>6}")
    value = kappa(pairs)
    print("kappa", "undefined" if value is None else f"{value:.2f}")

    for key in second:
        a, b = first[key], second[key]
        if a["due"] != b["due"]:
            print(f"\n{a['repository']} {a['path']}:{a['line']} rule {a['rule']}")
            print(f"  first   {a['due']:<3} {a['reason']}")
            print(f"  second  {b['due']:<3} {b['reason']}")


if __name__ == "__main__":
    main()

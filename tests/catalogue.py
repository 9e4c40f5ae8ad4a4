#!/usr/bin/env python3
"""transforms/catalogue.tsv, a row for each known change of the libraries: `python3 tests/catalogue.py`, from the tree's root.

The columns are tab-separated, `-` where there is nothing:
    id          the change
    library     whose change it is
    fix         whether code can be moved without a person: yes, conditional or no
    verdict     edit (a transform moves the code), advice (one tells of it), none
    transforms  their names, a blank between two
    reason      why nothing is done; of a verdict none
A row whose reason is `not written` waits for its transform.

What fails: a named transform that is not there, a verdict without what it needs, an edit whose transforms only tell, a
conditional row's transform without a keep_ fixture, and fewer than 90 % of the yes rows that edit. The last looks at the
rows that are written. The totals are printed. `--missing` lists the rows that are not written.
"""

import re
import sys
from collections import Counter
from pathlib import Path

TABLE = Path("transforms/catalogue.tsv")
COLUMNS = ["id", "library", "fix", "verdict", "transforms", "reason"]
NOT_WRITTEN = "not written"
ENOUGH = 0.9


def rows():
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("#"):
            yield number, [cell if cell != "-" else "" for cell in line.split("\t")]


def edits(transform):
    """Whether a rule of the transform changes code: it has a + or - line, and its tier is not advice."""
    parts = re.split(r"^@@$", Path(f"transforms/{transform}.patch").read_text(), flags=re.M)
    head = (re.search(r"^tier: *(\w+)", parts[0], re.M) or [None, "safe"])[1]
    for settings, body in zip(parts[1::2], parts[2::2]):
        tier = (re.search(r"^tier: *(\w+)", settings, re.M) or [None, head])[1]
        if tier != "advice" and re.search(r"^[-+]", body, re.M):
            return True
    return False


def keeps(transform):
    return any(Path("fixtures", transform).glob("keep_*"))


def problems(row, seen):
    if len(row) != len(COLUMNS):
        yield f"{len(row)} columns, not {len(COLUMNS)}"
        return
    name, _, fix, verdict, transforms, reason = row
    transforms = transforms.split()
    if name in seen:
        yield f"{name}: a second row"
    if fix not in ("yes", "conditional", "no"):
        yield f"{name}: no such fix: {fix}"
    missing = [t for t in transforms if not Path(f"transforms/{t}.patch").is_file()]
    for transform in missing:
        yield f"{name}: no transform {transform}"
    if verdict == "none":
        if transforms or not reason:
            yield f"{name}: a verdict none has a reason and no transform"
        return
    if verdict not in ("edit", "advice"):
        yield f"{name}: no such verdict: {verdict}"
    if not transforms or reason:
        yield f"{name}: a verdict {verdict} has a transform and no reason"
    if missing:
        return
    if verdict == "edit" and not any(map(edits, transforms)):
        yield f"{name}: {' '.join(transforms)} only tells"
    if fix == "conditional":
        for transform in transforms:
            if not keeps(transform):
                yield f"{name}: {transform} has no keep_ fixture"


def main():
    found, seen, counts, waiting = [], set(), Counter(), []
    for number, row in rows():
        for text in problems(row, seen):
            found.append(f"{TABLE}:{number}: {text}")
        if len(row) != len(COLUMNS):
            continue
        name, library, fix, verdict, _, reason = row
        seen.add(name)
        kind = NOT_WRITTEN if reason == NOT_WRITTEN else verdict
        counts[library, kind] += 1
        counts["all", kind] += 1
        counts["fix", fix, kind] += 1
        if kind == NOT_WRITTEN:
            waiting.append(name)
    yes = {kind: counts["fix", "yes", kind] for kind in ("edit", "advice", "none")}
    if yes["edit"] < ENOUGH * sum(yes.values()):
        found.append(f"{TABLE}: of {sum(yes.values())} yes rows only {yes['edit']} edit")
    kinds = ["edit", "advice", "none", NOT_WRITTEN]
    print(f"{'':24}" + "".join(f"{kind:>13}" for kind in kinds))
    for library in dict.fromkeys(key[0] for key in counts if len(key) == 2 and key[0] != "all"):
        print(f"{library:24}" + "".join(f"{counts[library, kind]:13}" for kind in kinds))
    print(f"{'all':24}" + "".join(f"{counts['all', kind]:13}" for kind in kinds))
    for fix in ("yes", "conditional", "no"):
        print(f"{'fix: ' + fix:24}" + "".join(f"{counts['fix', fix, kind]:13}" for kind in kinds))
    if "--missing" in sys.argv[1:]:
        print("\n".join(waiting))
    for text in found:
        print(f"FAIL {text}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

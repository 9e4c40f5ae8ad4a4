#!/usr/bin/env python3
"""The transforms against the libraries themselves: oracle.py --hffix PATH --work FOLDER [--list] [AREA/NAME …]

An example is a case of fixtures/AREA/NAME, Python or a script, that runs. One of its first lines says with what:

    # oracle: transformers==4.57.6 -> transformers==5.23.0

The left side is the version of the transform's `since:`, or the oldest after it that still installs and runs; the right
side is the newest. More requirements may stand on either side; torch and what else all versions share is there anyway
(tests/oracle_environments.py). Of every example it is checked that

    before, new     the code as it stands fails, or warns, with the new version
    after, new      what `hffix --write` makes of it runs there, without that warning
    after, old      and runs with the old version

A change that neither fails nor warns is shown by an assert: of memory, of a dtype, of what a batch gives. `-> …, the old
form runs` is said of an example whose old form does no harm; it is a kind of its own, and counted apart. Of it is checked
that both forms run with the new version, without a new warning, and print the same.

hffix is given the case's own options (`# hffix: …`), else `--target LIBRARY=VERSION` of the right side's first requirement.
The working folder of a run holds tiny checkpoints by the names of fixtures/models and of tests/oracle_models.py ("llama",
"bert", …), and by the names of large ones on the hub (STAND_INS); nothing is fetched at run time.

The environments stay in the work folder for the next run. HFFIX_ORACLE_TORCH is what pip is asked for in the one that all
share (torch==2.13.0; options may follow, such as the index of builds for CPUs). `--list` only names the editing transforms
without an example, and fails where fewer than 80 % have one.

Exit status: 0 all examples passed, 1 one failed, 3 those that ran passed, but some had no environment, 2 nothing ran.
"""

import argparse
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from catalogue import edits  # noqa: E402
from oracle_environments import (  # noqa: E402
    NotInstalled, Unreachable, call, disk, environment, name_of, variables)
from run_fixtures import ENVIRONMENT, FIXTURES, ROOT, Case, transforms  # noqa: E402

TESTS = ROOT / "tests"
# What a library imports late and most examples use: once for all runs.
BEFORE = {
    "transformers": ["transformers.modeling_utils", "transformers.pipelines", "transformers.trainer"],
    "diffusers": ["diffusers.models.unets.unet_2d_condition", "diffusers.pipelines.stable_diffusion"],
    "trl": ["trl.trainer.dpo_trainer", "trl.trainer.grpo_trainer", "trl.trainer.sft_trainer", "trl.trainer.rloo_trainer"],
}
# Tiny checkpoints by the names of large ones: rules about size read the name.
STAND_INS = {"meta-llama/Llama-2-13b-hf": "llama-unpadded", "meta-llama/Llama-2-70b-hf": "llama-unpadded",
             "facebook/opt-1.3b": "opt"}
ENOUGH = 80  # percent of the editing transforms have an example
HEADER = re.compile(r"^# oracle: (.+?) -> (.+?)(, the old form runs)?$", re.M)
WARNS = re.compile(
    r"warning|deprecated|will be removed|no longer|not supported any ?more|not valid|ignored|not used|explicitly|"
    r"unexpected behavior|was detected", re.I)
# Variables that a library reads as it is imported need an interpreter that has not imported it.
FRESH = re.compile(r"\bos\.environ\b")
SECONDS = 120
TIMED_OUT, NOT_REACHED = 124, 125


class Example:
    def __init__(self, transform, path):
        self.transform, self.case = transform, Case(path)
        self.before = path.read_text(encoding="utf-8")
        header = HEADER.search(head(self.before))
        self.old, self.new = tuple(header[1].split()), tuple(header[2].split())
        self.harmless = bool(header[3])
        self.name = f"{transform}/{path.name if path.suffix == '.sh' else path.stem}"

    def options(self):
        library, version = re.split("==", self.new[0])
        return self.case.options() or ["--target", f"{library}={version}"]

    def run(self, what, text):
        return {"key": f"{self.name}: {what}", "text": text, "file": f"example{self.case.path.suffix}"}

    def runs(self, after):
        """(requirements, run) of each thing that is checked."""
        return [(self.new, self.run("before", self.before)), (self.new, self.run("after new", after)),
                (self.old, self.run("after old", after))]


def head(text):
    return "\n".join(text.splitlines()[:5])


def examples(transform):
    for path in sorted((FIXTURES / transform).glob("*")):
        if path.suffix in (".py", ".sh") and HEADER.search(head(path.read_text(encoding="utf-8"))):
            yield Example(transform, path)


# ---- runs ----


def run_all(work, requirements, runs):
    """{key: (status, what it printed, what it said of it)} of the runs with these requirements."""
    place = environment(work, requirements)
    folder = work / "runs" / str(os.getpid()) / hashlib.sha256(" ".join(requirements).encode()).hexdigest()[:12]
    jobs = []
    for number, run in enumerate(runs):
        here = folder / str(number)
        here.mkdir(parents=True)
        for model in (work / "models").iterdir():
            (here / model.name).symlink_to(model)
        for name, model in STAND_INS.items():
            (here / name).parent.mkdir(exist_ok=True)
            (here / name).symlink_to(work / "models" / model)
        (here / run["file"]).write_text(run["text"], encoding="utf-8")
        jobs.append({"key": run["key"], "folder": str(here), "file": run["file"],
                     "fresh": run["file"].endswith(".sh") or bool(FRESH.search(run["text"])),
                     "out": str(folder / f"{number}.out"), "err": str(folder / f"{number}.err")})
    names = sorted(name_of(r).replace("-", "_") for r in requirements)
    imports = ["torch", *names, *(m for name in names for m in BEFORE.get(name, []))]
    plan = folder / "plan.json"
    plan.write_text(json.dumps({"imports": imports, "runs": jobs, "seconds": SECONDS}))
    done = subprocess.run([place / "bin" / "python", TESTS / "oracle_server.py", plan], cwd=folder, capture_output=True,
                          text=True, env=variables(work, place))
    status = {}
    for line in done.stdout.splitlines():
        if line.startswith('{"key"'):
            result = json.loads(line)
            status[result["key"]] = result["status"]
    results = {}
    for job in jobs:
        if job["key"] in status:
            told = [Path(job[side]).read_text(encoding="utf-8", errors="replace") for side in ("out", "err")]
            results[job["key"]] = (status[job["key"]], *told)
        else:
            results[job["key"]] = (NOT_REACHED, "", f"the environment did not get to it: {done.stderr[-500:]}")
    return results


def models(work):
    """The checkpoints that the examples load: those of fixtures/models, and more that a library writes."""
    folder = work / "models"
    if (folder / "complete").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(FIXTURES / "models", folder)
    for config in folder.glob("*/tokenizer_config.json"):
        # A class that every version has: the files were written by transformers 5. Of itself it gives token types.
        settings = json.loads(config.read_text()) | {
            "tokenizer_class": "PreTrainedTokenizerFast", "model_input_names": ["input_ids", "attention_mask"]}
        config.write_text(json.dumps(settings))
    place = environment(work, ["transformers==4.57.6"])
    call([place / "bin" / "python", str(TESTS / "oracle_models.py"), str(folder)])
    (folder / "complete").mkdir()


# ---- verdicts ----


def warnings_of(output):
    lines = set()
    for line in output.splitlines():
        if WARNS.search(line):
            lines.add(re.sub(r"^\S*?[\w.]+\.py:\d+: ", "", line).strip())
    return lines


def last_line(output):
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1].strip()[:150] if lines else ""


def after_text(hffix, example, work):
    """What hffix makes of the example, by its own transform alone."""
    with tempfile.TemporaryDirectory(dir=work) as name:
        folder = Path(name)
        target = example.case.lay_out(folder)
        command = [hffix, "--select", example.transform, *example.options(), "--write", target]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
        if done.returncode:
            raise RuntimeError(f"{shlex.join(command)}\n{done.stderr}")
        return (folder / target).read_text(encoding="utf-8")


def judge(example, before, after, old):
    """(what the old form does, whether the new one runs with each version, why, what failed)"""
    status, printed, said = before
    gone = warnings_of(printed + said) - warnings_of(after[1] + after[2])
    word = "fails" if status else "warns" if gone else "runs"
    failures = []
    if status in (TIMED_OUT, NOT_REACHED):
        failures.append(f"before, new: {last_line(said) or 'takes too long'}")
    elif example.harmless and word != "runs":
        failures.append(f"the old form is said to run, and {word}")
    elif example.harmless and printed != after[1]:
        failures.append(f"the old form prints {last_line(printed)!r}, the new one {last_line(after[1])!r}")
    elif not example.harmless and word == "runs":
        failures.append("the old form runs on the new version, without a warning")
    for what, (code, out, err) in (("after, new", after), ("after, old", old)):
        if code:
            failures.append(f"{what}: {last_line(out + err)}")
    why = last_line(printed + said) if status else min(gone)[:150] if gone else ""
    return word, "fails" if after[0] else "runs", "fails" if old[0] else "runs", why, failures


# ---- the whole ----


class Tally:
    """What came out, by the example's name."""

    def __init__(self):
        self.passed, self.failed, self.not_run = [], {}, {}
        self.kinds = Counter()

    def status(self):
        if self.failed:
            return 1
        if not self.passed:
            return 2
        return 3 if self.not_run else 0


def check(hffix, work, todo):
    tally, wanted, results = Tally(), {}, {}
    for example in todo:
        after = after_text(hffix, example, work)
        if after == example.before:
            tally.failed[example.name] = ["hffix changes nothing"]
        for requirements, run in example.runs(after):
            wanted.setdefault(requirements, []).append(run)
    missing = {}
    for number, requirements in enumerate(sorted(wanted), 1):
        start = time.monotonic()
        print(f"# {number} of {len(wanted)}: {' '.join(requirements)}: {len(wanted[requirements])} runs", end="", flush=True)
        try:
            results |= run_all(work, list(requirements), wanted[requirements])
        except NotInstalled as error:
            missing[requirements] = str(error)
        print(f", {time.monotonic() - start:.0f} s", flush=True)
    print(f"{'example':58} {'before':7} {'after':7} {'old':7} why")
    for example in todo:
        lacking = [r for r in (example.new, example.old) if r in missing]
        if lacking:
            tally.not_run[example.name] = f"no environment {' '.join(lacking[0])}: {missing[lacking[0]]}"
            continue
        got = [results[run["key"]] for _, run in example.runs("")]
        before, new, old, why, wrong = judge(example, *got)
        print(f"{example.name:58} {before:7} {new:7} {old:7} {why}")
        wrong = tally.failed.get(example.name) or wrong
        if wrong:
            tally.failed[example.name] = wrong
        else:
            tally.passed.append(example.name)
            tally.kinds[before] += 1
    return tally


def tell(tally, work, seconds):
    for name, why in tally.not_run.items():
        print(f"NOT RUN {name}: {why}")
    for name, wrong in tally.failed.items():
        for text in wrong:
            print(f"FAIL {name}: {text}")
    total = len(tally.passed) + len(tally.failed) + len(tally.not_run)
    print(f"{total} examples: {len(tally.passed)} passed, {len(tally.failed)} failed, {len(tally.not_run)} not run "
          f"({seconds / 60:.0f} minutes, {disk(work) / 1e9:.1f} GB in {work.name}/)")
    kinds = tally.kinds
    print(f"of those that passed, the old form fails in {kinds['fails']}, warns in {kinds['warns']}, "
          f"runs and does the same in {kinds['runs']}")


def tell_share(names, found):
    editing = [name for name in names if edits(name)]
    without = [name for name in editing if not found[name]]
    for name in without:
        print(f"no example: {name}")
    share = 100 * (len(editing) - len(without)) // len(editing) if editing else 100
    print(f"{len(editing)} transforms edit, {len(editing) - len(without)} of them have an example ({share} %)")
    return share >= ENOUGH


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hffix", help="the program to test")
    parser.add_argument("--work", type=Path, help="folder of the environments, kept between runs")
    parser.add_argument("--list", action="store_true", help="only name the transforms without an example")
    parser.add_argument("transforms", nargs="*", help="AREA/NAME; all without any")
    arguments = parser.parse_args()
    names = arguments.transforms or transforms()
    found = {name: list(examples(name)) for name in names}
    if arguments.list:
        return 0 if tell_share(names, found) else 1
    if not arguments.hffix or not arguments.work:
        parser.error("--hffix and --work are needed")
    work, start = arguments.work.resolve(), time.monotonic()
    work.mkdir(parents=True, exist_ok=True)
    try:
        models(work)
        tally = check(str(Path(arguments.hffix).resolve()), work, [e for name in names for e in found[name]])
    except Unreachable as error:
        print(f"\noracle: pip reaches no package index ({error}). The libraries are installed once, into {work}; after that "
              "no network is needed.", file=sys.stderr)
        return 2
    except NotInstalled as error:
        print(f"\noracle: the environment that all share cannot be made: {error}", file=sys.stderr)
        return 2
    finally:
        shutil.rmtree(work / "runs" / str(os.getpid()), ignore_errors=True)
    tell_share(names, found)
    tell(tally, work, time.monotonic() - start)
    return tally.status()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The transforms against the libraries themselves: oracle.py --hffix PATH --work FOLDER [--list] [AREA/NAME …]

An example is a case of fixtures/AREA/NAME that runs. One of its first lines says with what:

    # oracle: transformers==4.57.6 -> transformers==5.23.0

The left side is the version of the transform's `since:`, or the oldest after it that still installs and runs; the right
side is the newest. More requirements may stand on either side; torch and what else all versions share (SHARED) is there
anyway. Of every example it is checked that

    before, new     the code as it stands fails, or warns, with the new version
    after, new      what `hffix --write` makes of it runs there, without that warning
    after, old      and runs with the old version

hffix is given the case's own options (`# hffix: …`), else `--target LIBRARY=VERSION` of the right side's first requirement.
A change that neither fails nor warns is shown by an assert. `-> …, the old form runs` is said of an example whose old form
does no harm: only what comes after it is checked. The working folder of a run holds tiny checkpoints by the names of
fixtures/models and of tests/oracle_models.py ("llama", "bert", …); nothing is fetched at run time.

Each set of requirements has a virtual environment in the work folder, on top of one with torch that all share; both stay
for the next run. HFFIX_ORACLE_TORCH is what pip is asked for there (torch==2.13.0). `--list` only names the editing
transforms without an example.
"""

import argparse
import fcntl
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from catalogue import edits  # noqa: E402
from run_fixtures import FIXTURES, ROOT, Case, transforms  # noqa: E402

SHARED = ["setuptools<81", "numpy", "pillow", "sentencepiece", "protobuf", "jinja2", "psutil"]
# What a library needs at run time and does not ask for itself.
BESIDE = {"transformers": ["accelerate"]}
# What a library imports late and most examples use: once for all runs.
BEFORE = {
    "transformers": ["transformers.modeling_utils", "transformers.pipelines", "transformers.trainer"],
    "diffusers": ["diffusers.models.unets.unet_2d_condition", "diffusers.pipelines.stable_diffusion"],
    "trl": ["trl.trainer.dpo_trainer", "trl.trainer.grpo_trainer", "trl.trainer.sft_trainer", "trl.trainer.rloo_trainer"],
}
HEADER = re.compile(r"^# oracle: (.+?) -> (.+?)(, the old form runs)?$", re.M)
WARNS = re.compile(
    r"warning|deprecated|will be removed|no longer|not supported any ?more|not valid|ignored|not used|explicitly", re.I)
SECONDS = 120


class Example:
    def __init__(self, transform, path):
        self.transform, self.case = transform, Case(path)
        text = "\n".join(path.read_text(encoding="utf-8").splitlines()[:5])
        header = HEADER.search(text)
        self.old, self.new = header[1].split(), header[2].split()
        self.harmless = bool(header[3])
        self.name = f"{transform}/{path.stem}"

    def options(self):
        library, version = re.split("==", self.new[0])
        return self.case.options() or ["--target", f"{library}={version}"]


def examples(transform):
    for path in sorted((FIXTURES / transform).glob("*.py")):
        if HEADER.search("\n".join(path.read_text(encoding="utf-8").splitlines()[:5])):
            yield Example(transform, path)


# ---- environments ----


def call(command, log=None, **kwargs):
    done = subprocess.run(command, capture_output=True, text=True, **kwargs)
    if done.returncode:
        raise RuntimeError(f"{shlex.join(map(str, command))}\n{(done.stdout + done.stderr)[-1500:]}")


def environment(work, name, requirements, below=None):
    """The Python of a virtual environment with these requirements, made where it is not there yet."""
    folder = work / name
    python = folder / "bin" / "python"
    marker = folder / "complete"
    lock = open(work / f"{name}.lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed: a second run waits for the first
    if marker.exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    call([sys.executable, "-m", "venv", *(["--without-pip"] if below else []), str(folder)])
    if below:
        # pip and the import system find what lies below; what is installed here comes first.
        site = next(folder.glob("lib/python*/site-packages"))
        (site / "below.pth").write_text(f"{next(below.glob('lib/python*/site-packages'))}\n")
    call([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements])
    marker.write_text("\n".join(requirements) + "\n")
    return python


def environment_of(work, requirements):
    names = {re.split(r"[\[=<>]", r)[0] for r in requirements}
    more = [m for r in sorted(names) for m in BESIDE.get(r, []) if m not in names]
    wanted = sorted(requirements) + more
    short = re.sub(r"[^\w.]+", "-", "_".join(sorted(requirements)))[:60]
    name = f"{short}-{hashlib.sha256(' '.join(wanted).encode()).hexdigest()[:8]}"
    torch = os.environ.get("HFFIX_ORACLE_TORCH") or "torch==2.13.0"
    environment(work, "base", [torch, *SHARED])
    return environment(work, name, wanted, work / "base")


# ---- runs ----

# Runs in an environment: imports the libraries once, then forks for each example.
SERVER = r"""
import importlib, json, os, runpy, signal, sys, time, warnings
jobs = json.load(open(sys.argv[1]))
for name in jobs["imports"]:
    try:
        importlib.import_module(name)
    except BaseException:
        pass
for job in jobs["runs"]:
    child = os.fork()
    if child == 0:
        os.setsid()
        out = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(out, 1), os.dup2(out, 2)
        sys.stdout, sys.stderr = open(1, "w", buffering=1, closefd=False), open(2, "w", buffering=1, closefd=False)
        import logging
        for logger in [logging.root, *logging.root.manager.loggerDict.values()]:
            for handler in getattr(logger, "handlers", []):
                if isinstance(handler, logging.StreamHandler):
                    handler.setStream(sys.stderr)
        os.chdir(job["folder"])
        warnings.simplefilter("default")
        warnings.filterwarnings("ignore", category=ResourceWarning)
        sys.argv = [job["file"]]
        status = 0
        try:
            runpy.run_path(job["file"], run_name="__main__")
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        except BaseException:
            import traceback
            traceback.print_exc()
            status = 1
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(status)
    status, limit = None, time.monotonic() + jobs["seconds"]
    while status is None and time.monotonic() < limit:
        done, code = os.waitpid(child, os.WNOHANG)
        if done:
            status = os.waitstatus_to_exitcode(code)
        else:
            time.sleep(0.02)
    if status is None:
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        status = 124
    print(json.dumps({"key": job["key"], "status": status}), flush=True)
"""


def run_all(work, requirements, runs):
    """{key: (status, output)} of the runs (key, text) with these requirements."""
    python = environment_of(work, requirements)
    folder = work / "runs" / str(os.getpid()) / hashlib.sha256(" ".join(requirements).encode()).hexdigest()[:12]
    jobs = []
    for number, (key, text) in enumerate(runs):
        here = folder / str(number)
        here.mkdir(parents=True)
        for model in (work / "models").iterdir():
            (here / model.name).symlink_to(model)
        (here / "example.py").write_text(text, encoding="utf-8")
        jobs.append({"key": key, "folder": str(here), "file": "example.py", "log": str(folder / f"{number}.log")})
    names = {re.split(r"[\[=<>]", r)[0].replace("-", "_") for r in requirements}
    imports = ["torch", *sorted(names), *(m for name in sorted(names) for m in BEFORE.get(name, []))]
    plan = folder / "jobs.json"
    plan.write_text(json.dumps({"imports": imports, "runs": jobs, "seconds": SECONDS}))
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TRANSFORMERS_", "PYTHON"))}
    variables |= {"HF_HUB_OFFLINE": "1", "HF_HOME": str(work / "home"), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "",
                  "TOKENIZERS_PARALLELISM": "false", "HF_DATASETS_OFFLINE": "1", "WANDB_MODE": "disabled",
                  "HF_HUB_DISABLE_TELEMETRY": "1", "TQDM_DISABLE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([python, "-c", SERVER, str(plan)], cwd=folder, capture_output=True, text=True, env=variables)
    results = {}
    for line in done.stdout.splitlines():
        if line.startswith('{"key"'):
            result = json.loads(line)
            log = next(j["log"] for j in jobs if j["key"] == result["key"])
            results[result["key"]] = (result["status"], Path(log).read_text(encoding="utf-8", errors="replace"))
    for job in jobs:
        results.setdefault(job["key"], (125, f"the environment did not get to it: {done.stderr[-500:]}"))
    return results


def models(work):
    """The checkpoints that the examples load: those of fixtures/models, and more that the newest library writes."""
    folder = work / "models"
    if (folder / "complete").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(FIXTURES / "models", folder)
    for config in folder.glob("*/tokenizer_config.json"):
        # A class that every version has: the files were written by transformers 5.
        settings = json.loads(config.read_text()) | {"tokenizer_class": "PreTrainedTokenizerFast"}
        config.write_text(json.dumps(settings))
    python = environment_of(work, ["transformers==4.57.6"])
    call([python, str(ROOT / "tests" / "oracle_models.py"), str(folder)])
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
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(f"{shlex.join(command)}\n{done.stderr}")
        return (folder / target).read_text(encoding="utf-8")


def judge(example, got):
    """(verdict of the three runs, what failed)."""
    status, output = got["before"]
    after_status, after_output = got["after new"]
    gone = warnings_of(output) - warnings_of(after_output)
    old_status, old_output = got["after old"]
    failures = []
    if status:
        before = "fails"
    elif gone:
        before = "warns"
    else:
        before = "runs"
        if not example.harmless:
            failures.append("the old form runs on the new version, without a warning")
    if status in (124, 125):
        failures.append(f"before, new: {last_line(output)}")
    if after_status:
        failures.append(f"after, new: {last_line(after_output)}")
    if old_status:
        failures.append(f"after, old: {last_line(old_output)}")
    why = last_line(output) if status else min(gone)[:150] if gone else ""
    return before, "fails" if after_status else "runs", "fails" if old_status else "runs", why, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hffix", help="the program to test")
    parser.add_argument("--work", type=Path, help="folder of the environments, kept between runs")
    parser.add_argument("--list", action="store_true", help="only name the transforms without an example")
    parser.add_argument("transforms", nargs="*", help="AREA/NAME; all without any")
    arguments = parser.parse_args()
    names = arguments.transforms or transforms()
    found = {name: list(examples(name)) for name in names}
    editing = [name for name in names if edits(name)]
    without = [name for name in editing if not found[name]]
    failures = []
    if not arguments.list:
        if not arguments.hffix or not arguments.work:
            parser.error("--hffix and --work are needed")
        work = arguments.work.resolve()
        work.mkdir(parents=True, exist_ok=True)
        hffix = str(Path(arguments.hffix).resolve())
        models(work)
        runs, results = {}, {}
        todo = [example for name in names for example in found[name]]
        for example in todo:
            before = example.case.path.read_text(encoding="utf-8")
            after = after_text(hffix, example, work)
            if before == after:
                failures.append(f"{example.name}: hffix changes nothing")
            runs.setdefault(tuple(example.new), []).extend(
                [(f"{example.name}: before", before), (f"{example.name}: after new", after)])
            runs.setdefault(tuple(example.old), []).append((f"{example.name}: after old", after))
        for requirements in sorted(runs):
            print(f"# {' '.join(requirements)}: {len(runs[requirements])} runs", flush=True)
            try:
                results |= run_all(work, list(requirements), runs[requirements])
            except RuntimeError as error:
                failures.append(str(error))
                results |= {key: (125, "no environment") for key, _ in runs[requirements]}
        print(f"{'example':58} {'before':7} {'after':7} {'old':7} why")
        for example in todo:
            got = {key: results[f"{example.name}: {key}"] for key in ("before", "after new", "after old")}
            before, new, old, why, wrong = judge(example, got)
            print(f"{example.name:58} {before:7} {new:7} {old:7} {why}")
            failures += [f"{example.name}: {text}" for text in wrong]
        shutil.rmtree(work / "runs" / str(os.getpid()), ignore_errors=True)
    for name in without:
        print(f"no example: {name}")
    share = 100 * (len(editing) - len(without)) // max(1, len(editing))
    print(f"{len(editing)} transforms edit, {len(editing) - len(without)} of them have an example ({share} %)")
    for failure in failures:
        print(f"FAIL {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

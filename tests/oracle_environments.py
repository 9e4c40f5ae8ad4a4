"""The virtual environments of tests/oracle.py: one for each set of requirements, on top of one with torch that all share.

They lie in a work folder and stay for the next run. A file that several of them have is one file on the disk (`files/`, by
the hash that pip noted). Bytecode is written as modules are imported, not for all that pip brings.
"""

import csv
import fcntl
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys

# What all examples get: torch, and what asks for no version of the libraries.
TORCH = "torch==2.13.0"
SHARED = ["setuptools<81", "numpy", "pillow", "sentencepiece", "protobuf", "jinja2", "psutil"]
# What a library needs at run time and does not ask for itself.
BESIDE = {"transformers": ["accelerate"]}
LARGE = 16384
UNREACHABLE = re.compile(r"NewConnectionError|Failed to establish|Name or service not known|Temporary failure in name res|"
                         r"Network is unreachable|Connection (refused|reset)|ConnectTimeout|ProxyError")


class Unreachable(Exception):
    """No package index answers."""


class NotInstalled(Exception):
    """pip has no such environment; its text is why."""


def name_of(requirement):
    return re.split(r"[\[=<>]", requirement)[0]


def call(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        output = done.stdout + done.stderr
        if UNREACHABLE.search(output):
            raise Unreachable(UNREACHABLE.search(output)[0])
        lines = [line for line in output.splitlines() if line.startswith("ERROR")] or output.splitlines()[-5:]
        why = "; ".join(line.strip() for line in lines[:3]) or f"{shlex.join(map(str, command))} fails"
        raise NotInstalled(re.sub(r" \(from versions:.*?\)", "", why))


def site(folder):
    return next(folder.glob("lib/python*/site-packages"))


def share_files(work, folder):
    """The large files that another environment has too are links to the same ones."""
    store = work / "files"
    store.mkdir(exist_ok=True)
    for record in site(folder).glob("*.dist-info/RECORD"):
        with open(record, newline="", encoding="utf-8") as lines:
            rows = [row for row in csv.reader(lines) if len(row) == 3 and row[1] and int(row[2] or 0) >= LARGE]
        for path, digest, _ in rows:
            here, there = site(folder) / path, store / digest
            try:
                if there.exists():
                    here.unlink()
                    os.link(there, here)
                else:
                    os.link(here, there)
            except FileNotFoundError:
                pass
            except OSError:  # a file system without links: more disk, nothing else
                if not here.exists():
                    shutil.copy(there, here)


def make(work, name, requirements, below=None):
    """The folder of a virtual environment with these requirements, made where it is not there yet."""
    folder = work / name
    marker = folder / "complete"
    lock = open(work / f"{name}.lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed: a second run waits for the first
    if marker.exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    call([sys.executable, "-m", "venv", *(["--without-pip"] if below else []), str(folder)])
    if below:
        # pip and the import system find what lies below; what is installed here comes first.
        (site(folder) / "below.pth").write_text(f"{site(below)}\n")
    try:
        call([folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile",
              *requirements])
    except (NotInstalled, Unreachable):
        shutil.rmtree(folder)
        raise
    share_files(work, folder)
    marker.write_text("\n".join(requirements) + "\n")
    return folder


def environment(work, requirements):
    """The folder of the environment of an example. Raises NotInstalled and Unreachable."""
    names = {name_of(r) for r in requirements}
    more = [m for r in sorted(names) for m in BESIDE.get(r, []) if m not in names]
    wanted = sorted(requirements) + more
    short = re.sub(r"[^\w.]+", "-", "_".join(sorted(requirements)))[:60]
    name = f"{short}-{hashlib.sha256(' '.join(wanted).encode()).hexdigest()[:8]}"
    torch = shlex.split(os.environ.get("HFFIX_ORACLE_TORCH") or TORCH)
    base = make(work, "base", [*torch, *SHARED])
    return make(work, name, wanted, base)


def variables(work, folder):
    """What a run in the environment finds in its own: nothing of the user's libraries, and no network."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGINGFACE_", "TRANSFORMERS_", "PYTHON"))}
    return kept | {
        "PATH": os.pathsep.join([str(folder / "bin"), str(work / "base" / "bin"), os.environ.get("PATH", "")]),
        "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_EVALUATE_OFFLINE": "1", "HF_HOME": str(work / "home"),
        "HF_HUB_DISABLE_TELEMETRY": "1", "WANDB_MODE": "disabled", "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false", "TQDM_DISABLE": "1",
    }


def disk(work):
    """Bytes on the disk below the folder; a file with several names counts once."""
    seen, total = set(), 0
    for folder, _, files in os.walk(work):
        for file in files:
            found = os.lstat(os.path.join(folder, file))
            if (found.st_dev, found.st_ino) not in seen:
                seen.add((found.st_dev, found.st_ino))
                total += found.st_blocks * 512
    return total

#!/usr/bin/env python3
"""Verdicts from the call site on: run_verify.py --hffix PATH [--update] [NAME …]

A case is fixtures/verify/NAME.py, with NAME.verdict beside it: the exact lines that hffix says about its load sites.
Comments at the top of the script say how it is run and what lies beside it. The checkpoints are those of
fixtures/models, broken on the way where the case asks for it:

    # hffix: --verify --all-sites        the options; these, where nothing is said
    # model: models/x = llama            a copy of fixtures/models/llama at that path
    # model: models/x = llama; drop T    … without the tensor T; `;` parts the changes (CHANGES below)
    # cache: org/name@REV = llama        a snapshot in the hub's cache, HF_HOME=hf, with refs/REV
    # changes: PATTERN                   the diff has a line with it;  # keeps: PATTERN  no changed line has it

The exit status must be 3 when a line says that something does not load, else 0.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "fixtures" / "verify"
MODELS = ROOT / "fixtures" / "models"
HASH = "0123456789abcdef0123456789abcdef01234567"
VERDICT = re.compile(r"^\S+\.(?:py|ipynb):\S*\d+ .*$", re.M)


# ---- checkpoints ----

def read_tensors(path):
    """{name: (dtype, shape, bytes)}"""
    data = path.read_bytes()
    n = struct.unpack("<Q", data[:8])[0]
    header, body = json.loads(data[8:8 + n]), data[8 + n:]
    header.pop("__metadata__", None)
    return {name: (t["dtype"], t["shape"], body[slice(*t["data_offsets"])]) for name, t in header.items()}


def write_tensors(path, tensors):
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data for _, _, data in tensors.values()))


def with_tensors(change):
    def apply(folder, *words):
        path = folder / "model.safetensors"
        tensors = read_tensors(path)
        change(tensors, *words)
        write_tensors(path, tensors)
    return apply


def zeros(dtype, shape):
    size = {"F32": 4, "I32": 4, "BF16": 2, "F16": 2}[dtype]
    for n in shape:
        size *= n
    return dtype, shape, bytes(size)


def drop(tensors, name):
    del tensors[name]


def add(tensors, name, shape):
    tensors[name] = zeros("BF16", json.loads(shape))


def reshape(tensors, name, shape):
    tensors[name] = zeros(tensors[name][0], json.loads(shape))


def deepen(folder, count):
    """The last layer is there as often as it takes for COUNT layers."""
    path, count = folder / "model.safetensors", int(count)
    tensors = read_tensors(path)
    last = max(int(m[1]) for name in tensors if (m := re.match(r"model\.layers\.(\d+)\.", name)))
    own = {n: t for n, t in tensors.items() if n.startswith(f"model.layers.{last}.")}
    for layer in range(last + 1, count):
        tensors |= {n.replace(f".{last}.", f".{layer}.", 1): t for n, t in own.items()}
    write_tensors(path, tensors)
    put("config.json")(folder, "num_hidden_layers", str(count))


def widen(folder, count):
    """MLPs of COUNT values between their matrices, all zeros."""
    path, count = folder / "model.safetensors", int(count)
    tensors = read_tensors(path)
    for name, (dtype, shape, _) in tensors.items():
        if ".mlp." in name:
            tensors[name] = zeros(dtype, [shape[0], count] if ".down_proj." in name else [count, shape[1]])
    write_tensors(path, tensors)
    put("config.json")(folder, "intermediate_size", str(count))


def gptq(folder):
    """Linear layers as GPTQ saves them, without numbers."""
    path, packed = folder / "model.safetensors", {}
    for name, tensor in read_tensors(path).items():
        if "proj" not in name:
            packed[name] = tensor
            continue
        base, (rows, columns) = name.removesuffix("weight"), tensor[1]
        packed[base + "qweight"] = zeros("I32", [columns // 8, rows])
        packed[base + "scales"] = zeros("F16", [1, rows])
    write_tensors(path, packed)
    put("config.json")(folder, "quantization_config", '{"quant_method": "gptq", "bits": 4}')


def shard(folder, count):
    """model.safetensors becomes COUNT files and an index."""
    path = folder / "model.safetensors"
    tensors, names, count = read_tensors(path), {}, int(count)
    for i in range(count):
        part = f"model-{i + 1:05}-of-{count:05}.safetensors"
        own = {name: t for k, (name, t) in enumerate(tensors.items()) if k % count == i}
        write_tensors(folder / part, own)
        names.update(dict.fromkeys(own, part))
    total = sum(len(data) for _, _, data in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(names.items()))}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    path.unlink()


def truncate(folder, name, count):
    path = folder / name
    path.write_bytes(path.read_bytes()[:-int(count)])


def place(folder, tensor, file):
    """The index says that the tensor lies in that file."""
    path = folder / "model.safetensors.index.json"
    index = json.loads(path.read_text(encoding="utf-8"))
    index["weight_map"][tensor] = file
    path.write_text(json.dumps(index), encoding="utf-8")


def outside(folder, name):
    """The file is a link to one elsewhere."""
    target = folder.parent / f"outside-{name}"
    shutil.move(folder / name, target)
    (folder / name).symlink_to(target)


def put(file):
    def apply(folder, key, value):
        path = folder / file
        content = json.loads(path.read_text(encoding="utf-8"))
        if value == "absent":
            content.pop(key, None)
        else:
            content[key] = json.loads(value)
        path.write_text(json.dumps(content), encoding="utf-8")
    return apply


CHANGES = {
    "drop": with_tensors(drop), "add": with_tensors(add), "reshape": with_tensors(reshape),
    "deepen": deepen, "widen": widen, "gptq": gptq, "shard": shard, "truncate": truncate, "place": place, "outside": outside,
    "config": put("config.json"), "tokenizer": put("tokenizer_config.json"),
    "remove": lambda folder, name: (folder / name).unlink(),
    "write": lambda folder, name, text: (folder / name).write_text(text, encoding="utf-8"),
}


def make_model(folder, recipe):
    source, *changes = [part.strip() for part in recipe.split(";")]
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(MODELS / source, folder, ignore=shutil.ignore_patterns("golden.json"))
    for change in changes:
        name, *words = shlex.split(change)
        CHANGES[name](folder, *words)


def make_cached(home, name, recipe):
    name, _, revision = name.partition("@")
    entry = home / "hub" / ("models--" + name.replace("/", "--"))
    make_model(entry / "snapshots" / HASH, recipe)
    ref = entry / "refs" / (revision or "main")
    ref.parent.mkdir(parents=True, exist_ok=True)
    ref.write_text(HASH, encoding="utf-8")


# ---- cases ----

def directives(text):
    for line in text.splitlines():
        if match := re.match(r"# (hffix|model|cache|changes|keeps): (.*)", line):
            yield match[1], match[2]
        elif not line.startswith("#"):
            return


def run_case(hffix, script, scratch):
    """The verdict lines, and what is wrong besides."""
    text = script.read_text(encoding="utf-8")
    options, wanted, wrong = ["--verify", "--all-sites"], [], []
    for beside in [script, *CASES.glob("*.patch")]:
        shutil.copy(beside, scratch / beside.name)
    for kind, value in directives(text):
        name, _, recipe = (part.strip() for part in value.partition("="))
        if kind == "hffix":
            options = shlex.split(value)
        elif kind == "model":
            make_model(scratch / name, recipe)
        elif kind == "cache":
            make_cached(scratch / "hf", name, recipe)
        else:
            wanted.append((kind, value))
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGINGFACE", "XDG_CACHE"))}
    environment["HF_HOME"] = str(scratch / "hf")
    done = subprocess.run([hffix, *options, script.name], cwd=scratch, env=environment, capture_output=True,
                          text=True, timeout=120)
    verdicts = "".join(line + "\n" for line in VERDICT.findall(done.stderr) if " advice " not in line)
    changed = "\n".join(line for line in done.stdout.splitlines() if line[:1] in "+-")
    after = (scratch / script.name).read_text(encoding="utf-8")
    if "--write" in options:
        changed = "\n".join("+" + line for line in after.splitlines() if line not in text.splitlines())
    for kind, pattern in wanted:
        if (pattern in changed) != (kind == "changes"):
            wrong.append(f"{kind}: {pattern}\n{changed}")
    status = 3 if ": does not load: " in verdicts else 0
    if done.returncode != status:
        wrong.append(f"exit status {done.returncode}, not {status}\n{done.stderr}")
    return verdicts, wrong


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--hffix", required=True)
    arguments.add_argument("--update", action="store_true")
    arguments.add_argument("names", nargs="*")
    given = arguments.parse_args()
    hffix = str(Path(given.hffix).resolve())
    scripts = [CASES / f"{name}.py" for name in given.names] or sorted(CASES.glob("*.py"))
    failed = 0
    for script in scripts:
        expected = script.with_suffix(".verdict")
        with tempfile.TemporaryDirectory() as scratch:
            verdicts, wrong = run_case(hffix, script, Path(scratch))
        if given.update:
            expected.write_text(verdicts, encoding="utf-8")
        want = expected.read_text(encoding="utf-8") if expected.exists() else ""
        if not want:
            wrong.append("no verdict is expected: a case without one proves nothing")
        if verdicts != want:
            wrong.append(f"said\n{verdicts}instead of\n{want}")
        for what in wrong:
            failed += 1
            print(f"FAILED {script.stem}: {what}")
    print(f"{len(scripts)} cases, {failed} failures")
    return 1 if failed or not scripts else 0


if __name__ == "__main__":
    sys.exit(main())

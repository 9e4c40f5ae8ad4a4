"""The native check against the real libraries' answers: `check_cases.py --hffix PROGRAM [--cases FOLDER] [NAME…]`.

FOLDER (or HFFIX_CHECK_CASES) holds checkpoints with a golden.json each, and broken/NAME with an expected.json. Without the
folder the test is skipped (status 77), and says so.

Compared are token ids (exactly), greedy tokens (exactly; of prompts outside the training up to the first small margin),
first-step logits (2e-4 in float32, 0.25 in bfloat16, 1e-3 for dequantized weights against all of float32), hashes of
quantized weights (exactly; with double quantization the codes of absmax only), and the verdict of each broken case.
`--table` prints a line per case.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
SMALL_MARGIN = {"fp32": 0.01, "bf16": 0.5}
LOGITS = {"fp32": 2e-4, "bf16": 0.25, "nf4_fp32": 1e-3, "saved_fp32": 1e-3}
VERDICT = {"accept": "loads", "warn": "warns", "reject": "rejects"}


class Checks:
    def __init__(self, program, scratch):
        self.program, self.scratch = program, Path(scratch)
        self.done = self.failed = 0
        self.rows, self.slowest, self.largest = [], 0, 0

    def run(self, folder, load, texts, *more, tokens=16):
        file = self.scratch / "texts.json"
        file.write_text(json.dumps(texts), encoding="utf-8")
        run = subprocess.run(
            [self.program, "--check-model", folder, "--load", json.dumps(load), "--texts", file,
             "--max-new-tokens", str(tokens), "--format", "json", *more],
            capture_output=True, timeout=300,
        )
        if run.returncode not in (0, 3) or (run.stderr and b"Sanitizer" in run.stderr):
            raise AssertionError(f"status {run.returncode}: {run.stderr.decode(errors='replace')[-2000:]}")
        out = json.loads(run.stdout)
        if (run.returncode == 3) != (out["verdict"] == "rejects"):
            raise AssertionError(f"status {run.returncode} for {out['verdict']}")
        self.slowest = max(self.slowest, out["seconds"])
        self.largest = max(self.largest, out["peak_bytes"])
        return out

    def check(self, name, fine, *details):
        self.done += 1
        if not fine:
            self.failed += 1
            print(f"FAILED {name}:", *details)
        return bool(fine)


def same_tokens(got, want, margins):
    """Expected tokens may end where the first small margin is."""
    return got[:len(want)] == want and (len(want) < len(margins) or len(got) == len(want))


def largest_difference(a, b):
    if len(a) != len(b):
        return float("inf")
    return max((abs(x - y) if x is not None else float("inf")) for x, y in zip(a, b))


def wild(checks, name, golden, out, mode):
    """Prompts outside the training, with small margins: the sensitive test."""
    rows = golden.get(f"wild_{mode}")
    if not rows:
        return True
    fine = True
    for index, tokens, margins in zip(rows["case_indices"], rows["greedy"], rows["margins"]):
        upto = next((i for i, m in enumerate(margins) if m < SMALL_MARGIN[mode]), len(tokens))
        got = out["texts"][index]["generated"]
        fine &= checks.check(f"{name} wild text {index}", got[:upto] == tokens[:upto], got[:upto], tokens[:upto])
    return fine


def hashes(checks, name, want, out):
    got = {m["name"]: m for m in out["modules"]}
    fine = checks.check(f"{name} modules", set(got) == set(want), sorted(set(got) ^ set(want))[:6])
    for module in set(got) & set(want):
        for key in ("packed_sha256", "absmax_sha256", "absmax8_sha256", "int8_sha256", "scb_sha256", "shape"):
            if key in want[module]:
                fine &= checks.check(f"{name} {module} {key}", got[module].get(key) == want[module][key])
    return fine


def one_mode(checks, folder, golden, mode, run):
    name = f"{folder.name} {mode}"
    texts = [case["text"] for case in golden["tokenizer"]["cases"]]
    prompts = golden["prompt_text_indices"]
    quantized = "quantization_config" in run["load"] or mode in golden.get("quant", {})
    more = ["--logits"] + (["--hashes"] if quantized else [])
    out = checks.run(folder, run["load"], texts, *more, tokens=golden.get("new_tokens", 16))
    if "error_in_generate" in run:
        checks.check(f"{name} verdict", out["verdict"] in ("warns", "rejects"), out["verdict"], out["reasons"])
        return
    row = {"verdict": checks.check(f"{name} verdict", out["verdict"] != "rejects", out["reasons"])}
    if not row["verdict"]:
        return
    wanted_ids = [case["ids"] for case in golden["tokenizer"]["cases"]]
    row["ids"] = all([checks.check(f"{name} ids of {t!r}", got["ids"] == want, got["ids"], want)
                      for t, got, want in zip(texts, out["texts"], wanted_ids)])
    row["tokens"] = all([
        checks.check(f"{name} tokens of text {i}", same_tokens(out["texts"][i]["generated"], want, margins),
                     out["texts"][i]["generated"], want)
        for i, want, margins in zip(prompts, run["greedy"], run["margins"])])
    if mode in SMALL_MARGIN:
        row["tokens"] &= wild(checks, name, golden, out, mode)
    logits = out["texts"][prompts[0]]["first_step_logits"]
    row["logits"] = "-"
    if run.get("first_step_logits_text0"):
        row["logits"] = largest_difference(logits, run["first_step_logits_text0"])
        checks.check(f"{name} logits", row["logits"] <= LOGITS[mode], row["logits"])
    if row["logits"] == "-" and mode == "nf4_fp32" and (exact := golden["runs"].get("nf4_fp32_dequantized_fp32")):
        row["logits"] = largest_difference(logits, exact["first_step_logits_text0"])
        checks.check(f"{name} logits", row["logits"] <= 1e-3, row["logits"])
    if run.get("batch_left_equals_alone"):
        row["padded"] = checks.check(f"{name} padded", out["padded_equals_alone"], out["padded_equals_alone"])
    if want := golden.get("quant", {}).get(mode):
        row["quantized"] = hashes(checks, name, {k: v for k, v in want.items() if k != "note"}, out)
    checks.rows.append((folder.name, golden["architecture"], mode, row, out["seconds"], out["peak_bytes"]))


def model(checks, folder):
    golden = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    for mode, run in golden["runs"].items():
        if "note" in run["load"] and len(run["load"]) == 1:
            continue
        try:
            one_mode(checks, folder, golden, mode, run)
        except Exception as error:
            checks.check(f"{folder.name} {mode}", False, repr(error)[:3000])
    exact = golden["tokenizer"]
    out = checks.run(folder, {}, ["x"], tokens=1)
    for key in ("pad_token_id", "eos_token_id", "bos_token_id"):
        if key in exact:
            checks.check(f"{folder.name} {key}", out["tokenizer"][key] == exact[key], out["tokenizer"], exact[key])


def broken(checks, folder):
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    wanted = VERDICT[expected["native_verdict_wanted"]]
    try:
        out = checks.run(folder, expected["load"], ["The quick brown fox", "Hi"], tokens=4)
    except Exception as error:
        checks.check(f"broken {folder.name}", False, repr(error)[:3000])
        return
    reasons = [f"{r['file']} [{r['place']}] {r['text']}" for r in out["reasons"]]
    fine = checks.check(f"broken {folder.name}", out["verdict"] == wanted, out["verdict"], wanted, reasons)
    weight = {"loads": "note", "warns": "warn", "rejects": "reject"}[wanted]
    if fine and wanted != "loads":
        checks.check(f"broken {folder.name} reason", any(r["weight"] == weight and r["file"] for r in out["reasons"]), reasons)
    checks.rows.append((folder.name, "broken", expected["native_reason_should_name"], {"verdict": out["verdict"], "reasons": reasons},
                        out["seconds"], out["peak_bytes"]))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--hffix", required=True)
    arguments.add_argument("--cases", default=os.environ.get("HFFIX_CHECK_CASES", ""))
    arguments.add_argument("--table", action="store_true")
    arguments.add_argument("names", nargs="*")
    given = arguments.parse_args()
    cases = Path(given.cases) if given.cases else None
    if not cases or not cases.is_dir():
        print(f"SKIPPED: no folder with cases ({given.cases or 'HFFIX_CHECK_CASES is not set'}): nothing was compared")
        return SKIPPED
    with tempfile.TemporaryDirectory() as scratch:
        checks = Checks(given.hffix, scratch)
        for golden in sorted(cases.glob("*/golden.json")):
            if not given.names or golden.parent.name in given.names:
                model(checks, golden.parent)
        for expected in sorted(cases.glob("broken/*/expected.json")):
            if not given.names or expected.parent.name in given.names or "broken" in given.names:
                broken(checks, expected.parent)
    if given.table:
        for name, architecture, mode, row, seconds, peak in checks.rows:
            print(f"{name:26} {architecture:22} {mode:10} {seconds * 1000:7.1f} ms {peak / 2**20:6.1f} MiB  {row}")
    print(f"slowest {checks.slowest * 1000:.0f} ms, largest {checks.largest / 2**20:.1f} MiB")
    print(f"{checks.done - checks.failed} passed, {checks.failed} failed")
    return 1 if checks.failed or not checks.done else 0


if __name__ == "__main__":
    sys.exit(main())

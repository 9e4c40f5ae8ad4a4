#!/usr/bin/env python3
"""The native check against the clock: run.py --hffix PROGRAM --bandwidth PROGRAM --work FOLDER [--python PYTHON].

Makes a checkpoint of 268 million random weights (Gemma 3's smallest, bfloat16) and a tokenizer of 262,144 tokens, and
prints what a verdict takes: a cold process on a tiny checkpoint, loading the large one, tokens a second beside what the
memory of the machine allows, and the peak of memory. With a PYTHON that has transformers, the same there. Needs numpy
to make the weights.
"""

import argparse
import itertools
import json
import os
import string
import struct
import subprocess
import sys
import time
from pathlib import Path

MODELS = Path(__file__).resolve().parents[2] / "fixtures/models"
VOCAB, HIDDEN, LAYERS, HEADS, HEAD_DIM, INNER = 262144, 640, 18, 4, 256, 2048
TOKENS = 32
AIMS = {"tiny": 0.030, "load": 0.6}
PYTHON = """
import sys, time, torch, transformers
start = time.perf_counter()
torch.set_num_threads(int(sys.argv[3]))
tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[1])
model = transformers.AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=getattr(torch, sys.argv[2])).eval()
ids = tokenizer(sys.argv[5], return_tensors="pt")
with torch.no_grad():
    model.generate(**ids, max_new_tokens=1, do_sample=False)
    loaded = time.perf_counter()
    model.generate(**ids, max_new_tokens=int(sys.argv[4]), min_new_tokens=int(sys.argv[4]), do_sample=False)
import resource
print(loaded - start, int(sys.argv[4]) / (time.perf_counter() - loaded), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def make_tokenizer(folder):
    """Words of up to four letters, each longer one with two ways to merge it."""
    letters = "▁" + string.ascii_lowercase
    tokens = ["<pad>", "<eos>", "<bos>", "<unk>"] + list(letters)
    merges = []
    for n in (2, 3, 4):
        for word in itertools.islice(map("".join, itertools.product(letters, repeat=n)), VOCAB - len(tokens)):
            tokens.append(word)
            merges.append([word[:-1], word[-1]])
            if n > 2:
                merges.append([word[:n - 2], word[n - 2:]])
    special = [{"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
               for i, t in enumerate(tokens[:4])]
    (folder / "tokenizer.json").write_text(json.dumps({
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special,
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False},
        "post_processor": None, "decoder": None,
        "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": True, "byte_fallback": False, "ignore_merges": False,
                  "vocab": {t: i for i, t in enumerate(tokens)}, "merges": merges}}, ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"}))


def make_weights(folder):
    import numpy
    shapes = {"model.embed_tokens.weight": [VOCAB, HIDDEN], "model.norm.weight": [HIDDEN]}
    for i in range(LAYERS):
        layer = f"model.layers.{i}."
        shapes |= {layer + "self_attn.q_proj.weight": [HEADS * HEAD_DIM, HIDDEN], layer + "self_attn.k_proj.weight": [HEAD_DIM, HIDDEN],
                   layer + "self_attn.v_proj.weight": [HEAD_DIM, HIDDEN], layer + "self_attn.o_proj.weight": [HIDDEN, HEADS * HEAD_DIM],
                   layer + "self_attn.q_norm.weight": [HEAD_DIM], layer + "self_attn.k_norm.weight": [HEAD_DIM],
                   layer + "mlp.gate_proj.weight": [INNER, HIDDEN], layer + "mlp.up_proj.weight": [INNER, HIDDEN],
                   layer + "mlp.down_proj.weight": [HIDDEN, INNER]}
        shapes |= {layer + f"{name}_layernorm.weight": [HIDDEN]
                   for name in ("input", "post_attention", "pre_feedforward", "post_feedforward")}
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in shapes.items():
        n = 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + n]}
        at += n
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    rng = numpy.random.default_rng(0)
    with open(folder / "model.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for shape in shapes.values():
            n = shape[0] * (shape[1] if len(shape) > 1 else 1)
            f.write((rng.standard_normal(n, dtype=numpy.float32) * 0.05).view(numpy.uint32).__rshift__(16).astype(numpy.uint16).tobytes())
    return at


def make(folder):
    done = folder / "config.json"
    if not done.exists():
        print("making a checkpoint of 268 million weights …", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        make_tokenizer(folder)
        make_weights(folder)
        done.write_text(json.dumps({
            "architectures": ["Gemma3ForCausalLM"], "model_type": "gemma3_text", "dtype": "bfloat16", "vocab_size": VOCAB, "hidden_size": HIDDEN,
            "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": 1, "head_dim": HEAD_DIM,
            "intermediate_size": INNER, "max_position_embeddings": 32768, "sliding_window": 512, "query_pre_attn_scalar": 256,
            "rms_norm_eps": 1e-6, "tie_word_embeddings": True, "hidden_activation": "gelu_pytorch_tanh", "pad_token_id": 0, "eos_token_id": None,
            "bos_token_id": 2}))
    return sum(f.stat().st_size for f in folder.glob("*.safetensors"))


def cold(command, rounds=5):
    """The fastest of some runs of a process, by the clock and by the processor's, and its answer."""
    times, used = [], []
    for _ in range(rounds):
        start, before = time.perf_counter(), os.times()
        out = subprocess.run(command, capture_output=True, text=True)
        times.append(time.perf_counter() - start)
        after = os.times()
        used.append(after.children_user + after.children_system - before.children_user - before.children_system)
        if out.returncode != 0:
            sys.exit(f"{command}: {out.stdout[-600:]}{out.stderr}")
    return min(times), min(used), json.loads(out.stdout)


def line(what, value, more=""):
    print(f"{what:48} {value:>14}  {more}".rstrip(), flush=True)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--hffix", required=True)
    arguments.add_argument("--bandwidth", required=True)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--python", help="one that has transformers")
    given = arguments.parse_args()
    folder, cores = given.work / "gemma268", os.cpu_count() or 1
    size = make(folder)
    texts = given.work / "texts.json"
    texts.write_text(json.dumps(["the quick brown fox"]))
    alone, together = map(float, subprocess.run([given.bandwidth, str(cores)], capture_output=True, text=True, check=True).stdout.split())
    line("memory bandwidth, 1 thread", f"{alone / 1e9:.1f} GB/s")
    line(f"memory bandwidth, {cores} threads", f"{together / 1e9:.1f} GB/s")

    def hffix(model, load, threads, tokens, rounds=3):
        return cold([given.hffix, "--check-model", model, "--load", json.dumps(load), "--texts", texts, "--jobs", str(threads),
                     "--max-new-tokens", str(tokens), "--format", "json"], rounds)

    seconds, _, _ = hffix(MODELS / "llama", {}, cores, 8, 9)
    line("verdict on a tiny checkpoint, cold process", f"{seconds * 1e3:.1f} ms", f"aim {AIMS['tiny'] * 1e3:.0f} ms")
    seconds, used, out = hffix(folder, {}, cores, 1)
    line("268M weights, 262,144 tokens: load, one token", f"{seconds:.2f} s", f"aim {AIMS['load']} s; {used:.2f} s of processor; tokenizer.json "
         f"{(folder / 'tokenizer.json').stat().st_size / 1e6:.0f} MB; peak {out['peak_bytes'] / 2**20:.0f} MiB")
    for dtype in ("float32", "bfloat16"):
        for threads, bound in sorted({1: alone, cores: together}.items()):
            first, first_used, _ = hffix(folder, {"dtype": dtype}, threads, 1)
            all_, all_used, out = hffix(folder, {"dtype": dtype}, threads, 1 + TOKENS)
            rate = TOKENS / (all_ - first)
            most = bound / size
            spent = (all_used - first_used) / TOKENS * 1e3
            line(f"{dtype}, {threads} thread{'s' * (threads > 1)}", f"{rate:.1f} tokens/s",
                 f"memory allows {most:.1f}: {most / rate:.1f} times; {spent:.0f} ms of processor a token; peak {out['peak_bytes'] / 2**20:.0f} MiB")
            if given.python:
                run = subprocess.run([given.python, "-c", PYTHON, folder, dtype, str(threads), str(TOKENS), "the quick brown fox"],
                                     capture_output=True, text=True)
                if run.returncode:
                    line("  transformers", "failed", run.stderr.strip().splitlines()[-1])
                else:
                    loaded, python_rate, peak = map(float, run.stdout.split())
                    line("  transformers", f"{python_rate:.1f} tokens/s", f"loaded in {loaded:.1f} s; peak {peak / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()

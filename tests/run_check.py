#!/usr/bin/env python3
"""hffix --check-model and --check-cache as their user meets them: run_check.py PATH_OF_HFFIX. What a model generates is
tests/check_cases.py's matter."""

import json
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HFFIX = None
MODELS = Path(__file__).resolve().parent.parent / "fixtures/models"
NF4 = {"quantization_config": {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}}


def header_of(file):
    with open(file, "rb") as f:
        return json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))


def write_header(file, header):
    """A file with these tensors and nothing in them: the system keeps no blocks for what was never written."""
    text = json.dumps(header).encode()
    end = max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
    with open(file, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        f.truncate(8 + len(text) + end)


class Check(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name).resolve() / "model"

    def copy(self, name, config=None):
        shutil.copytree(MODELS / name, self.folder, dirs_exist_ok=True)
        said = json.loads((self.folder / "config.json").read_text())
        (self.folder / "config.json").write_text(json.dumps(said | (config or {})))
        return self.folder

    def check(self, folder, *arguments, load=None, verdict="loads"):
        done = subprocess.run([HFFIX, "--check-model", folder, "--load", json.dumps(load or {}), "--format", "json", *arguments],
                              capture_output=True, text=True, timeout=100)
        self.assertNotIn("Sanitizer", done.stderr)
        out = json.loads(done.stdout)
        self.assertEqual(out["verdict"], verdict, out["reasons"])
        self.assertEqual(done.returncode, 3 if verdict == "rejects" else 0)
        out["said"] = "\n".join(f"{r['weight']}: {r['file']} [{r['place']}] {r['text']}" for r in out["reasons"])
        return out

    def test_saved_quantized(self):
        out = self.check(MODELS / "saved_nf4")
        self.assertTrue(out["padded_equals_alone"])
        out = self.check(MODELS / "saved_nf4", load=NF4, verdict="warns")
        self.assertIn("warn: config.json [quantization_config] the checkpoint is quantized already", out["said"])
        self.assertNotIn("otherwise", out["said"])
        self.assertIn("(it asks otherwise)", self.check(MODELS / "saved_int8", load=NF4, verdict="warns")["said"])
        self.assertIn("the model stays bfloat16", self.check(MODELS / "saved_fp4", load={"dtype": "float32"}, verdict="rejects")["said"])
        self.assertIn("transformer.h.0.ln_1", self.check(MODELS / "saved_fp4", load={"dtype": "float32"}, verdict="rejects")["said"])

    def test_saved_quantized_and_broken(self):
        folder = self.copy("saved_nf4")
        header = header_of(folder / "model.safetensors")
        state = next(name for name in header if name.endswith("quant_state.bitsandbytes__nf4"))
        for old, new, said in ((state, "x", "without its quant_state"), (state.rsplit(".", 1)[0][:-12] + ".absmax", "y", "numbers beside it")):
            changed = {new if name == old else name: entry for name, entry in header.items()}
            self.assertNotEqual(header.keys(), changed.keys())
            text = json.dumps(changed, separators=(",", ":")).encode()
            data = (MODELS / "saved_nf4/model.safetensors").read_bytes()
            data = data[8 + struct.unpack("<Q", data[:8])[0]:]
            (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
            self.assertIn(said, self.check(folder, verdict="rejects")["said"])
        shutil.copy(MODELS / "llama/model.safetensors", folder / "model.safetensors")
        self.assertIn("asks for quantized", self.check(folder, verdict="rejects")["said"])

    def test_quantized_by_others(self):
        folder = self.copy("llama", {"quantization_config": {"quant_method": "gptq", "bits": 4}})
        self.assertIn("gptq, it says, but the weights are plain", self.check(folder, verdict="rejects")["said"])
        self.assertIn("BitsAndBytesConfig on top", self.check(folder, load=NF4, verdict="rejects")["said"])
        header, at, packed = header_of(folder / "model.safetensors"), 0, {}
        for name, entry in header.items():
            if "proj" in name:
                base, (rows, columns) = name.removesuffix("weight"), entry["shape"]
                for suffix, dtype, shape in (("qweight", "I32", [columns // 8, rows]), ("scales", "F16", [1, rows])):
                    n = shape[0] * shape[1] * (4 if dtype == "I32" else 2)
                    packed[base + suffix] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + n]}
                    at += n
            elif name != "__metadata__":
                n = entry["data_offsets"][1] - entry["data_offsets"][0]
                packed[name] = {**entry, "data_offsets": [at, at + n]}
                at += n
        write_header(folder / "model.safetensors", packed)
        out = self.check(folder, verdict="warns")
        self.assertIn("warn: config.json [quantization_config] quantized by gptq: not run natively", out["said"])
        self.assertEqual([out["layers_run"], out["texts"][0]["generated"]], [0, []])
        lost = next(name for name in packed if name.endswith("qweight"))
        packed[lost + "x"] = packed.pop(lost)
        write_header(folder / "model.safetensors", packed)
        self.assertIn("is missing", self.check(folder, verdict="rejects")["said"])

    def test_several_parts(self):
        out = self.check(MODELS / "gemma3_vision")
        self.assertEqual(out["architecture"], "Gemma3ForConditionalGeneration")
        self.assertIn("34 tensors with 2648 parameters", out["said"])
        header = header_of(MODELS / "gemma3_vision/model.safetensors")
        self.assertEqual(out["tensors"], len(header) - 1)
        folder = self.copy("gemma3_vision")
        old = {name.replace("model.language_model.", "language_model.model.").replace("model.vision_tower.", "vision_tower.vision_model."): entry
               for name, entry in header.items()}
        self.assertIn("language_model.model.norm.weight", old)
        data = (folder / "model.safetensors").read_bytes()
        text = json.dumps(old).encode()
        data = struct.pack("<Q", len(text)) + text + data[8 + struct.unpack("<Q", data[:8])[0]:]
        (folder / "model.safetensors").write_bytes(data)
        said = self.check(folder)
        self.assertEqual([t["generated"] for t in said["texts"]], [t["generated"] for t in out["texts"]])
        self.assertNotIn("unexpected", said["said"])
        folder = self.copy("gemma3_vision", {"model_type": "llava"})
        self.assertIn("llava is a model of several parts", self.check(folder, verdict="rejects")["said"])

    def test_odd_rotary(self):
        folder = self.copy("stablelm", {"partial_rotary_factor": 0.75, "rope_parameters": None})
        self.assertIn("3 of 4 values turned, which is odd", self.check(folder, verdict="rejects")["said"])

    def test_huge_counts(self):
        """Each would take minutes, or all memory, if somebody walked through a list for each of a list."""
        def change(name, **said):
            path = self.copy("llama") / name
            path.write_text(json.dumps(json.loads(path.read_text()) | said))
            return self.folder

        tokens = [{"id": 400 + i, "content": f"<t{i}>", "special": True} for i in range(50000)]
        said = self.check(change("tokenizer.json", added_tokens=tokens), verdict="warns")["said"]
        self.assertIn("ids go up to", said)
        parts = [{"SpecialToken": {"id": f"t{i}", "type_id": 0}} for i in range(50000)]
        template = {"type": "TemplateProcessing", "single": parts, "special_tokens": {f"t{i}": {"ids": [0]} for i in range(50000)}}
        self.assertIn("more than 64 parts", self.check(change("tokenizer.json", post_processor=template), verdict="rejects")["said"])
        folder = self.copy("mixtral", {"num_hidden_layers": 16384, "num_local_experts": 4096})
        self.assertIn("no possible size", self.check(folder, verdict="rejects")["said"])
        (folder / "model.safetensors").unlink()
        for i in range(2000):
            (folder / f"{i:04}").write_bytes(struct.pack("<Q", 2) + b"{}")
        index = {"weight_map": {f"t{i}": f"{i % 2000:04}" for i in range(100000)}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))
        self.check(folder, verdict="rejects")

    def large(self, hidden, inner, layers):
        folder = self.copy("llama", {"hidden_size": hidden, "num_hidden_layers": layers, "intermediate_size": inner, "head_dim": hidden // 4})
        shapes = {"model.norm.weight": [hidden], "lm_head.weight": [344, hidden], "model.embed_tokens.weight": [344, hidden]}
        for i in range(layers):
            layer = f"model.layers.{i}."
            shapes |= {layer + f"self_attn.{k}_proj.weight": [hidden if k in "qo" else hidden // 2, hidden] for k in "qkvo"}
            shapes |= {layer + f"mlp.{k}_proj.weight": [inner, hidden] for k in ("gate", "up")}
            shapes |= {layer + "mlp.down_proj.weight": [hidden, inner], layer + "input_layernorm.weight": [hidden],
                       layer + "post_attention_layernorm.weight": [hidden]}
        header, at = {}, 0
        for name, shape in shapes.items():
            n = 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)
            header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + n]}
            at += n
        write_header(folder / "model.safetensors", header)
        return folder

    def test_larger_than_memory(self):
        folder = self.large(hidden=8192, inner=28672, layers=80)  # as large as a 70B model
        out = self.check(folder, "--verify=weights", "--gpu-memory", "80GiB,80GiB", load=NF4)
        self.assertGreater(out["plan"]["disk_bytes"], 130 << 30)
        self.assertLess(out["plan"]["devices"][0]["bytes"], 80 << 30)
        self.assertTrue(out["plan"]["fits"])
        folder = self.large(hidden=1024, inner=2048, layers=80)
        for load in ({}, NF4):
            out = self.check(folder, "--memory", "40MiB", load=load)
            self.assertIn("ran 4 of 80 layers", out["said"])
            self.assertEqual(out["layers_run"], 4)
        self.assertIn("ran 0 of 80 layers", self.check(folder, "--memory", "6MiB", load=NF4)["said"])


class Cache(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.home = Path(temporary.name).resolve()
        self.hub = self.home / "hub"
        self.hub.mkdir()

    def put(self, path, size=1):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size if isinstance(size, int) else size)

    def entry(self, name, refs=(("main", "aaa"),), **snapshots):
        """A repository: of each snapshot, names of files and the blobs that they are."""
        folder = self.hub / name
        for ref, commit in refs:
            self.put(folder / "refs" / ref, commit.encode())
        for commit, files in snapshots.items():
            for file, blob in files.items():
                link = folder / "snapshots" / commit / file
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to("../" * (2 + file.count("/")) + "blobs/" + blob)
                if not blob.startswith("gone"):
                    self.put(folder / "blobs" / blob, int(blob.split("_")[1]))
        return folder

    def check(self, *arguments, status=1):
        done = subprocess.run([HFFIX, "--check-cache", *arguments], capture_output=True, text=True, timeout=60,
                              env={"HF_HOME": str(self.home), "PATH": "/usr/bin:/bin"})
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stderr if status == 2 else done.stdout

    def found(self, *arguments, status=1):
        out = json.loads(self.check("--format", "json", *arguments, status=status))
        findings = [f for cache in out["caches"] for f in cache["findings"]]
        for fault, total in out["totals"].items():
            mine = [f["bytes"] for f in findings if f["fault"] == fault]
            self.assertEqual([len(mine), sum(mine)], [total["n"], total["bytes"]])
        return sorted((f["fault"], f["what"], f["bytes"]) for f in findings), out

    def test_nothing_to_say(self):
        self.entry("models--org--a", aaa={"config.json": "b_5", "sub/x.bin": "c_7"})
        self.entry("datasets--d", refs=(("main", "aaa"), ("refs/pr/1", "bbb")), aaa={"t": "b_5"}, bbb={"t": "b_5"})
        windows = self.hub / "models--org--w"
        self.put(windows / "snapshots/aaa/config.json", 3)
        self.put(windows / "refs/main", b"aaa")
        self.put(self.hub / "version.txt", b"1")
        (self.hub / "models--org--a/snapshots/aaa/loop").symlink_to(".")
        found, out = self.found(status=0)
        self.assertEqual(found, [])
        self.assertEqual([out["caches"][0]["entries"], out["caches"][0]["bytes"]], [3, 5 + 7 + 5 + 3])
        self.assertIn("0 B of 20 B can go", self.check(status=0))

    def test_each_fault(self):
        folder = self.entry("models--org--a", refs=(("main", "aaa"), ("v1", "zzz")), aaa={"x": "b_5", "y": "gone"},
                            bbb={"x": "b_5", "z": "d_9", "sub/z": "d_9"}, ccc={"z": "d_9"})
        self.put(folder / "blobs/e.incomplete", 100)
        self.put(folder / "blobs/lost", 50)
        self.put(self.hub / "models--org--w/snapshots/aaa/config.json", 3)
        found, out = self.found()
        self.assertEqual(found, [
            ("dangling link", "org/a", 0), ("dangling ref", "org/a", 3), ("no ref", "org/a", 0), ("no ref", "org/a", 9),
            ("no ref", "org/w", 3), ("orphaned blob", "org/a", 50), ("unfinished", "org/a", 100)])
        commands = {f["path"]: f["command"] for f in out["caches"][0]["findings"]}
        self.assertEqual(commands[f"{folder}/blobs/lost"], f"rm -- '{folder}/blobs/lost'")
        self.assertEqual(commands[f"{folder}/snapshots/bbb"], f"hf cache rm 'bbb' --cache-dir '{self.hub}'")
        before = sorted(self.home.rglob("*"))
        text = self.check()
        self.assertIn("unfinished, 100 B: org/a: a download that has not ended", text)
        self.assertIn("3 no ref: 12 B\n", text)
        self.assertIn(f"{self.hub}: 165 B of ", text)
        self.assertEqual(sorted(self.home.rglob("*")), before)

    def test_commands_do_what_they_say(self):
        """The shell that runs them leaves a cache about which there is nothing to say, whatever it is called."""
        self.hub = self.home / "it's a $cache"
        folder = self.entry("models--org--a", refs=(("main", "aaa"), ("v1", "zzz")), aaa={"x": "b_5", "y": "gone"})
        self.put(folder / "blobs/-rf", 50)
        self.put(folder / "blobs/e.incomplete", 100)
        name = "0123456789abcdef" * 4
        for end in ("", ".json", ".lock"):
            self.put(self.hub / f"{name}.{name}{end}", b'{"url": "https://example.org/config.json"}')
        found, out = self.found(str(self.hub))
        self.assertEqual(len(found), 5)
        self.assertIn(("old layout", "https://example.org/config.json", 3 * 42), found)
        for finding in out["caches"][0]["findings"]:
            subprocess.run(finding["command"], shell=True, check=True)
        self.assertEqual(self.found(str(self.hub), status=0)[0], [])
        self.assertTrue((folder / "snapshots/aaa/x").read_bytes())

    def test_old_folder(self):
        name = "f" * 64
        self.put(self.home / "transformers" / name, 10)
        self.put(self.home / "transformers" / "notes.txt", 10)
        found, out = self.found()
        self.assertEqual(found, [("old layout", name, 10)])
        self.assertEqual([cache["folder"] for cache in out["caches"]], [str(self.hub), f"{self.home}/transformers"])
        self.assertEqual(self.found(str(self.hub), status=0)[0], [])
        self.assertIn("no cache", self.check(str(self.home / "none"), status=2))
        self.assertIn("one folder", self.check("a", "b", status=2))


if __name__ == "__main__":
    HFFIX = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()

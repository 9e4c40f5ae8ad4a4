#!/usr/bin/env python3
"""The command as its user meets it: run_cli.py PATH_OF_HFFIX. Exit statuses, streams, writing, git, terminals."""

import json
import os
import pty
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HFFIX = None
BEFORE = """from transformers import TrainingArguments
a = TrainingArguments(output_dir="out", evaluation_strategy="steps")
"""
AFTER = BEFORE.replace("evaluation_strategy", "eval_strategy")
DIFF = """--- a/{0}
+++ b/{0}
@@ -1,2 +1,2 @@ migrate/transformers/eval-strategy
 from transformers import TrainingArguments
-a = TrainingArguments(output_dir="out", evaluation_strategy="steps")
+a = TrainingArguments(output_dir="out", eval_strategy="steps")
"""
ONLY = ["--select", "migrate/transformers"]
LARGE = """from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("tiiuae/falcon-40b", torch_dtype="auto")
model.generate(inputs)
"""


VERIFIED = """from transformers import AutoModelForCausalLM, AutoTokenizer
import torch
tok = AutoTokenizer.from_pretrained("models/llama")
model = AutoModelForCausalLM.from_pretrained("models/llama", torch_dtype=torch.bfloat16)
batch = tok(["One.", "And two."], return_tensors="pt").to(model.device)
print(model.generate(**batch, max_new_tokens=20))
"""
STAYS = """from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("models/qwen3", torch_dtype="auto")
"""
ROOT = Path(__file__).resolve().parent.parent


# What the machine's hub cache holds is no matter of these tests.
for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
    os.environ.pop(variable, None)
os.environ["HF_HOME"] = "/nonexistent"


class Cli(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name).resolve()
        self.put("a.py", BEFORE)
        self.put("clean.py", "import transformers\n")
        self.put("other.py", "x = 1\n")

    def put(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def text(self, name):
        return (self.folder / name).read_text()

    def run_in(self, *command, **kwargs):
        if "input" not in kwargs:
            kwargs["stdin"] = subprocess.DEVNULL
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60, **kwargs)

    def hffix(self, *arguments, status=0, **kwargs):
        done = self.run_in(HFFIX, *ONLY, *arguments, **kwargs)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertNotIn("Sanitizer", done.stderr)
        self.assertNotIn("runtime error", done.stderr)
        return done

    def git(self, *arguments):
        done = self.run_in("git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_dry_run(self):
        done = self.hffix(".")
        self.assertEqual(done.stdout, DIFF.format("a.py"))
        self.assertEqual(self.text("a.py"), BEFORE)
        self.assertIn("1 fix to make in 1 of 3 files", done.stderr)
        self.assertIn("no Hugging Face code in 1 file", done.stderr)

    def test_write(self):
        done = self.hffix("--write", ".")
        self.assertEqual((done.stdout, self.text("a.py")), ("", AFTER))
        self.assertNotIn("undo", done.stderr)
        self.assertIn("nothing to change in 3 files", self.hffix(".").stderr)

    def test_write_and_diff(self):
        done = self.hffix("--write", "--diff", "-q", ".")
        self.assertEqual((done.stdout, done.stderr), (DIFF.format("a.py"), ""))
        self.assertEqual(self.text("a.py"), AFTER)

    def test_check(self):
        done = self.hffix("--check", ".", status=1)
        self.assertEqual(done.stdout, "")
        self.assertIn("would change: a.py\n", done.stderr)
        self.assertEqual(self.hffix("--check", "--diff", ".", status=1).stdout, DIFF.format("a.py"))
        self.assertEqual(self.hffix("--check", "-q", "clean.py").stderr, "")

    def test_trouble(self):
        self.put("bad.py", b"import transformers\nevaluation_strategy = '\xff'\n")
        done = self.hffix("--check", ".", status=2)
        self.assertIn("bad.py:2:", done.stderr)
        self.assertIn("1 file skipped", done.stderr)
        done = self.hffix("--write", "missing.py", "a.py", status=2)
        self.assertIn("missing.py: error:", done.stderr)
        self.assertEqual(self.text("a.py"), AFTER)
        self.assertIn("did you mean --write?", self.hffix("--wriet", ".", status=2).stderr)

    def test_partly_parsed(self):
        self.put("a.py", BEFORE + "\ndef f(:\n    pass\n")
        self.assertIn("a.py", self.hffix(".").stderr.split("syntax errors", 1)[1])

    def test_stdin(self):
        self.assertEqual(self.hffix("-", input=BEFORE).stdout, DIFF.format("-"))
        self.assertEqual(self.hffix("--stdin-filename", "x.py", "-", input=BEFORE).stdout, DIFF.format("x.py"))
        for text, out in ((BEFORE, AFTER), ("x = 1\n", "x = 1\n"), ("", "")):
            done = self.hffix("--write", "-", input=text)
            self.assertEqual((done.stdout, done.stderr), (out, ""))
        self.hffix("--check", "-", input=BEFORE, status=1)

    def test_stdin_excluded(self):
        self.git("init", "-q", ".")
        self.put(".ignore", "a.py\n")
        options = ["--write", "--force-exclude", "--stdin-filename"]
        self.assertEqual(self.hffix(*options, "a.py", "-", input=BEFORE).stdout, BEFORE)
        self.assertEqual(self.hffix(*options, "new.py", "-", input=BEFORE).stdout, AFTER)

    def test_settings_among_data(self):
        """A folder with very many JSON files holds data; one that is named is read all the same."""
        text = '{"save_strategy": 1, "report_to": 2, "seed": 3, "evaluation_strategy": "no"}\n'
        self.put("conf/a.json", text)
        for i in range(201):
            self.put(f"data/{i}.json", text)
        rule = "--select=migrate/transformers/eval-strategy"
        self.assertEqual(self.run_in(HFFIX, rule, "conf", "data").stdout.count("+++ "), 1)
        self.assertIn("+++ b/data/7.json", self.run_in(HFFIX, rule, "data/7.json").stdout)
        self.assertEqual(self.run_in(HFFIX, "--select=load/bf16", "conf").stdout, "")

    def test_ignored(self):
        self.git("init", "-q", ".")
        self.put(".ignore", "a.py\n")
        self.assertEqual(self.hffix(".").stdout, "")
        self.assertEqual(self.hffix("--no-ignore", ".").stdout, DIFF.format("a.py"))
        self.assertEqual(self.hffix("a.py").stdout, DIFF.format("a.py"))
        self.assertEqual(self.hffix("--force-exclude", "a.py").stdout, "")

    def test_absolute_path(self):
        self.assertEqual(self.hffix(str(self.folder / "a.py")).stdout, DIFF.format("a.py"))

    def test_order(self):
        for i in range(40):
            self.put(f"p/{i:02}.py", BEFORE)
        many = self.hffix("-j", "4", ".").stdout
        self.assertEqual(many, self.hffix("-j", "1", ".").stdout)
        self.assertEqual(many, DIFF.format("a.py") + "".join(DIFF.format(f"p/{i:02}.py") for i in range(40)))

    def test_dependencies(self):
        self.put("src/large.py", LARGE)
        self.put("requirements.txt", "transformers\n")
        self.git("init", "-q", ".")
        self.git("add", "-A")
        self.git("commit", "-qm", "all")
        options = ["--select", "load/device-map"]
        done = self.hffix(*options, "src")
        self.assertIn("""--- a/requirements.txt
+++ b/requirements.txt
@@ -1 +1,2 @@ load/device-map
 transformers
+accelerate
""", done.stdout)
        self.assertIn("1 fix to make in 2 of 2 files", done.stderr)
        done = self.hffix(*options, "--check", "src", status=1)
        self.assertEqual(done.stdout, "")
        self.assertIn("would change: requirements.txt\n", done.stderr)
        done = self.hffix(*options, "--stdin-filename", "src/large.py", "-", input=LARGE)
        self.assertNotIn("requirements.txt", done.stdout)
        self.assertIn("src/large.py:2:9: advice load/device-map: this needs accelerate>=0.26: add it to requirements.txt\n",
                      done.stderr)
        self.assertEqual(self.text("requirements.txt"), "transformers\n")
        done = self.hffix(*options, "--write", "src")
        self.assertEqual((done.stdout, self.text("requirements.txt")), ("", "transformers\naccelerate\n"))
        self.assertIn("undo: git restore -- src/large.py requirements.txt\n", done.stderr)
        self.assertEqual(self.hffix(*options, "src").stdout, "")

    def test_dependencies_without_a_list(self):
        self.put("large.py", LARGE)
        self.put("more.py", LARGE)
        self.put("page.md", f"```python\n{LARGE}```\n")
        options = ["--select", "load/device-map", "--docs"]
        note = "advice load/device-map: this needs accelerate>=0.26, and there is no dependency list to add it to\n"
        self.assertEqual(self.hffix(*options, ".").stderr.count(note), 1)
        self.assertIn("more.py:2:9: " + note, self.hffix(*options, "more.py").stderr)
        self.assertNotIn("note", self.hffix(*options, "page.md").stderr)
        self.assertEqual(self.hffix(*options, "-q", ".").stderr, "")
        self.put("more.py", "# /// script\n# dependencies = ['transformers']\n# ///\n" + LARGE)
        self.assertIn("more.py:5:9: advice load/device-map: this needs accelerate>=0.26: add it to the script's own",
                      self.hffix(*options, ".").stderr)

    def test_plan_and_bump(self):
        self.put("requirements.txt", "transformers>=4.40,<5  # tested\ntorch\n")
        self.put("b.py", BEFORE + BEFORE)
        self.put("hub.py", "def f(tokenizer):\n    return tokenizer\n")
        plan = self.hffix("--plan", "--target", "transformers=5", ".")
        self.assertIn("\n  3 in 2 files     must  safe    migrate/transformers/eval-strategy  ", plan.stdout)
        self.assertIn("  3 places in all: hffix --write --target 'transformers=5' --select migrate/transformers .\n",
                      plan.stdout)
        self.assertIn("\nBy hand\n  nothing\n", plan.stdout)
        self.assertIn("\n  requirements.txt:1: transformers>=4.40,<5 becomes transformers>=5.0,<6\n", plan.stdout)
        self.assertEqual((plan.stderr, self.text("b.py")), ("", BEFORE + BEFORE))
        self.put("many.py", "from trl import TextEnvironment\nfrom trl import BestOfNSampler\n")
        self.put("more.py", "from trl import TextEnvironment\n")
        plan = self.hffix("--select", "migrate/trl", "--plan", "--target", "trl=1", ".")
        self.assertIn("  2 places  migrate/trl/removed-names: trl 0.21 has no text environments; GRPOTrainer takes tools\n"
                      "    many.py:1:17\n    more.py:1:17\n", plan.stdout)
        self.assertIn("  1 place   migrate/trl/removed-names: trl 0.25 has no BestOfNSampler", plan.stdout)
        self.assertIn("--plan only prints", self.hffix("--plan", "--write", "--target", "trl=1", ".", status=2).stderr)
        self.assertIn("add --target", self.hffix("--plan", ".", status=2).stderr)
        self.assertIn("add --target", self.hffix("--bump", ".", status=2).stderr)
        moved = """--- a/requirements.txt
+++ b/requirements.txt
@@ -1,2 +1,2 @@ --bump
-transformers>=4.40,<5  # tested
+transformers>=5.0,<6  # tested
 torch
"""
        bump = ["--bump", "--target", "transformers=5"]
        self.assertIn(moved, self.hffix(*bump, ".").stdout)
        self.hffix(*bump, "--write", ".")
        self.assertEqual(self.text("requirements.txt"), "transformers>=5.0,<6  # tested\ntorch\n")
        self.assertEqual(self.hffix(*bump, ".").stdout, "")

    def test_bump_beside_an_addition(self):
        self.put("large.py", LARGE)
        self.put("requirements.txt", "torch>=2\ntransformers>=4.40\n")
        self.put("requirements-ci.txt", "transformers==4.40 --hash=sha256:00\n")
        done = self.hffix("--select", "load/device-map", "--bump", "--target", "transformers=5", "--write", ".")
        self.assertEqual(self.text("requirements.txt"), "accelerate>=0.26\ntorch>=2\ntransformers>=5.0\n")
        self.assertIn("requirements-ci.txt:1:1: advice --bump: transformers==4.40 leaves out the target, "
                      "and the file pins by hash\n", done.stderr)

    def test_undo(self):
        for name in ("b.py", "with blank.py", "dirty.py"):
            self.put(name, BEFORE)
        self.git("init", "-q", ".")
        self.git("add", "-A")
        self.git("commit", "-qm", "all")
        self.put("dirty.py", BEFORE + "# more\n")
        self.put("untracked.py", BEFORE)
        before = self.git("status", "--short")
        done = self.hffix("--write", ".")
        undo = done.stderr.split("undo: ", 1)[1]
        self.assertEqual(undo, "git restore -- a.py b.py 'with blank.py'  # leaves 2: not in git, or changed before\n")
        self.run_in("sh", "-c", undo)
        self.assertEqual(self.git("status", "--short"), before)

    def test_undo_of_many(self):
        for i in range(20):
            self.put(f"p/{i:02}.py", BEFORE)
        self.git("init", "-q", ".")
        self.git("add", "-A")
        self.git("commit", "-qm", "all")
        self.put("p/03.py", BEFORE + "# more\n")
        undo = self.hffix("--write", "p").stderr.split("undo: ", 1)[1]
        self.assertTrue(undo.startswith("git restore -- p ':(exclude)p/03.py'"), undo)
        self.run_in("sh", "-c", undo)
        self.assertEqual(self.git("status", "--short"), " M p/03.py\n")

    def test_closed_stdout(self):
        for i in range(300):
            self.put(f"p/{i:03}.py", BEFORE)
        done = self.run_in("sh", "-c", f"('{HFFIX}' -q p; echo $? >status) | head -1")
        self.assertEqual((done.stderr, self.text("status")), ("", "0\n"))
        if Path("/dev/full").exists():
            with open("/dev/full", "w") as full:
                done = subprocess.run([HFFIX, "-q", "p"], cwd=self.folder, stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"standard output", done.stderr)

    def test_terminal(self):
        outer, inner = pty.openpty()
        env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm"}
        for variables, colored in ((env, True), (env | {"NO_COLOR": "1"}, False)):
            subprocess.run([HFFIX, *ONLY, "a.py"], cwd=self.folder, stdout=inner, stderr=inner, env=variables)
            self.assertEqual(b"\033[32m+a = " in os.read(outer, 65536), colored)
        os.close(outer)
        os.close(inner)
        self.assertIn("\033[31m-a = ", self.hffix("--color", "always", "a.py").stdout)

    def test_pages(self):
        name = "migrate/transformers/eval-strategy"
        self.assertIn(name, self.hffix("--list").stdout)
        page = self.hffix("--explain", name).stdout
        self.assertIn("-     evaluation_strategy=$v,", page)
        self.assertIn("did you mean", self.hffix("--explain", name + "s", status=2).stderr)
        self.assertTrue(self.hffix("--explain", name, "a.py:2").stdout)
        self.hffix("--explain", name, "a.py:99", status=2)
        self.assertRegex(self.hffix("--version").stdout, r"^hffix \d+\.\d+\.\d+\ntree-sitter \d[\s\S]*\nyyjson \d")
        self.assertIn("hffix --write .", self.hffix("--help").stdout)

    def verified(self, *arguments, status=0):
        """hffix --verify on a.py, which loads a checkpoint of the fixtures."""
        self.put("a.py", VERIFIED)
        (self.folder / "models").unlink(missing_ok=True)
        (self.folder / "models").symlink_to(ROOT / "fixtures" / "models")
        done = self.run_in(HFFIX, *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertNotIn("Sanitizer", done.stderr)
        return done

    def test_verify(self):
        line = ("a.py:4 models/llama: loads: 21 tensors, bf16 29.2 KiB; generated 8 tokens, padded = unpadded\n")
        done = self.verified("--verify", "a.py")
        self.assertTrue(done.stderr.endswith(line), done.stderr)
        self.assertIn("+batch = tok(", done.stdout)
        self.assertNotIn("loads:", done.stdout)
        self.assertNotIn("loads:", self.verified("--verify", "-q", "a.py").stderr)
        # What stays as it is, is looked at only when asked for.
        self.put("b.py", STAYS)
        self.assertNotIn("b.py:", self.verified("--verify", ".").stderr)
        self.assertIn("b.py:2 models/qwen3: loads: ", self.verified("--verify", "--all-sites", "-j", "8", ".").stderr)
        done = self.verified("--verify=config", "--all-sites", "b.py")
        self.assertIn("b.py:2 models/qwen3: loads: Qwen3ForCausalLM, config and arguments are valid\n", done.stderr)
        done = self.verified("--verify", "--write", "a.py")
        self.assertIn("a.py:6 models/llama: loads: ", done.stderr)
        self.assertIn("padding=True", self.text("a.py"))

    def test_verify_json(self):
        done = self.verified("--verify", "--format", "json", "a.py")
        site, = json.loads(done.stdout)["sites"]
        self.assertEqual((site["place"], site["id"], site["does_not_load"]), ("a.py:4", "models/llama", False))
        self.assertEqual(site["load"], {"torch_dtype": "torch.bfloat16"})
        self.assertEqual((site["check"]["verdict"], site["check"]["tensors"]), ("loads", 21))
        self.assertNotIn("loads:", done.stderr)

    def test_verify_status(self):
        self.put("bad.py", STAYS.replace('"auto"', '"f16"'))
        self.put("bad2.py", STAYS.replace('"auto"', '"f16"') + "def (:\n")
        rejected = "dtype f16 is no type of torch; did you mean float16\n"
        self.assertIn(rejected, self.verified("--verify", "--all-sites", "-q", "bad.py", status=3).stderr)
        self.verified("--verify", "--all-sites", "--check", ".", status=3)
        self.verified("--verify", "--all-sites", "bad.py", "none.py", status=2)
        for wrong in (["--verify=all", "."], ["--all-sites", "."], ["--gpu-memory", "24GiB", "."], ["--logits", "."],
                      ["--verify", "--memory", "much", "."], ["--verify", "--format", "xml", "."]):
            self.verified(*wrong, status=2)

    def test_verify_fits(self):
        self.assertIn(" on 1 x 24 GiB; ", self.verified("--verify", "--set", "gpu-memory=24GiB", "a.py").stderr)
        done = self.verified("--verify", "--set", "gpu-memory=24GiB", "--gpu-memory", "24KiB,24KiB", "a.py")
        self.assertIn(" on 2 x 24 KiB; ", done.stderr)

    def test_verify_finds(self):
        """A relative path: from the working directory, the file's folder, the project's."""
        line = "src/app.py:2 models/qwen3: loads: "
        self.put("src/app.py", STAYS)
        self.assertIn(line, self.verified("--verify", "--all-sites", "src").stderr)
        (self.folder / "models").unlink()
        self.assertIn("checkpoint not found", self.all("--verify", "--all-sites", "src").stderr)
        (self.folder / "src/models").symlink_to(ROOT / "fixtures" / "models")
        self.assertIn(line, self.all("--verify", "--all-sites", "src").stderr)
        self.put("pack/pyproject.toml", '[project]\nname = "a"\nversion = "1"\ndependencies = ["transformers>=5"]\n')
        self.put("pack/inner/app.py", STAYS)
        (self.folder / "pack/models").symlink_to(ROOT / "fixtures" / "models")
        self.assertIn("pack/inner/" + line[4:], self.all("--verify", "--all-sites", "pack").stderr)

    def test_verify_notebook(self):
        cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "id": str(i),
                  "source": text.splitlines(keepends=True)} for i, text in enumerate(("x = 1\n", STAYS))]
        self.put("n.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        done = self.verified("--verify", "--all-sites", "n.ipynb")
        self.assertIn("n.ipynb:cell 2:2 models/qwen3: loads: ", done.stderr)

    def test_check_model_anywhere(self):
        done = self.verified("--load", '{"dtype": "float16"}', "--check-model", "models/llama", "--max-new-tokens=2")
        self.assertEqual(json.loads(done.stdout)["verdict"], "loads")
        self.verified("--check-model", "models/llama", "a.py", status=2)
        self.verified("--check-model", "models/none", status=2)

    def test_first_diff(self):
        """The README begins with what hffix says of that file."""
        shown = (ROOT / "README.md").read_text(encoding="utf-8").split("```diff\n")[1].split("```")[0]
        lines = shown.splitlines(keepends=True)[3:]
        self.put("ask.py", "".join(line[1:] for line in lines if not line.startswith("+")))
        self.assertEqual(self.all("--no-hub-cache", "ask.py").stdout, shown)

    def test_demo(self):
        """The README shows how the demo ends."""
        done = subprocess.run([HFFIX, "--verify", "fixtures/demo"], cwd=ROOT, capture_output=True, text=True, timeout=60,
                              env={k: v for k, v in os.environ.items() if not k.startswith("HF_")} | {"HF_HOME": "/none"})
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [line for line in done.stderr.splitlines() if line.startswith("fixtures/demo/") and " advice " not in line]
        self.assertIn("padded = unpadded", lines[-1])
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        self.assertIn("\n\n" + "".join(f"    {line}\n" for line in lines) + "\n", readme)

    def test_patch(self):
        self.put("draft.patch", "# Two is three.\ntier: review\n@@\n@@\n- torch.two()\n+ torch.three()\n")
        self.put("t.py", "import torch\n\nx = torch.two()\n")
        done = self.run_in(HFFIX, "--patch", "draft.patch", "t.py")
        self.assertIn("+x = torch.three()\n", done.stdout)
        self.put("draft.patch", "# Wrong.\n@@\nexprs x\n@@\n- f($x)\n")
        done = self.run_in(HFFIX, "--patch", "draft.patch", "t.py")
        self.assertEqual(done.returncode, 2)
        self.assertIn("draft.patch:", done.stderr)

    def all(self, *arguments, status=0, **kwargs):
        """hffix with nothing selected on the command line."""
        done = self.run_in(HFFIX, *arguments, **kwargs)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertNotIn("Sanitizer", done.stderr)
        return done

    def test_settings(self):
        self.put("tests/a.py", BEFORE)
        self.put("gen/a.py", BEFORE)
        self.put("hffix.toml", 'select = ["migrate"]\nexclude = ["gen/*.py"]\n'
                               '[per-path]\ntests = {ignore = ["migrate/transformers/eval-strategy"]}\n')
        done = self.all(".")
        self.assertEqual(done.stdout, DIFF.format("a.py"))
        self.assertIn("1 file left out by `exclude`", done.stderr)
        self.assertEqual(self.all("tests/a.py").stdout, "")
        self.assertEqual(self.all("gen/a.py").stdout, DIFF.format("gen/a.py"))
        self.assertEqual(self.all("--force-exclude", "gen/a.py").stdout, "")
        self.assertEqual(self.all("--stdin-filename", "tests/b.py", "-", input=BEFORE).stdout, "")
        self.assertEqual(self.all("--select", "load", ".").stdout, "")
        self.put("tests/pyproject.toml", '[tool.hffix]\nselect = ["load"]\n')
        self.put("sub/pyproject.toml", '[tool.hffix]\nselect = ["load"]\n')
        self.put("sub/a.py", BEFORE)
        self.assertEqual(self.all(".").stdout, DIFF.format("a.py"))
        self.assertEqual(self.all("--select", "migrate", "sub").stdout, DIFF.format("sub/a.py"))

    def test_settings_docs(self):
        self.put("page.md", f"```python\n{BEFORE}```\n")
        self.put("sub/page.md", f"```python\n{BEFORE}```\n")
        self.put("sub/hffix.toml", "docs = true\n")
        done = self.all("--check", ".", status=1)
        self.assertEqual(done.stderr.count("would change: "), 2)
        self.assertIn("would change: sub/page.md\n", done.stderr)

    def test_wrong_settings(self):
        self.put("sub/hffix.toml", 'select = ["migrat"]\n')
        self.put("sub/a.py", BEFORE)
        done = self.all("--write", ".", status=2)
        self.assertEqual(self.text("a.py"), BEFORE)
        self.assertEqual(done.stderr, "sub/hffix.toml:1:11: error: there is no transform or area 'migrat' "
                                      "(did you mean 'migrate'?)\n    select = [\"migrat\"]\n              ^^^^^^^^\n")
        self.put("sub/hffix.toml", 'batchsize = 4\nrequired-version = ">=99"\n')
        done = self.all("--write", ".", status=2)
        self.assertEqual(self.text("a.py"), BEFORE)
        self.assertIn("sub/hffix.toml:1:1: error: hffix.toml has no key 'batchsize' (did you mean 'batch-size'?)\n"
                      "    batchsize = 4\n    ^^^^^^^^^\n", done.stderr)
        self.assertIn("sub/hffix.toml:2:20: error: the project requires hffix >=99", done.stderr)
        self.all("--show-settings", "sub", status=2)
        self.all("a.py")

    def test_show_settings(self):
        self.put("pyproject.toml", '[project]\ndependencies = ["torch>=2.1"]\n[tool.hffix]\ngpu-memory = "24GiB"\n'
                                   'targets.transformers = ">=4.46,<5"\nper-path.tests.ignore = ["load"]\n')
        shown = self.all("--show-settings", "--set", "batch-size=4", "tests/x.py").stdout
        for line in ('gpu-memory = "25.7698038GB" # pyproject.toml:4', "batch-size = 4 # command line",
                     "max-new-tokens = 256 # default", '# select = all # default',
                     'torch = ">=2.1" # declared in .', 'transformers = ">=4.46,<5.0" # pyproject.toml:5',
                     '"tests" = {ignore = ["load"]} # pyproject.toml:6, holds here'):
            self.assertIn(line, [" ".join(shown_line.split()) for shown_line in shown.splitlines()])
        self.assertNotIn("holds here", self.all("--show-settings", "a.py").stdout)
        self.assertEqual(self.all("--show-settings").stdout, self.all("--show-settings", ".").stdout)

    def test_own_transforms(self):
        self.put("sub/codemods/two.patch", "# Two is three.\ntier: review\n@@\n@@\n- torch.two()\n+ torch.three()\n")
        self.put("sub/hffix.toml", 'select = ["migrate"]\ntransforms = ["codemods/*.patch"]\n')
        for name in ("t.py", "sub/t.py"):
            self.put(name, "import torch\n\nx = torch.two()\n")
        self.assertRegex(self.all(".").stdout, r"(?s)^--- a/a.py\n.*--- a/sub/t.py\n[^&]*\+x = torch.three\(\)\n$")
        self.assertEqual(self.all("--select", "load", "sub").stdout, "")
        self.assertIn("+x = torch.three()\n", self.all("--select", "two", "sub").stdout)
        self.put("sub/hffix.toml", 'transforms = ["codemods/none*.patch"]\n')
        self.assertIn("sub/hffix.toml:1:15: error: no file matches 'codemods/none*.patch'\n",
                      self.all("sub", status=2).stderr)

    def test_preview(self):
        self.put("codemods/two.patch", "# Two is three.\ntier: review\npreview: 0.3\n@@\n@@\n- torch.two()\n"
                 "+ torch.three()\n")
        self.put("hffix.toml", 'transforms = ["codemods/*.patch"]\n')
        self.put("t.py", "import torch\n\nx = torch.two()\n")
        self.assertEqual(self.all("t.py").stdout, "")
        self.assertIn("+x = torch.three()\n", self.all("--preview", "t.py").stdout)
        self.assertIn("+x = torch.three()\n", self.all("--select", "two", "t.py").stdout)
        self.assertRegex(self.all("--list").stdout, r"(?m)^two +review  Two is three. \(preview\)$")
        self.assertIn("Preview: on trial since hffix 0.3", self.all("--explain", "two").stdout)
        self.assertIn("hub-cache = true", self.all("--show-settings").stdout)
        self.put("hffix.toml", 'transforms = ["codemods/*.patch"]\npreview = true\nhub-cache = false\n')
        self.assertIn("+x = torch.three()\n", self.all("t.py").stdout)
        self.assertRegex(self.all("--show-settings").stdout, r"(?m)^preview = true +# hffix.toml:2$")

    def test_wrappers(self):
        self.put("w.py", "import mylib, other\n\nm = mylib.load('gpt2', load_in_4bit=True)\n"
                         "k = other.load('gpt2', load_in_4bit=True)\n")
        options = ["--select", "load/bnb-config"]
        self.assertEqual(self.all(*options, "w.py").stdout, "")
        self.put("hffix.toml", 'wrappers = {"mylib.load" = "transformers.AutoModelForCausalLM.from_pretrained"}\n')
        diff = self.all(*options, "w.py").stdout
        self.assertIn("+m = mylib.load('gpt2', quantization_config=BitsAndBytesConfig(load_in_4bit=True))\n", diff)
        self.assertIn(" k = other.load('gpt2', load_in_4bit=True)\n", diff)

    def test_strict(self):
        self.put("n.py", "from transformers import AutoModel\n\nm = AutoModel.from_pretrained('microsoft/phi-2', trust_remote_code=True)\n")
        options = ["--check", "--select", "load/trust-remote-code"]
        done = self.all(*options, "n.py")
        self.assertRegex(done.stderr, r"^n\.py:3:\d+: advice load/trust-remote-code: ")
        self.assertEqual(self.all(*options, "--strict", "n.py", status=1).stderr, done.stderr)
        self.all(*options, "--strict", "a.py")
        self.assertIn("add --check", self.all("--strict", "n.py", status=2).stderr)

    def test_symbols(self):
        """Rules about a symbol, in what is beside Python files and where only some lines count."""
        options = ["--select", "migrate/transformers/vision2seq"]
        text = "from transformers import AutoModelForVision2Seq\n\nm = AutoModelForVision2Seq.from_pretrained('a/b')\n"
        cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": part.splitlines(True)}
                 for part in text.split("\n\n")]
        self.put("b.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1))
        self.put("page.md", "# Page\n\n```python\n" + text + "```\n")
        self.put("v.py", text)
        for name in ("b.ipynb", "page.md", "v.py"):
            diff = self.all(*options, "--docs", name).stdout
            self.assertEqual(diff.count("ImageTextToText"), 2, diff)
        explain = ["--explain", options[1]]
        self.assertIn("it matches\n", self.all(*explain, "v.py:1").stdout)
        self.put("taken.py", "AutoModelForImageTextToText = None\n" + text)
        self.assertIn("it matches, but the new name is taken", self.all(*explain, "taken.py:2").stdout)
        self.assertIn("taken.py:2:26: left alone", self.all(*options, "-v", "taken.py").stderr)
        self.put("both.py", "try:\n    from transformers import AutoModelForImageTextToText as A\nexcept ImportError:\n"
                            "    from transformers import AutoModelForVision2Seq as A\n")
        self.assertIn("imports something else", self.all(*explain, "both.py:4").stdout)
        self.git("init", "-q", ".")
        self.git("add", "-A")
        self.git("commit", "-qm", "all")
        self.put("v.py", text + "print(m)\n")
        self.assertEqual(self.all(*options, "--changed-since", "HEAD", "v.py").stdout, "")
        self.put("v.py", "import os\n" + text.replace("import Auto", "import AutoConfig, Auto"))
        self.assertIn("ImageTextToText", self.all(*options, "--changed-since", "HEAD", "v.py").stdout)

    def test_changed_since(self):
        twice = BEFORE + BEFORE.splitlines(True)[1]
        for name in ("a.py", "same.py", "with blank/ü.py"):
            self.put(name, twice)
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": twice.splitlines(True)}
        book = {"cells": [cell, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        self.put("b.ipynb", json.dumps(book, indent=1))
        self.git("init", "-q", ".")
        self.git("add", "-A")
        self.git("commit", "-qm", "all")
        self.assertEqual(self.hffix("--changed-since", "HEAD", ".").stdout, "")
        changed = twice[::-1].replace("tuo", "yna", 1)[::-1]
        self.put("a.py", changed)
        self.put("with blank/ü.py", changed)
        self.put("new.py", BEFORE)
        book["cells"] = [cell, cell | {"source": changed.splitlines(True)}]
        self.put("b.ipynb", json.dumps(book, indent=1))
        done = self.hffix("--changed-since", "HEAD", ".")
        self.assertIn("4 fixes to make in 4 of 4 files", done.stderr)
        self.assertIn("\n-a = TrainingArguments(output_dir=\"any\", evaluation", done.stdout)
        self.assertNotIn("\n-a = TrainingArguments(output_dir=\"out\", evaluation", done.stdout.split("+++ b/new.py")[0])
        self.assertIn("@@ cell 2, ", done.stdout)
        self.assertIn("knows no commit x", self.hffix("--changed-since", "x", ".", status=2).stderr)
        self.assertIn("standard input", self.hffix("--changed-since", "HEAD", "-", input="", status=2).stderr)
        self.git("commit", "-qam", "more")
        self.assertEqual(self.hffix("--changed-since", "HEAD~1", "a.py").stdout,
                         self.hffix("--changed-since", "HEAD~1", str(self.folder / "a.py")).stdout)
        self.assertEqual(self.hffix("--changed-since", "HEAD", "a.py").stdout, "")

    def test_changed_since_part_of_a_statement(self):
        """A line taken out of a call, or changed in it, is a change of the call; one beside it is none."""
        call = 'a = TrainingArguments(\n    output_dir="out",\n    seed=1,\n    evaluation_strategy="steps",\n)\n'
        head = "from transformers import TrainingArguments\n"
        self.put("a.py", head + call + "\nx = 1\n" + call)
        self.git("init", "-q", ".")
        self.git("add", "-A")
        self.git("commit", "-qm", "all")
        for first, fixes in ((call.replace("    seed=1,\n", ""), 1), (call.replace("seed=1", "seed=2"), 1), (call, 0),
                             (call + "y = 2\n", 0), (call.replace("seed=1,", "seed=1,\n    do_eval=True,"), 1)):
            self.put("a.py", head + first + "\nx = 1\n" + call)
            diff = self.hffix("--changed-since", "HEAD", "a.py").stdout
            self.assertEqual(diff.count("+    eval_strategy="), fixes, diff)
        self.put("a.py", head + call + call)
        self.assertEqual(self.hffix("--changed-since", "HEAD", "a.py").stdout, "")


if __name__ == "__main__":
    HFFIX = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()

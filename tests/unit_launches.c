/* What shell scripts and their like start on several devices, from texts and from small trees. */
#include "project/launch_read.h"
#include "project/launches.h"

#include "unit.h"
#include "unit_folder.h"

static Arena arena;

/* "train.py:2 a/b.py:3" of a file's text. */
static Str launched(const char *name, const char *text) {
    LaunchedScripts scripts = {0};
    launches_read(&arena, launch_file(S("x"), str_from(name)), str_from(text), &scripts);
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; i < scripts.n; i++)
        buf_format(&out, "%s%.*s:%u", i ? " " : "", STR_ARG(scripts.v[i].path), scripts.v[i].line);
    return buf_str(&out);
}

static Str sh(const char *text) {
    return launched("run.sh", text);
}

static void launchers(void) {
    CHECK_STR(sh("torchrun --nproc_per_node=4 --master_port 29500 train.py --lr 1\n"),
              S("train.py:1"));
    CHECK_STR(sh("python3 -u -m torch.distributed.launch --nproc_per_node 2 a/train.py"),
              S("a/train.py:1"));
    CHECK_STR(sh("python -m torch.distributed.run -m pkg.train --config x.yaml"),
              S("pkg/train.py:1"));
    CHECK_STR(sh("accelerate launch --config_file c.yaml x.py"), S("x.py:1"));
    CHECK_STR(sh("python -m accelerate.commands.launch x.py"), S("x.py:1"));
    CHECK_STR(sh("accelerate launch --num_processes 1 x.py"), S(""));
    CHECK_STR(sh("accelerate launch --num_processes=1 --use_deepspeed x.py"), S("x.py:1"));
    CHECK_STR(sh("accelerate config default\npython x.py"), S(""));
    CHECK_STR(sh("deepspeed --num_gpus=8 x.py --deepspeed ds.json"), S("x.py:1"));
    CHECK_STR(sh("python x.py --deepspeed ds.json"), S(""));
    CHECK_STR(sh("mpirun -np 4 python x.py"), S("x.py:1"));
    CHECK_STR(sh("mpirun -np 1 python x.py"), S(""));
    CHECK_STR(sh("mpiexec --hostfile h python -m a.b"), S("a/b.py:1"));
    CHECK_STR(sh("horovodrun -np 4 python x.py"), S("x.py:1"));
    CHECK_STR(sh("python x.py --run torchrun"), S(""));
}

static void tasks(void) {
    CHECK_STR(sh("srun python x.py"), S(""));
    CHECK_STR(sh("srun --ntasks=4 python x.py"), S("x.py:1"));
    CHECK_STR(sh("srun -n4 python x.py"), S("x.py:1"));
    CHECK_STR(sh("srun -n 1 python x.py"), S(""));
    CHECK_STR(sh("#SBATCH --ntasks-per-node=8\n#SBATCH --time 2:00\n\nsrun python x.py"),
              S("x.py:4"));
    CHECK_STR(sh("#SBATCH --ntasks-per-node=8\nsrun --ntasks=1 python x.py"), S(""));
    CHECK_STR(sh("#SBATCH --ntasks=1\n#SBATCH -N 1\nsrun python x.py"), S(""));
    CHECK_STR(sh("#SBATCH -N 1\nsrun torchrun x.py"), S("x.py:2"));
    CHECK_STR(sh("#SBATCH --ntasks=8\npython x.py"), S(""));
}

static void shell(void) {
    CHECK_STR(sh("set -e\ntorchrun \\\n  --nproc_per_node 2 \\\n  x.py \\\n  --a b\npython y.py\n"),
              S("x.py:2"));
    CHECK_STR(sh("GPUS=2\nCUDA_VISIBLE_DEVICES=0,1 torchrun --nproc_per_node $GPUS x.py"),
              S("x.py:2"));
    CHECK_STR(sh("SCRIPT=a/x.py\ntorchrun \"$SCRIPT\""), S("a/x.py:2"));
    CHECK_STR(sh("torchrun ${SCRIPT:-x.py}"), S("x.py:1"));
    CHECK_STR(sh("torchrun $ROOT/x.py"), S("$/x.py:1"));
    CHECK_STR(sh("torchrun --nproc_per_node=$(nvidia-smi -L | wc -l) x.py"), S("x.py:1"));
    CHECK_STR(sh("if [ $1 ]; then torchrun x.py; else python y.py; fi"), S("x.py:1"));
    CHECK_STR(sh("cd a && torchrun x.py > log 2>&1 &"), S("x.py:1"));
    CHECK_STR(sh("bash -c 'source e/bin/activate && torchrun x.py'"), S("x.py:1"));
    CHECK_STR(sh("uv run torchrun x.py\r\ndocker run --gpus all img accelerate launch y.py\r\n"),
              S("x.py:1 y.py:2"));
    CHECK_STR(sh("# torchrun x.py\n#torchrun x.py\npython x.py # or torchrun x.py"), S(""));
    CHECK_STR(sh("echo torchrun x.py\necho \"run: torchrun x.py\"\nprintf 'torchrun x.py'"), S(""));
    CHECK_STR(sh("torchrun"), S(""));
    CHECK_STR(sh("torchrun \\"), S(""));
    CHECK_STR(sh("torchrun 'x.py"), S("x.py:1"));
    CHECK_STR(sh("torchrun --script=x.py \"$"), S(""));
}

static void other_files(void) {
    CHECK_STR(
        launched("Makefile", "S := x.py\nrun:\n\t@torchrun $(S)\nsay:\n\t@echo torchrun y.py\n"),
        S("x.py:3"));
    CHECK_STR(
        launched("Dockerfile", "FROM x\nCOPY . /w\nCMD [\"torchrun\", \"--a=1\", \"x.py\"]\n"),
        S("x.py:3"));
    CHECK_STR(launched("ci.yml", "jobs:\n  a:\n    steps:\n      - name: torchrun y.py\n"
                                 "      - run: torchrun x.py\n      - run: |\n          cd a\n"
                                 "          accelerate launch z.py\n"),
              S("x.py:5 z.py:8"));
    CHECK_STR(launched("pod.yaml", "command:\n  - torchrun\n  - --nproc_per_node=8\n  - x.py\n"
                                   "args:\n  - y.py\n"),
              S("x.py:2"));
    CHECK_STR(launched("job.yaml", "command: [\"torchrun\", \"x.py\"]\n"), S("x.py:1"));
    CHECK_STR(launched("pyproject.toml", "[tool.poe.tasks]\nt = \"torchrun x.py\"\n"), S("x.py:2"));
    CHECK_STR(launched("tox.ini", "[testenv]\ncommands =\n  torchrun x.py\n"), S("x.py:3"));
    CHECK_STR(launched("README.md", "Do not torchrun a.py.\n\n```bash\n$ torchrun x.py\n```\n\n"
                                    "```python\ntorchrun y.py\n```\n"),
              S("x.py:4"));
    LaunchedScripts scripts = {0};
    CHECK_INT(launch_file(S("a/.vscode"), S("launch.json")), LAUNCH_JSON);
    CHECK_INT(launch_file(S("a"), S("launch.json")), LAUNCH_NONE);
    launches_read(&arena, LAUNCH_JSON,
                  S("{ // torchrun z.py\n \"configurations\": [{\"program\": \"y.py\"},\n"
                    "{\"module\": \"torch.distributed.run\",\n"
                    "\"args\": [\"--nproc_per_node=2\", \"${workspaceFolder}/x.py\"]}]}"),
                  &scripts);
    CHECK_INT(scripts.n, 1);
    CHECK(scripts.n == 1 && str_eq(scripts.v[0].path, S("$/x.py")));
}

static void configurations(void) {
    CHECK(launch_configuration(LAUNCH_LISTS, S("distributed_type: MULTI_GPU\nnum_processes: 4\n")));
    CHECK(launch_configuration(LAUNCH_LISTS, S("distributed_type: 'FSDP' # x\nnum_processes: 1")));
    CHECK(!launch_configuration(LAUNCH_LISTS, S("distributed_type: 'NO'\nnum_processes: 1\n")));
    CHECK(!launch_configuration(LAUNCH_LISTS, S("distributed_type: MULTI_GPU\nnum_processes: 1")));
    CHECK(!launch_configuration(LAUNCH_LISTS, S("a:\n  distributed_type: MULTI_GPU\n")));
    CHECK(launch_configuration(LAUNCH_DEEPSPEED, S("{\"zero_optimization\": {\"stage\": 3}}")));
    CHECK(!launch_configuration(LAUNCH_DEEPSPEED, S("{\"steps\": 3}")));
}

static Projects *projects;

/* What starts a file: "run.sh:1"; "?" before what is not certain. */
static Str by(const char *path) {
    const Launch *launch = launch_of(project_of(projects, str_from(path)), str_from(path));
    return launch ? str_format(&arena, "%s%.*s", launch->certain ? "" : "?", STR_ARG(launch->by))
                  : S("");
}

static void trees(void) {
    folder_open();
    folder_write("a/train.py", "");
    folder_write("b/train.py", "");
    folder_write("b/other.py", "");
    folder_write("src/pkg/cli.py", "");
    folder_write("deep/down/only.py", "");
    folder_write("deep/notes.py", "");
    folder_write("a/run.sh", "torchrun train.py\n");
    folder_write("scripts/go.sh", "cd ../deep/down; torchrun only.py\n");
    folder_write("scripts/m.slurm", "torchrun -m pkg.cli\ntorchrun $D/train.py\n");
    folder_write("node_modules/x/run.sh", "torchrun b/other.py\n");
    folder_write(".github/workflows/ci.yml", "run: torchrun /work/repo/deep/notes.py\n");
    folder_write("acc/default_config.yaml", "distributed_type: MULTI_GPU\nnum_processes: 4\n");
    folder_write("acc/x/infer.py", "");
    projects = projects_open(&arena, NULL, 0, settings_default);
    CHECK_STR(by("a/train.py"), S("a/run.sh:1"));
    CHECK_STR(by("b/train.py"), S("")); /* $D/train.py may be either */
    CHECK_STR(by("b/other.py"), S(""));
    CHECK_STR(by("./src/pkg/cli.py"), S("scripts/m.slurm:1"));
    CHECK_STR(by("deep/down/only.py"), S("scripts/go.sh:1"));
    CHECK_STR(by("deep/notes.py"), S(".github/workflows/ci.yml:1"));
    CHECK_STR(by("acc/x/infer.py"), S("?acc/default_config.yaml"));
    CHECK_STR(by("a/none.py"), S(""));
    CHECK_STR(by("-"), S(""));
    projects_close(projects);
    folder_close();
}

static void roots(void) {
    folder_open();
    folder_write("repo/.git/HEAD", "");
    folder_write("repo/src/x.py", "");
    folder_write("repo/run.sh", "torchrun src/x.py\n");
    folder_write("lone/x.py", "");
    folder_write("run.sh", "torchrun lone/x.py; torchrun repo/src/y.py\n");
    folder_write("repo/src/y.py", "");
    projects = projects_open(&arena, NULL, 0, settings_default);
    CHECK_STR(by("repo/src/x.py"), S("run.sh:1"));
    CHECK_STR(by("repo/src/y.py"), S("")); /* a repository's root ends the way up */
    CHECK_STR(by("lone/x.py"), S("run.sh:1"));
    projects_close(projects);
    folder_close();
    arena_close(&arena);
}

UNIT_MAIN(launchers, tasks, shell, other_files, configurations, trees, roots)

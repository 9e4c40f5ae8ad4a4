/* Commands and variables in shell text, and in the documents that hold some. A command is written
 * as its words from the program on, a variable as `=NAME`, `$NAME` or `-NAME`. */
#include "document/scripts.h"
#include "tests/unit.h"

static Arena arena;

static void script(ShellReader *reader) {
    shell_add(reader, reader->source, 0);
}

static ShellReader cut(ShellCut *with, const char *text) {
    ShellReader reader = {.arena = &arena, .parser = parser_open(), .source = str_from(text)};
    with(&reader);
    parser_close(reader.parser);
    return reader;
}

/* Each word must stand in the source at its span. */
static Str told(ShellCut *with, const char *text) {
    ShellReader reader = cut(with, text);
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; i < reader.commands.n; i++) {
        const ShellCommand *command = &reader.commands.v[i];
        for (ptrdiff_t k = command->program; k < command->n; k++) {
            const ShellWord *word = &command->words[k];
            CHECK(str_find(str_span(reader.source, word->span), word->text) >= 0 ||
                  str_find_byte(word->text, '_') >= 0);
            buf_format(&out, "%s%.*s", k > command->program ? " " : "", STR_ARG(word->text));
        }
        buf_add(&out, S("; "));
    }
    for (ptrdiff_t i = 0; i < reader.variables.n; i++) {
        const ShellVariable *variable = &reader.variables.v[i];
        buf_format(&out, "%c%.*s ", "=$-"[variable->use],
                   STR_ARG(str_span(reader.source, variable->name)));
    }
    if (reader.broken)
        buf_add(&out, S("broken"));
    return str_trim(buf_str(&out));
}

#define SHELL(text, want)  CHECK_STR(told(script, text), S(want))
#define DOCKER(text, want) CHECK_STR(told(docker_cut, text), S(want))
#define MAKE(text, want)   CHECK_STR(told(makefile_cut, text), S(want))
#define YAML(text, want)   CHECK_STR(told(yaml_cut, text), S(want))
#define DOTENV(text, want) CHECK_STR(told(dotenv_cut, text), S(want))

static void test_commands(void) {
    SHELL("hf login\n", "hf login;");
    SHELL("a | b && c || d; e & f", "a; b; c; d; e; f;");
    SHELL("if ! a; then (b); fi; echo \"$(c d)\"", "a; b; echo \"$(c d)\"; c d;");
    SHELL("a 'b c' \"d e\" \"$f\"", "a b c d e \"$f\"; $f");
    SHELL("a \\\n  b \\\n  --c=d\n", "a b --c=d;");
    SHELL("a \\\r\n  b\r\nc\r\n", "a b; c;");
}

static void test_no_commands(void) {
    SHELL("# a b\n", "");
    SHELL("echo 'a b' # c\n", "echo a b;");
    SHELL("cat <<EOF\na b\nEOF\n", "cat;");
    SHELL("python x <<'EOF'\nimport a\n\"\nEOF\n", "python x;");
}

static void test_wrappers(void) {
    SHELL("sudo -E -u me a b", "a b;");
    SHELL("env -i A=1 B=2 a b", "a b; =A =B");
    SHELL("time a; nohup a &", "a; a;");
    SHELL("timeout -k 5 60 a b", "a b;");
    SHELL("xargs -n 1 -I{} a {}", "a {};");
    SHELL("uv run --with x a b; poetry run a; conda run -n env a", "a b; a; a;");
    SHELL("uv pip install a", "uv pip install a;");
    SHELL("sudo", "");
    SHELL("env", "");
    SHELL("bash -c 'a b'; bash -c \"a $B\"; eval 'a'",
          "bash -c a b; a b; bash -c \"a $B\"; a $B; eval a; a; $B");
    SHELL("bash c 'a b'", "bash c a b;");
}

static void test_variables(void) {
    SHELL("export A=1 B", "$B =A");
    SHELL("A=1 c", "c; =A");
    SHELL("A=1", "=A");
    SHELL("echo $A ${B:-x} \"$C\" '$D' \\$E", "echo $A ${B:-x} \"$C\" $D \\$E; $A $B $C");
    SHELL("unset A", "-A");
    SHELL("cat <<EOF\n$A\nEOF\n", "cat; $A");
    SHELL("cat <<'EOF'\n$A\nEOF\n", "cat;");
    SHELL("docker run -e A=1 --env=B=2 -e C i D=3",
          "docker run -e A=1 --env=B=2 -e C i D=3; =A =B $C");
    SHELL("git -e A=1", "git -e A=1;");
}

static void test_broken(void) {
    SHELL("a \"b\nc d\n", "broken");
    SHELL("cat <<EOF\na\n", "broken");
    SHELL("a )\n", "broken");
}

/* What goes with a setting. */
static Str whole(ShellCut *with, const char *text) {
    ShellReader reader = cut(with, text);
    return reader.variables.n ? str_span(reader.source, reader.variables.v[0].whole) : S("none");
}

static void test_whole(void) {
    CHECK_STR(whole(script, "a\n export A=1\nb\n"), S(" export A=1\n"));
    CHECK_STR(whole(script, "A=1"), S("A=1"));
    CHECK_STR(whole(script, "export A=1 B=2\n"), S(""));
    CHECK_STR(whole(script, "A=1 b\n"), S(""));
    CHECK_STR(whole(script, "A=1; b\n"), S(""));
    CHECK_STR(whole(script, "if a; then\n  A=1\nfi\n"), S(""));
    CHECK_STR(whole(docker_cut, "ENV A=1\nRUN b\n"), S("ENV A=1\n"));
    CHECK_STR(whole(docker_cut, "ENV A=1 B=2\n"), S(""));
    CHECK_STR(whole(yaml_cut, "env:\n  A: 1\n  B: 2\n"), S("  A: 1\n"));
    CHECK_STR(whole(yaml_cut, "env:\n  A: |\n    1\n"), S(""));
    CHECK_STR(whole(dotenv_cut, "B\nA=1\n"), S("A=1\n"));
}

static void test_docker(void) {
    DOCKER("FROM x\nRUN a b\n", "a b;");
    DOCKER("run a && \\\n  # c d\n\n  e f\nRUN g\n", "a; e f; g;");
    DOCKER("RUN --mount=type=cache,target=/x a b", "a b;");
    DOCKER("CMD [\"a\", \"b c\"]\n", "a b c;");
    DOCKER("ENTRYPOINT [ \"a\" , \\\n  \"b\" ]\n", "a b;");
    DOCKER("CMD [\"a\", \"b\\n\"]\n", "broken");
    DOCKER("ENV A=1 \\\n  B=\"2 3\" C=$D\n", "$D =A =B =C");
    DOCKER("ENV A b c\nARG E\nARG F=1\n", "=A $E =F");
    DOCKER("WORKDIR $A\nCOPY ${B}/x \\$C\n", "$A $B");
    DOCKER("RUN <<EOF\na b\nEOF\nRUN c\n", "c;");
    DOCKER("# escape=`\nRUN a `\n  b\n", "");
    DOCKER("LABEL a=\"RUN b\"\n# RUN c\n", "");
    DOCKER("HEALTHCHECK CMD a\n", "");
}

static void test_make(void) {
    MAKE("all: b\n\t@a b \\\n\t  $$C\n\t-d\n", "a b _$C; d; $C");
    MAKE("A = 1\nexport B := 2\nexport C\nD ?= $(A) ${B} $$(E)\n", "=A =B $C =D $A $B");
    MAKE("# A = 1\nall:\n\techo $(A)\n", "echo $(A); A; $A");
    MAKE("all: A=1\n", "");
}

static void test_yaml(void) {
    YAML("jobs:\n  x:\n    steps:\n      - run: a b\n      - name: run\n        run: |\n          "
         "c\n\n"
         "          d ${{ e.f }}\n",
         "a b; c; d $_________; ${{ e.f }}");
    YAML("run: >-\n  a\n  b\n", "a b;");
    YAML("script:\n- a b\n- |\n  c\n- \"d e\" # f\n- 'g'\nh: i\n", "a b; c; d e; g;");
    YAML("run: a\n  b\n", "");
    YAML("run: \"a \\\" b\"\n", "");
    YAML("run: [a, b]\nwith: {run: c}\n", "");
    YAML("description: |\n  run: a\nname: b\n", "");
    YAML("# run: a\n", "");
    YAML("command:\n  - a\n  - b\n", "");
}

static void test_yaml_variables(void) {
    YAML("env:\n  A: 1\n  \"B\": \"2\"\n  # C: 3\nd: 4\n", "=A =B");
    YAML("services:\n  x:\n    environment:\n      - A=1\n      - B\n      - \"C=3\"\n    image: "
         "y\n",
         "=A $B =C");
    YAML("env:\n- name: A\n  value: x\n- name: B\n  valueFrom:\n    k: v\n", "=A =B");
    YAML("env: {A: 1}\nmatrix:\n  A: 1\n", "");
    YAML("variables:\n  A: |\n    B: 1\n  C: 2\n", "=A =C");
}

static void test_dotenv(void) {
    DOTENV("A=1\nexport B='2'\n# C=3\nD\n  E=5", "=A =B =E");
    DOTENV("A=\"x\nB=1\n", "");
}

static void test_names(void) {
    static const char *const scripts[] = {"a.sh",           "x/Dockerfile", "Dockerfile.gpu",
                                          "gpu.dockerfile", "Makefile",     ".env",
                                          ".env.local",     "ci.yml"};
    for (ptrdiff_t i = 0; i < COUNT(scripts); i++)
        CHECK(script_cut(str_from(scripts[i]), (Str){0}));
    CHECK(script_cut(S("run"), S("#!/bin/bash -e\n")));
    CHECK(script_cut(S("run"), S("#!/usr/bin/env bash\r\n")));
    CHECK(!script_cut(S("run"), S("#!/usr/bin/env python3\n")));
    CHECK(!script_cut(S("a.py"), S("#!/bin/bash\n")));
    CHECK(!script_cut(S("Dockerfiles"), (Str){0}));
    CHECK(!script_cut(S("env"), (Str){0}));
}

static void test_close(void) {
    arena_close(&arena);
}

UNIT_MAIN(test_commands, test_no_commands, test_wrappers, test_variables, test_broken, test_whole,
          test_docker, test_make, test_yaml, test_yaml_variables, test_dotenv, test_names,
          test_close)

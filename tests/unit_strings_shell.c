/* Strings of Python programs that are commands, and those that only look so. */
#include "document/strings_shell.h"
#include "tests/unit.h"

static Arena arena;

/* The commands' words, each command with `;` behind it. */
static Str told(const char *text) {
    ShellReader reader = {.arena = &arena, .parser = parser_open(), .source = str_from(text)};
    strings_cut(&reader);
    parser_close(reader.parser);
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; i < reader.commands.n; i++) {
        const ShellCommand *command = &reader.commands.v[i];
        for (ptrdiff_t k = 0; k < command->n; k++)
            buf_format(&out, "%.*s%s", STR_ARG(str_span(reader.source, command->words[k].span)),
                       k + 1 < command->n ? " " : "; ");
    }
    return str_trim(buf_str(&out));
}

#define TOLD(text, want) CHECK_STR(told(text), S(want))

static void test_texts(void) {
    TOLD("os.system('a b && c')\n", "a b; c;");
    TOLD("x = subprocess.run(f\"a {b} --c={d}\", shell=True)\n", "a {b} --c={d};");
    TOLD("os.system('''a\nb c\n''')\n", "a; b c;");
    TOLD("os.system(r'a b')\n", "a b;");
}

static void test_lists(void) {
    TOLD("subprocess.run(['a', 'b c', d, *e])\n", "a b c d *e;");
    TOLD("subprocess.check_call([\n    \"a\",  # x\n    \"b\",\n])\n", "a b;");
}

static void test_others(void) {
    TOLD("print('a b')\nrun('a')\nself.os.system('a')\nshell.system('a')\n", "");
    TOLD("os.system('a\\tb')\nos.system('a' 'b')\nos.system(a + 'b')\nos.system(b'a' % c)\n", "");
    TOLD("subprocess.run(['a', \"b\"])\nsubprocess.run([a, 'b'])\nsubprocess.run(('a',))\n", "");
    TOLD("subprocess.run([f'a', rb'c'])\nsubprocess.run([])\nos.system()\n", "");
    TOLD("# os.system('a')\n's = os.system(\"a\")'\nos.system('a \"b')\n", "");
}

static void test_close(void) {
    arena_close(&arena);
}

UNIT_MAIN(test_texts, test_lists, test_others, test_close)

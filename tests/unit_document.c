/* Reading and replacing files: symlinks, modes, folders that cannot be written, changed files. */
#define _XOPEN_SOURCE 700 /* mkdtemp(), truncate() */

#include "document/document.h"
#include "tests/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "document/package.h"

static Arena arena;
static Diagnostics diagnostics;
static Str folder;

static Str in_folder(const char *name) {
    return str_format(&arena, "%.*s/%s", STR_ARG(folder), name);
}

static const char *c(Str path) {
    return str_c(&arena, path);
}

static Str put(const char *name, Str bytes) {
    Str path = in_folder(name);
    FILE *file = fopen(c(path), "wb");
    CHECK(file && fwrite(bytes.p, 1, (size_t)bytes.n, file) == (size_t)bytes.n);
    if (file)
        fclose(file);
    return path;
}

static Str get(Str path) {
    diagnostics = (Diagnostics){.arena = &arena};
    Str bytes = {0};
    CHECK(document_load(&arena, path, &bytes, &diagnostics));
    return bytes;
}

static bool message_has(Str part) {
    return diagnostics.errors == 1 && str_find(diagnostics.list.v[0].text, part) >= 0;
}

static bool write_to(Str path, Str old, Str bytes) {
    diagnostics = (Diagnostics){.arena = &arena};
    return document_write(path, old, bytes, &diagnostics);
}

/* Entries of the folder that only a temporary file can have. */
static int leftovers(void) {
    int n = 0;
    DIR *entries = opendir(c(folder));
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        n += strncmp(entry->d_name, ".hffix", 6) == 0;
    if (entries)
        closedir(entries);
    return n;
}

static void test_open(void) {
    static char name[] = "/tmp/hffix-unit-XXXXXX";
    CHECK(mkdtemp(name));
    folder = str_from(name);
}

static void test_load(void) {
    CHECK_STR(get(put("a.py", S("x = 1\n"))), S("x = 1\n"));
    CHECK_STR(get(put("a.py", S(""))), S(""));
    for (int size = (32 << 10) - 1; size <= (32 << 10) + 1; size++) {
        char *big = new (&arena, char, size);
        memset(big, 'x', (size_t)size);
        Str wanted = {big, size};
        CHECK_STR(get(put("a.py", wanted)), wanted);
    }
    Str bytes;
    diagnostics = (Diagnostics){.arena = &arena};
    CHECK(!document_load(&arena, in_folder("none.py"), &bytes, &diagnostics));
    CHECK(message_has(S("cannot be read: ")) && diagnostics.list.v[0].line == 0);
    diagnostics = (Diagnostics){.arena = &arena};
    CHECK(!document_load(&arena, folder, &bytes, &diagnostics));
    CHECK(message_has(S("cannot be read: ")));
    Str huge = put("huge.py", S(""));
    CHECK(truncate(c(huge), (64 << 20) + 1) == 0);
    diagnostics = (Diagnostics){.arena = &arena};
    CHECK(!document_load(&arena, huge, &bytes, &diagnostics) && message_has(S("64 MiB")));
}

static void test_standard_input(void) {
    enum { SIZE = 100000 };
    char *big = new (&arena, char, SIZE);
    memset(big, 'y', SIZE);
    Str wanted = {big, SIZE}, path = put("in.py", wanted);
    int file = open(c(path), O_RDONLY), old = dup(STDIN_FILENO);
    dup2(file, STDIN_FILENO);
    CHECK_STR(get(S("-")), wanted);
    CHECK_STR(get(S("-")), S(""));
    dup2(old, STDIN_FILENO);
    close(old);
    close(file);
}

static void test_write(void) {
    Str path = put("a.py", S("old"));
    CHECK(chmod(c(path), 0751) == 0);
    CHECK(write_to(path, S("old"), S("new text")));
    CHECK_STR(get(path), S("new text"));
    struct stat status;
    CHECK(stat(c(path), &status) == 0 && (status.st_mode & 07777) == 0751);
    CHECK(!write_to(path, S("old"), S("newer")) && message_has(S("has changed")));
    CHECK(!write_to(path, S("new texT"), S("newer")) && message_has(S("has changed")));
    CHECK(!write_to(path, S("new text and more"), S("newer")));
    CHECK(!write_to(path, S("new tex"), S("newer")));
    CHECK_STR(get(path), S("new text"));
    CHECK(write_to(path, S("new text"), S("")));
    CHECK_STR(get(path), S(""));
    CHECK(!write_to(in_folder("none.py"), S(""), S("x")) && message_has(S("cannot be written: ")));
    CHECK(access(c(in_folder("none.py")), F_OK) != 0);
    CHECK(!write_to(folder, S(""), S("x")));
    CHECK_INT(leftovers(), 0);
}

static void test_links(void) {
    Str path = put("target.py", S("old")), link_path = in_folder("link.py");
    CHECK(symlink("target.py", c(link_path)) == 0);
    CHECK(write_to(link_path, S("old"), S("new")));
    struct stat status;
    CHECK(lstat(c(link_path), &status) == 0 && S_ISLNK(status.st_mode));
    CHECK_STR(get(path), S("new"));
    Str hard = in_folder("hard.py");
    CHECK(link(c(path), c(hard)) == 0);
    CHECK(write_to(path, S("new"), S("newer")));
    CHECK_STR(get(hard), S("new"));
    CHECK_STR(get(path), S("newer"));
    CHECK(symlink("gone.py", c(in_folder("dangling.py"))) == 0);
    CHECK(!write_to(in_folder("dangling.py"), S(""), S("x")));
    CHECK_INT(leftovers(), 0);
}

/* Root may write anywhere, so there is nothing to see. */
static void test_read_only(void) {
    if (geteuid() == 0)
        return;
    Str path = put("locked.py", S("old"));
    CHECK(chmod(c(folder), 0555) == 0);
    CHECK(!write_to(path, S("old"), S("new")) && message_has(S("no file can be made beside it")));
    CHECK_STR(get(path), S("old"));
    CHECK(chmod(c(folder), 0755) == 0);
    CHECK(chmod(c(path), 0444) == 0);
    CHECK(!write_to(path, S("old"), S("new")) && message_has(S("cannot be written")));
    CHECK_STR(get(path), S("old"));
    CHECK_INT(leftovers(), 0);
}

static void test_package(void) {
    const char *folders[] = {"src", "src/trl", "src/trl/my-part", "src/trl/gap", "src/trl/gap/in"};
    for (int i = 0; i < 5; i++)
        CHECK(mkdir(c(in_folder(folders[i])), 0755) == 0);
    put("src/trl/__init__.py", S(""));
    put("src/trl/my-part/__init__.py", S(""));
    put("src/trl/gap/in/__init__.py", S(""));
    CHECK_STR(package_of(&arena, in_folder("src/x.py")), S(""));
    CHECK_STR(package_of(&arena, in_folder("src/trl/x.py")), S("trl"));
    CHECK_STR(package_of(&arena, in_folder("src/trl/my-part/x.py")), S(""));
    CHECK_STR(package_of(&arena, in_folder("src/trl/gap/x.py")), S(""));
    CHECK_STR(package_of(&arena, in_folder("src/trl/gap/in/x.py")), S("in"));
    put("src/trl/gap/__init__.py", S(""));
    CHECK_STR(package_of(&arena, in_folder("src/trl/gap/in/x.py")), S("trl.gap.in"));
    CHECK_STR(package_of(&arena, S("-")), S(""));
    int back = open(".", O_RDONLY);
    CHECK(chdir(c(in_folder("src/trl/gap"))) == 0);
    CHECK_STR(package_of(&arena, S("x.py")), S("trl.gap"));
    CHECK_STR(package_of(&arena, S("./x.py")), S("trl.gap"));
    CHECK_STR(package_of(&arena, S("../x.py")), S("trl"));
    CHECK(fchdir(back) == 0);
    close(back);
}

static void test_document(void) {
    Str path = put("src/trl/m.py", S("# coding: latin-1\nx = '\xE9'\r\n"));
    Str bytes = get(path), rendered;
    Document *document = document_read(&arena, path, bytes, &diagnostics);
    CHECK(document && document->n == 1);
    CHECK_STR(document->pieces[0]->text, S("# coding: latin-1\nx = '\xC3\xA9'\r\n"));
    CHECK_STR(document->pieces[0]->package, S("trl"));
    Str text = S("# coding: latin-1\ny = '\xC3\xA9'\r\n");
    CHECK(document_render(document, &arena, &text, &rendered, &diagnostics));
    CHECK_STR(rendered, S("# coding: latin-1\ny = '\xE9'\r\n"));
    text = S("# coding: latin-1\ny = '\xE2\x82\xAC'\r\n");
    CHECK(!document_render(document, &arena, &text, &rendered, &diagnostics));
    CHECK(!document_read(&arena, path, S("\xFF"), &diagnostics) && diagnostics.errors == 2);
}

static void test_close(void) {
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", c(folder));
    CHECK(system(command) == 0);
    arena_close(&arena);
}

UNIT_MAIN(test_open, test_load, test_standard_input, test_write, test_links, test_read_only,
          test_package, test_document, test_close)

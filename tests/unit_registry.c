/* Which transforms a run has: built in, given as files, selected, ignored, applied. The built-in
 * ones are those of transforms/; the tests name two that stay. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit.h"
#include "transform/registry.h"

static Arena arena;
static Diagnostics diagnostics;

static Registry *open_with(Selection selection, const Str *patches, ptrdiff_t n) {
    diagnostics = (Diagnostics){.arena = &arena};
    return registry_open(&arena, &selection, patches, n, &diagnostics);
}

/* ---- files ---- */

static char folder[] = "/tmp/hffix-unit-XXXXXX";
static Str files[16];
static ptrdiff_t n_files;

static Str write_patch(const char *name, const char *text) {
    if (!n_files && !mkdtemp(folder))
        abort();
    Str path = str_format(&arena, "%s/%s", folder, name);
    FILE *file = fopen(str_c(&arena, path), "wb");
    if (!file)
        abort();
    fwrite(text, 1, strlen(text), file);
    fclose(file);
    files[n_files++] = path;
    return path;
}

static void remove_files(void) {
    for (ptrdiff_t i = 0; i < n_files; i++)
        unlink(str_c(&arena, files[i]));
    rmdir(folder);
}

/* ---- what is selected ---- */

static bool is_selected(const Registry *registry, const char *name) {
    ptrdiff_t n, index = registry_find(registry, str_from(name));
    return index >= 0 && registry_entries(registry, &n)[index].selected;
}

static ptrdiff_t count_selected(const Registry *registry) {
    ptrdiff_t n, count = 0;
    const Entry *entries = registry_entries(registry, &n);
    for (ptrdiff_t i = 0; i < n; i++)
        count += entries[i].selected;
    return count;
}

static void all(void) {
    Registry *registry = open_with((Selection){0}, NULL, 0);
    CHECK(registry != NULL);
    if (!registry)
        return;
    ptrdiff_t n;
    const Entry *entries = registry_entries(registry, &n);
    CHECK_INT(n, builtin_count);
    CHECK_INT(count_selected(registry), n);
    for (ptrdiff_t i = 0; i < n; i++) {
        CHECK(i == 0 || str_compare(entries[i - 1].name, entries[i].name) < 0);
        CHECK_INT(registry_find(registry, entries[i].name), i);
        CHECK(!entries[i].applied_advice);
        const Transform *transform = registry_transform(registry, i);
        CHECK_STR(transform->name, entries[i].name);
        CHECK_STR(transform->title, entries[i].title);
        CHECK_INT(transform->tier, entries[i].tier);
        CHECK(transform == registry_transform(registry, i));
    }
    ptrdiff_t index = registry_find(registry, S("load/bnb-config"));
    CHECK(index >= 0);
    CHECK_STR(entries[index].path, S("transforms/load/bnb-config.patch"));
    CHECK_STR(entries[index].removed, S("transformers 5.0"));
    CHECK_STR(str_from(entries[index].words[0]), S("from_pretrained"));
    CHECK_INT(registry_find(registry, S("load/bnb")), -1);
    CHECK_INT(registry_find(registry, S("load")), -1);
    registry_close(registry);
}

static void selections(void) {
    Str area = S("load"), name = S("load/bnb-config"), other = S("migrate/transformers/");
    Registry *registry = open_with((Selection){.select = &area, .n_select = 1}, NULL, 0);
    CHECK(registry && is_selected(registry, "load/bnb-config"));
    CHECK(registry && !is_selected(registry, "migrate/transformers/eval-strategy"));
    registry_close(registry);
    registry = open_with((Selection){.select = &other, .n_select = 1}, NULL, 0);
    CHECK(registry && is_selected(registry, "migrate/transformers/eval-strategy"));
    CHECK(registry && !is_selected(registry, "load/bnb-config"));
    registry_close(registry);
    registry = open_with((Selection){.ignore = &name, .n_ignore = 1}, NULL, 0);
    CHECK(registry && !is_selected(registry, "load/bnb-config"));
    CHECK(registry && count_selected(registry) == builtin_count - 1);
    registry_close(registry);
    /* What is applied runs although it was not selected. */
    registry = open_with((Selection){.select = &other, .n_select = 1, .apply = &name, .n_apply = 1},
                         NULL, 0);
    CHECK(registry && is_selected(registry, "load/bnb-config"));
    ptrdiff_t n;
    CHECK(registry && registry_entries(registry, &n)[registry_find(registry, name)].applied_advice);
    registry_close(registry);
}

static void check_unknown(const char *word, const char *want) {
    Str select = str_from(word);
    CHECK(!open_with((Selection){.select = &select, .n_select = 1}, NULL, 0));
    CHECK_INT(diagnostics.errors, 1);
    if (diagnostics.list.n)
        CHECK_STR(diagnostics.list.v[0].text, str_from(want));
}

static void unknown_names(void) {
    check_unknown("load/bnb-confg", "there is no transform or area 'load/bnb-confg' (did you mean "
                                    "'load/bnb-config'?)");
    check_unknown("migrate/transfomers", "there is no transform or area 'migrate/transfomers' (did "
                                         "you mean 'migrate/transformers'?)");
    check_unknown("qqqqqqqq",
                  "there is no transform or area 'qqqqqqqq': --list shows what there is");
    /* A prefix that does not end at a slash is no area. */
    Str part = S("migrate/transformers/eval");
    CHECK(!open_with((Selection){.ignore = &part, .n_ignore = 1}, NULL, 0));
    CHECK(!open_with((Selection){.apply = &part, .n_apply = 1}, NULL, 0));
}

/* ---- patches ---- */

static void patches(void) {
    Str draft = write_patch("draft.patch", "# Draft.\ntier: review\n@@\nexpr v\n@@\n"
                                           "- old_function($v)\n+ new_function($v)\n");
    Registry *registry = open_with((Selection){0}, &draft, 1);
    CHECK(registry != NULL);
    if (registry) {
        ptrdiff_t n, index = registry_find(registry, S("draft"));
        const Entry *entries = registry_entries(registry, &n);
        CHECK_INT(n, builtin_count + 1);
        CHECK_INT(count_selected(registry), 1);
        CHECK(index >= 0 && entries[index].selected);
        CHECK_STR(entries[index].title, S("Draft."));
        CHECK_STR(entries[index].path, draft);
        CHECK_INT(entries[index].tier, TIER_REVIEW);
        CHECK_STR(str_from(entries[index].words[0]), S("old_function"));
        CHECK(!entries[index].words[1] && !entries[index].words[2]);
        CHECK_STR(registry_transform(registry, index)->title, S("Draft."));
        registry_close(registry);
    }
    Str load = S("load");
    registry = open_with((Selection){.select = &load, .n_select = 1}, &draft, 1);
    CHECK(registry && is_selected(registry, "draft") && is_selected(registry, "load/bnb-config"));
    registry_close(registry);
    /* A file in a folder transforms/ has the name that it would be built in under. */
    if (chdir(folder) == 0) {
        Str path = S("./transforms/load/bnb-config.patch");
        CHECK(!open_with((Selection){0}, &path, 1));
        CHECK_STR(diagnostics.list.v[0].text,
                  S("the patch can't be read: No such file or directory"));
    }
}

static Str errors_of(Str path) {
    CHECK(!open_with((Selection){0}, &path, 1));
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; i < diagnostics.list.n; i++) {
        diagnostics.list.v[i].path = S("x");
        diag_print(&out, &diagnostics.list.v[i]);
    }
    return buf_str(&out);
}

static void bad_patches(void) {
    Str bad = write_patch("bad.patch", "# Bad.\ntier: safe\n@@\n@@\n- f($v)\n");
    CHECK_STR(errors_of(bad), S("x:5:5: error: hole '$v' is not declared\n"
                                "    - f($v)\n"
                                "        ^^\n"));
    Str cycle =
        write_patch("cycle.patch", "# Cycle.\ntier: safe\n@@\nwhen fires(cycle)\n@@\n- f()\n");
    CHECK_STR(errors_of(cycle), S("x:4:6: error: cycle of 'fires': cycle -> cycle\n"
                                  "    when fires(cycle)\n"
                                  "         ^^^^^^^^^^^^\n"));
    Str absent =
        write_patch("absent.patch", "# Absent.\ntier: safe\n@@\nwhen fires(no/ne)\n@@\n- f()\n");
    CHECK_STR(errors_of(absent), S("x:4:6: error: there is no transform 'no/ne'\n"
                                   "    when fires(no/ne)\n"
                                   "         ^^^^^^^^^^^^\n"));
    Str good = write_patch("good.patch",
                           "# Good.\ntier: safe\n@@\nwhen fires(load/bnb-config)\n@@\n- f()\n");
    Registry *registry = open_with((Selection){0}, &good, 1);
    CHECK(registry != NULL);
    if (registry)
        registry_close(registry);
}

/* A transform under trial runs when asked for: with all such, by its whole name, or as a patch. */
static void previews(void) {
    Str path = write_patch("trial.patch", "# T.\ntier: safe\npreview: 0.3\n@@\n@@\n- old_f()\n"),
        trial = S("trial"), load = S("load");
    const struct {
        Selection selection;
        bool runs, held;
    } cases[] = {
        {{0}, false, true},
        {{.preview = true}, true, false},
        {{.select = &trial, .n_select = 1}, true, false},
        {{.apply = &trial, .n_apply = 1}, true, false},
        {{.ignore = &trial, .n_ignore = 1}, false, false},
        {{.select = &load, .n_select = 1}, false, false},
    };
    for (ptrdiff_t i = 0; i < COUNT(cases); i++) {
        Selection selection = cases[i].selection;
        selection.transforms = &path, selection.n_transforms = 1;
        Registry *registry = open_with(selection, NULL, 0);
        ptrdiff_t n, index = registry ? registry_find(registry, trial) : -1;
        CHECK(index >= 0);
        if (index >= 0) {
            const Entry *entry = &registry_entries(registry, &n)[index];
            CHECK_STR(entry->preview, S("0.3"));
            CHECK_INT(entry->selected, cases[i].runs);
            CHECK_INT(entry->held_back, cases[i].held);
        }
        registry_close(registry);
    }
    Registry *registry = open_with((Selection){0}, &path, 1);
    CHECK(registry && is_selected(registry, "trial"));
    registry_close(registry);
}

/* Two patches that ask about each other; and one that takes the place of another of its name. */
static void several_patches(void) {
    Str paths[] = {
        write_patch("one.patch", "# One.\ntier: safe\n@@\nwhen fires(two)\n@@\n- f()\n"),
        write_patch("two.patch", "# Two.\ntier: safe\n@@\nwhen fires(one)\n@@\n- f()\n")};
    CHECK(!open_with((Selection){0}, paths, 2));
    CHECK_INT(diagnostics.errors, 1);
    CHECK_STR(diagnostics.list.v[0].text, S("cycle of 'fires': one -> two -> one"));
}

/* ---- threads ---- */

static const Transform *seen[4][64];

static void *ask_all(void *context) {
    Registry *registry = ((void **)context)[0];
    const Transform **mine = ((void **)context)[1];
    for (ptrdiff_t i = 0; i < builtin_count && i < 64; i++)
        mine[i] = registry_transform(registry, i);
    return NULL;
}

static void threads(void) {
    Registry *registry = open_with((Selection){0}, NULL, 0);
    pthread_t thread[4];
    void *contexts[4][2];
    for (int i = 0; i < 4; i++) {
        contexts[i][0] = registry;
        contexts[i][1] = seen[i];
        CHECK(pthread_create(&thread[i], NULL, ask_all, contexts[i]) == 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    for (ptrdiff_t i = 0; i < builtin_count && i < 64; i++)
        CHECK(seen[0][i] && seen[0][i] == seen[1][i] && seen[0][i] == seen[2][i] &&
              seen[0][i] == seen[3][i]);
    registry_close(registry);
}

UNIT_MAIN(all, selections, unknown_names, patches, bad_patches, previews, several_patches, threads,
          remove_files)

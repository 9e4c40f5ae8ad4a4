/* Words, not trees: a key that a config file has in common with a class is read by way of that
 * class, or by its name, and the second shows in the text: in quotes, behind the dot of something
 * that is not called "…args", as an annotated field, as the option of a parser. A comment is no
 * use. A file that can't be read, or is larger than any that people write, counts as none; of a
 * tree that is too large to be seen whole the rest may read anything. */
#include "project/key_use.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/list.h"
#include "project/folders.h"
#include "project/small_file.h"
#include "project/tree.h"

enum { MOST_FILES = 5000, MOST_BYTES = 256 * 1024 };

typedef struct Question {
    Str key;
    const Str *classes;
    ptrdiff_t n;
} Question;

/* What the modules read so far have told. */
typedef struct Reading {
    KeyUse use;
    bool parser, subclass;
} Reading;

typedef struct Answer {
    Str key, class; /* the first one */
    KeyUse use;
} Answer;

typedef struct Root {
    Str folder;
    List(Str) modules; /* paths below it */
    bool partial;      /* there are more */
    List(Answer) answers;
} Root;

struct KeyUses {
    pthread_mutex_t lock;
    Arena arena;
    Str working;
    List(Root) roots;
};

/* ---- text ---- */

static char byte_at(Str text, ptrdiff_t i) {
    return i >= 0 && i < text.n ? text.p[i] : '\n';
}

static Str line_before(Str text, ptrdiff_t at) {
    ptrdiff_t start = str_rfind_byte(str_slice(text, 0, at), '\n') + 1;
    return str_slice(text, start, at);
}

/* `args`, `training_args`, `self.args`: what a parser has made of the key. */
static bool is_behind_arguments(Str text, ptrdiff_t at, bool trains) {
    Str receiver = str_slice(text, 0, at - 1);
    return str_ends(receiver, S("training_args")) || (trains && str_ends(receiver, S("args")));
}

static ptrdiff_t skip_blanks(Str text, ptrdiff_t at) {
    while (byte_at(text, at) == ' ')
        at++;
    return at;
}

/* What the word at `at` does there. */
static void add_use(KeyUse *use, Str text, ptrdiff_t at, Str word, bool trains) {
    Str before = line_before(text, at);
    if (str_find_byte(before, '#') >= 0)
        return;
    char first = byte_at(text, at - 1), after = byte_at(text, at + word.n);
    ptrdiff_t next = skip_blanks(text, at + word.n);
    if ((first == '"' || first == '\'') && after == first) {
        use->named = use->taken = true;
    } else if (first == '-') { /* the option of a parser, or given to one */
        Str left = str_trim(str_slice(before, 0, before.n - 2));
        bool quoted = left.n && (left.p[left.n - 1] == '"' || left.p[left.n - 1] == '\'');
        use->taken |= quoted && (left.n == 1 || str_find(left, S("add_argument(")) >= 0);
    } else if (first == '.') {
        use->named = true;
        use->taken |= !is_behind_arguments(text, at, trains);
    } else if (byte_at(text, next) == ':' && !str_trim(before).n) {
        use->named = use->taken = true;
    } else if (byte_at(text, next) != '=' || byte_at(text, next + 1) == '=') {
        use->named = true;
    }
}

/* `Class(**` */
static bool is_spread(Str text, Str class) {
    ptrdiff_t n = class.n;
    for (ptrdiff_t at = 0; (at = str_find_word(text, class, at)) >= 0; at += n)
        if (byte_at(text, at + n) == '(') {
            Str rest = str_trim(str_slice(text, at + n + 1, text.n));
            if (str_starts(rest, S("**")))
                return true;
        }
    return false;
}

static bool has_subclass(Str text, Str class) {
    for (ptrdiff_t at = 0; (at = str_find_word(text, class, at)) >= 0; at += class.n)
        if (str_starts(line_before(text, at), S("class ")))
            return true;
    return false;
}

/* Whether the module names the library's class: one that another module defines may be anything. */
static bool names_class(Str text, Str class) {
    bool names = false;
    for (ptrdiff_t at = 0; (at = str_find_word(text, class, at)) >= 0; at += class.n) {
        Str line = line_before(text, at);
        if (str_starts(line, S("from ")) && !str_starts(line, S("from transformers")) &&
            !str_starts(line, S("from trl")))
            return false;
        names = true;
    }
    return names;
}

static bool has_one_of(Str text, const Str *words, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++)
        if (str_find_word(text, words[i], 0) >= 0)
            return true;
    return false;
}

static void read_module(Reading *reading, Str text, const Question *question) {
    static const Str parsers[] = {S("HfArgumentParser"), S("TrlParser"), S("H4ArgumentParser")};
    static const Str loaders[] = {S("yaml"),      S("omegaconf"), S("hydra"), S("tomllib"),
                                  S("toml"),      S("json"),      S("tomli"), S("configparser"),
                                  S("OmegaConf"), S("argparse")};
    KeyUse *use = &reading->use;
    bool trains = str_find(text, S("Trainer")) >= 0 || str_find(text, S("TrainingArguments")) >= 0;
    bool parses = has_one_of(text, parsers, COUNT(parsers));
    for (ptrdiff_t i = 0; i < question->n; i++) {
        Str class = question->classes[i];
        use->parsed |= parses && names_class(text, class);
        use->spread |= is_spread(text, class);
        reading->subclass |= has_subclass(text, class);
    }
    reading->parser |= parses;
    use->loads |= parses || has_one_of(text, loaders, COUNT(loaders));
    Str key = question->key;
    for (ptrdiff_t at = 0; (at = str_find_word(text, key, at)) >= 0; at += key.n)
        add_use(use, text, at, key, trains);
}

/* What is known once all modules are read. */
static KeyUse finish(Reading *reading) {
    reading->use.parsed |= reading->parser && reading->subclass;
    return reading->use;
}

/* ---- roots ---- */

typedef struct Visit {
    Arena *arena;
    Root *root;
} Visit;

static void add_module(void *context, Str folder, Str name) {
    Visit *visit = context;
    if (str_ends(name, S(".py")) && visit->root->modules.n < MOST_FILES)
        *list_push(visit->arena, &visit->root->modules) =
            str_format(visit->arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(name));
}

static int open_root(Arena *scratch, Str folder) {
    return open(str_c(scratch, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static Root *find_root(KeyUses *uses, Str folder, bool guessed) {
    for (ptrdiff_t i = 0; i < uses->roots.n; i++)
        if (str_eq(uses->roots.v[i].folder, folder))
            return &uses->roots.v[i];
    Root *root = list_push(&uses->arena, &uses->roots);
    *root = (Root){.folder = str_copy(&uses->arena, folder)};
    Arena scratch = {0};
    int descriptor = open_root(&scratch, folder);
    if (descriptor >= 0) {
        root->partial =
            !tree_visit(&scratch, descriptor, guessed, add_module, &(Visit){&uses->arena, root});
        close(descriptor);
    }
    arena_close(&scratch);
    return root;
}

static KeyUse read_root(const Root *root, const Question *question) {
    Reading reading = {.use.taken = root->partial || root->modules.n == MOST_FILES};
    Arena scratch = {0};
    int descriptor = open_root(&scratch, root->folder);
    for (ptrdiff_t i = 0; descriptor >= 0 && i < root->modules.n; i++) {
        ArenaMark mark = arena_mark(&scratch);
        Str text;
        if (small_file_read(&scratch, descriptor, str_c(&scratch, root->modules.v[i]), MOST_BYTES,
                            &text))
            read_module(&reading, text, question);
        arena_reset(&scratch, mark);
    }
    if (descriptor >= 0)
        close(descriptor);
    arena_close(&scratch);
    return finish(&reading);
}

static KeyUse answer(KeyUses *uses, Root *root, const Question *question) {
    for (ptrdiff_t i = 0; i < root->answers.n; i++)
        if (str_eq(root->answers.v[i].key, question->key) &&
            str_eq(root->answers.v[i].class, question->classes[0]))
            return root->answers.v[i].use;
    KeyUse use = read_root(root, question);
    *list_push(&uses->arena, &root->answers) = (Answer){
        str_copy(&uses->arena, question->key), str_copy(&uses->arena, question->classes[0]), use};
    return use;
}

/* ---- public ---- */

KeyUses *key_uses_open(Arena *arena) {
    KeyUses *uses = new (arena, KeyUses, 1);
    pthread_mutex_init(&uses->lock, NULL);
    uses->working = folder_working(&uses->arena);
    return uses;
}

void key_uses_close(KeyUses *uses) {
    pthread_mutex_destroy(&uses->lock);
    arena_close(&uses->arena);
}

KeyUse key_use_of(const Project *project, Str path, Str key, const Str *classes, ptrdiff_t n) {
    KeyUses *uses = project->key_uses;
    if (!uses)
        return (KeyUse){0};
    pthread_mutex_lock(&uses->lock);
    Str folder = folder_of_file(&uses->arena, uses->working, path);
    bool guessed;
    Str top = tree_root(&uses->arena, uses->working, project, folder, &guessed);
    Root *root = find_root(uses, top, guessed);
    KeyUse use = answer(uses, root, &(Question){key, classes, n});
    pthread_mutex_unlock(&uses->lock);
    return use;
}

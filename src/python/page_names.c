/* Imports are found line by line, without a tree: a block of a page is looked at before anybody
 * knows whether it is worth parsing. Only statements of the two plain forms count, at any
 * indentation, with a list in parentheses over several lines or not; relative ones and stars bring
 * no name. A name that two blocks import from different places stands for nothing.
 *
 * Snippets often leave out even the imports. A library's own name, written out as a module that
 * nothing binds, is the library. A name that one library alone exports is taken for that where the
 * page names the library, and any other where it says `library.Name` in full. */
#include "python/page_names.h"

static const char *const libraries[] = {
    "transformers", "datasets", "peft",       "trl",       "huggingface_hub",       "evaluate",
    "accelerate",   "optimum",  "tokenizers", "diffusers", "sentence_transformers",
};

static void bind(PageNames *page, Str name, Str qualified) {
    for (ptrdiff_t i = 0; i < page->names.n; i++)
        if (str_eq(page->names.v[i].name, name)) {
            if (!str_eq(page->names.v[i].qualified, qualified))
                page->names.v[i].qualified = (Str){0};
            return;
        }
    *list_push(page->arena, &page->names) = (PageName){name, qualified};
}

static bool is_dotted(Str text) {
    for (ptrdiff_t i = 0; i < text.n; i++) {
        char c = text.p[i], low = (char)(c | 0x20);
        if ((low < 'a' || low > 'z') && (c < '0' || c > '9') && c != '_' && c != '.')
            return false;
    }
    return text.n > 0 && text.p[0] != '.';
}

/* "a.b as c" into what is imported and its name. */
static bool item_read(Str item, Str *what, Str *name) {
    Str rest;
    item = str_trim(item);
    bool renamed = str_cut(item, ' ', what, &rest);
    rest = str_trim(rest);
    if (renamed && !str_starts(rest, S("as ")))
        return false;
    *name = renamed ? str_trim(str_slice(rest, 3, rest.n)) : *what;
    return is_dotted(*what) && is_dotted(*name);
}

static void read_from(PageNames *page, Str module, Str list) {
    for (Str item; list.n;) {
        Str what, name;
        str_cut(list, ',', &item, &list);
        if (item_read(item, &what, &name))
            bind(page, name, str_format(page->arena, "%.*s.%.*s", STR_ARG(module), STR_ARG(what)));
    }
}

static void read_import(PageNames *page, Str list) {
    for (Str item; list.n;) {
        Str what, name, root, rest;
        str_cut(list, ',', &item, &list);
        if (!item_read(item, &what, &name))
            continue;
        str_cut(what, '.', &root, &rest);
        if (str_eq(what, name))
            bind(page, root, root);
        else
            bind(page, name, what);
    }
}

static Str without_comment(Str line) {
    ptrdiff_t hash = str_find_byte(line, '#');
    return str_trim(hash < 0 ? line : str_slice(line, 0, hash));
}

/* The names of `from m import (…)`, which may go on over the next lines. */
static Str list_of(Arena *arena, Str first, Str *rest) {
    Buf list = {.arena = arena};
    for (Str line = first;; line = without_comment(line)) {
        ptrdiff_t close = str_find_byte(line, ')');
        buf_add(&list, close < 0 ? line : str_slice(line, 0, close));
        buf_add_byte(&list, ' ');
        if (close >= 0 || !rest->n)
            return buf_str(&list);
        str_cut(*rest, '\n', &line, rest);
    }
}

void page_names_open(PageNames *page, Arena *arena, Str text) {
    *page = (PageNames){.arena = arena, .text = text, .imports = {.arena = arena}};
    for (ptrdiff_t i = 0; i < COUNT(libraries); i++)
        if (str_find(text, str_from(libraries[i])) >= 0)
            buf_format(&page->imports, "# %s\n", libraries[i]);
}

void page_names_read(PageNames *page, Str text) {
    for (Str line; text.n;) {
        Str module, list;
        str_cut(text, '\n', &line, &text);
        line = without_comment(line);
        if (str_starts(line, S("import "))) {
            buf_format(&page->imports, "%.*s\n", STR_ARG(line));
            read_import(page, str_slice(line, 7, line.n));
            continue;
        }
        ptrdiff_t at = str_starts(line, S("from ")) ? str_find(line, S(" import ")) : -1;
        if (at < 0)
            continue;
        module = str_trim(str_slice(line, 5, at));
        list = str_trim(str_slice(line, at + 8, line.n));
        if (str_starts(list, S("(")))
            list = list_of(page->arena, str_slice(list, 1, list.n), &text);
        buf_format(&page->imports, "from %.*s import %.*s\n", STR_ARG(module), STR_ARG(list));
        if (is_dotted(module))
            read_from(page, module, list);
    }
}

static bool fits(Str name, Str pattern) {
    if (!str_ends(pattern, S("*")))
        return str_eq(name, pattern);
    return str_starts(name, str_slice(pattern, 0, pattern.n - 1));
}

/* A name that no block imports, by the table or by what the page says. */
static Str told_name(const PageNames *page, Str name) {
    static const struct {
        const char *name, *library;
    } rows[] = {
#define PAGE_NAME(name, library) {name, library},
#include "python/page_names.def"
#undef PAGE_NAME
    };
    for (ptrdiff_t i = 0; i < COUNT(rows); i++)
        if (fits(name, str_from(rows[i].name)) &&
            str_find(page->text, str_from(rows[i].library)) >= 0)
            return str_format(page->arena, "%s.%.*s", rows[i].library, STR_ARG(name));
    bool class_name = name.n && name.p[0] >= 'A' && name.p[0] <= 'Z';
    for (ptrdiff_t i = 0; class_name && i < COUNT(libraries); i++) {
        Str full = str_format(page->arena, "%s.%.*s", libraries[i], STR_ARG(name));
        if (str_find(page->text, full) >= 0)
            return full;
    }
    return (Str){0};
}

Str page_name(const PageNames *page, Str name) {
    for (ptrdiff_t i = 0; i < page->names.n; i++)
        if (str_eq(page->names.v[i].name, name))
            return page->names.v[i].qualified;
    for (ptrdiff_t i = 0; i < COUNT(libraries); i++)
        if (str_eq(name, str_from(libraries[i])))
            return name;
    return told_name(page, name);
}

bool page_imports(const PageNames *page, Str name, Str qualified) {
    for (ptrdiff_t i = 0; i < page->names.n; i++)
        if (str_eq(page->names.v[i].name, name))
            return str_eq(page->names.v[i].qualified, qualified);
    return false;
}

/* An addition is what a person would type: a line (or a string) beside the library that the project
 * lists for the same work, where a sorted list has its place for it, indented, quoted, spaced and
 * ended as its neighbours are. All of it is insertions, so that every byte that stands there stays.
 *
 * Blank lines and comments divide a list into sections; only the section with the neighbour is
 * looked at, since its author may sort each by itself. A floor is written as `>=` whatever the
 * neighbours have: an exact pin or a caret would need to know the newest version. */
#include "project/dependencies.h"

#include "project/declared.h"
#include "project/list_files.h"

typedef struct Insertion {
    uint32_t at;
    Str text;
} Insertion;

typedef struct Extending {
    Arena *arena;
    const RequirementFile *file;
    const RequirementList *list;
    Str text, newline;
    ptrdiff_t neighbour; /* item beside which things are added */
    List(Insertion) insertions;
} Extending;

/* ---- places ---- */

static bool is_blank_text(Str text) {
    return str_trim(text).n == 0;
}

static bool stands_first(Str text, Span item) {
    return is_blank_text(str_slice(text, (uint32_t)str_line_start(text, item.at), item.at));
}

/* Whether nothing but a line's end lies between two items, or not even that. */
static bool adjoin(const Extending *e, ptrdiff_t item, ptrdiff_t next) {
    const RequirementItem *v = e->list->items.v;
    Str between = str_slice(e->text, v[item].span.end, v[next].span.at);
    ptrdiff_t newlines = 0;
    for (ptrdiff_t i = 0; i < between.n; i++)
        newlines += between.p[i] == '\n';
    return newlines <= 1;
}

/* Sorted by the names as they are normalized, or by their bytes. */
typedef enum Order { ORDER_NONE, ORDER_NAMES, ORDER_BYTES } Order;

static int compare_items(const RequirementItem *a, Str name, Str library, Order order) {
    return order == ORDER_BYTES ? str_compare(a->name, name) : str_compare(a->library, library);
}

static bool in_order(const Extending *e, ptrdiff_t first, ptrdiff_t past, Order order) {
    const RequirementItem *before = NULL;
    ptrdiff_t named = 0;
    for (ptrdiff_t i = first; i < past; i++) {
        const RequirementItem *item = &e->list->items.v[i];
        if (!item->name.n)
            continue;
        if (before && compare_items(before, item->name, item->library, order) > 0)
            return false;
        before = item;
        named++;
    }
    return named > 1;
}

static Order order_of(const Extending *e, ptrdiff_t first, ptrdiff_t past) {
    return in_order(e, first, past, ORDER_NAMES)   ? ORDER_NAMES
           : in_order(e, first, past, ORDER_BYTES) ? ORDER_BYTES
                                                   : ORDER_NONE;
}

/* Where a new library goes in the neighbour's section: after the answer, or before it when
 * `*before`. */
static ptrdiff_t place_of(const Extending *e, Str library, bool *before) {
    ptrdiff_t first = e->neighbour, past = e->neighbour + 1;
    while (first > 0 && adjoin(e, first - 1, first))
        first--;
    while (past < e->list->items.n && adjoin(e, past - 1, past))
        past++;
    Order order = order_of(e, first, past);
    ptrdiff_t after = -1, next = -1;
    for (ptrdiff_t i = first; i < past; i++) {
        const RequirementItem *item = &e->list->items.v[i];
        if (!item->name.n)
            continue;
        if (order == ORDER_NONE || compare_items(item, library, library, order) < 0)
            after = i;
        else if (next < 0)
            next = i;
    }
    *before = after < 0;
    return after < 0 ? next : after;
}

/* ---- words ---- */

static bool has_version(const RequirementList *list, const RequirementItem *item) {
    if (list->form != FORM_TABLE)
        return str_trim(item->range).n > 0;
    Str value = item->range;
    return str_find(value, S("\"*\"")) < 0 && str_find(value, S("'*'")) < 0 &&
           (value.n && value.p[0] != '{' ? value.p[0] != '[' : str_find(value, S("version")) >= 0);
}

/* The item whose manner of writing a version is followed: one with `>=` before others; NULL: the
 * list has no versions. */
static const RequirementItem *versioned_item(const RequirementList *list) {
    const RequirementItem *found = NULL;
    for (ptrdiff_t i = 0; i < list->items.n; i++) {
        const RequirementItem *item = &list->items.v[i];
        if (!item->name.n || !has_version(list, item))
            continue;
        bool floor = str_find(item->range, S(">=")) >= 0;
        if (!found || (floor && str_find(found->range, S(">=")) < 0))
            found = item;
    }
    return found;
}

static ptrdiff_t skip_blanks(Str text, ptrdiff_t at) {
    while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t'))
        at++;
    return at;
}

/* `>=0.26`, ` >= 0.26` or ` (>=0.26)`, as the other item has it. */
static void add_floor(Buf *out, Str like, Str floor) {
    ptrdiff_t at = skip_blanks(like, 0);
    buf_add(out, str_slice(like, 0, at));
    bool enclosed = at < like.n && like.p[at] == '(';
    at += enclosed;
    while (at < like.n && str_find_byte(S("<>=!~"), like.p[at]) >= 0)
        at++;
    buf_add(out, enclosed ? S("(>=") : S(">="));
    buf_add(out, str_slice(like, at, skip_blanks(like, at)));
    buf_add(out, floor);
    if (enclosed)
        buf_add_byte(out, ')');
}

/* The column that every '=' of a table stands in although its names differ in length; 0: there is
 * none. */
static ptrdiff_t column_of(const Extending *e) {
    ptrdiff_t column = 0, shortest = PTRDIFF_MAX, longest = 0;
    for (ptrdiff_t i = 0; i < e->list->items.n; i++) {
        Str pair = str_span(e->text, e->list->items.v[i].span), name, rest;
        str_cut(pair, '=', &name, &rest);
        if (column && name.n != column)
            return 0;
        column = name.n;
        ptrdiff_t n = str_trim(name).n;
        shortest = n < shortest ? n : shortest;
        longest = n > longest ? n : longest;
    }
    return shortest < longest ? column : 0;
}

/* A name and its '=' with blanks as the neighbour has them. */
static void add_table_key(Buf *out, const Extending *e, Str library) {
    const RequirementItem *like = &e->list->items.v[e->neighbour];
    Str pair = str_span(e->text, like->span);
    ptrdiff_t equals = str_find_byte(pair, '=');
    ptrdiff_t blanks = equals - like->name.n;
    buf_add(out, library);
    if (column_of(e) > library.n)
        blanks = column_of(e) - library.n;
    while (blanks-- > 0)
        buf_add_byte(out, ' ');
    buf_add(out, str_slice(pair, equals, skip_blanks(pair, equals + 1)));
}

/* The quote that items of the list have; 0: none. */
static char quote_of(const Extending *e) {
    const RequirementItem *item = &e->list->items.v[e->neighbour];
    Str like = e->list->form == FORM_TABLE ? item->range : str_span(e->text, item->span);
    ptrdiff_t at = str_find_byte(like, '"'), single = str_find_byte(like, '\'');
    if (e->list->form == FORM_TABLE)
        return at < 0 && single >= 0 ? '\'' : '"';
    char first = like.n ? like.p[0] : 0;
    return first == '"' || first == '\'' ? first : 0;
}

static Str new_item(const Extending *e, const NewDependency *new) {
    Buf out = {.arena = e->arena};
    const RequirementItem *like = versioned_item(e->list);
    char quote = quote_of(e);
    bool table = e->list->form == FORM_TABLE;
    if (table)
        add_table_key(&out, e, new->library);
    if (quote)
        buf_add_byte(&out, quote);
    if (!table)
        buf_add(&out, new->library);
    if (like && new->floor.n)
        add_floor(&out, table ? (Str){0} : like->range, new->floor);
    else if (table)
        buf_add_byte(&out, '*');
    if (quote)
        buf_add_byte(&out, quote);
    return buf_str(&out);
}

/* ---- insertions ---- */

static void insert(Extending *e, uint32_t at, Str text) {
    *list_push(e->arena, &e->insertions) = (Insertion){at, text};
}

/* What stands before an item on its line, if that can be written before another one. */
static Str prefix_of(const Extending *e, ptrdiff_t item) {
    const RequirementItem *v = e->list->items.v;
    Str before =
        str_slice(e->text, (uint32_t)str_line_start(e->text, v[item].span.at), v[item].span.at);
    if (str_starts(before, S("\xef\xbb\xbf")))
        before = str_slice(before, 3, before.n);
    Str rest = str_trim(before);
    if (!rest.n || str_eq(rest, S("-")))
        return before;
    /* `install_requires = torch`: the first item stands behind its key. */
    return item + 1 < e->list->items.n ? prefix_of(e, item + 1) : S("    ");
}

static bool stands_on_own_line(const Extending *e, ptrdiff_t item) {
    Span span = e->list->items.v[item].span;
    Str before = str_trim(str_slice(e->text, (uint32_t)str_line_start(e->text, span.at), span.at));
    return !before.n || str_eq(before, S("-"));
}

static void insert_lines(Extending *e, ptrdiff_t item, bool before, const Str *texts, ptrdiff_t n) {
    Span span = e->list->items.v[item].span;
    Str prefix = prefix_of(e, item);
    Buf out = {.arena = e->arena};
    before = before && stands_on_own_line(e, item);
    for (ptrdiff_t i = 0; i < n; i++)
        buf_format(&out, "%.*s%.*s%.*s%.*s", before ? 0 : (int)e->newline.n, e->newline.p,
                   STR_ARG(prefix), STR_ARG(texts[i]), before ? (int)e->newline.n : 0,
                   e->newline.p);
    insert(e,
           before ? (uint32_t)str_line_start(e->text, span.at)
                  : (uint32_t)str_line_end(e->text, span.end),
           buf_str(&out));
}

/* The end of the comma behind an item; 0: there is none. */
static uint32_t comma_behind(const Extending *e, Span item) {
    const Tree *tree = e->file->tree;
    for (Node node = node_child(tree, e->list->array); node; node = node_next(tree, node))
        if (node_span(tree, node).at >= item.end && node_is_token(tree, node, S(",")))
            return node_span(tree, node).end;
    return 0;
}

/* On lines of their own: behind the item's comma and comment. The last item may have no comma; then
 * it gets one, and the last of the new ones has none. */
static void insert_below(Extending *e, ptrdiff_t item, const Str *texts, ptrdiff_t n) {
    Span span = e->list->items.v[item].span;
    uint32_t comma = comma_behind(e, span), from = comma ? comma : span.end;
    uint32_t at = (uint32_t)str_line_end(e->text, from);
    /* `"torch"]`: the bracket stays where it is. */
    if (at >= node_span(e->file->tree, e->list->array).end)
        at = from;
    Str indent = str_slice(e->text, (uint32_t)str_line_start(e->text, span.at), span.at);
    Buf out = {.arena = e->arena};
    if (!comma && at == span.end)
        buf_add_byte(&out, ',');
    else if (!comma)
        insert(e, span.end, S(","));
    for (ptrdiff_t i = 0; i < n; i++)
        buf_format(&out, "%.*s%.*s%.*s%s", STR_ARG(e->newline), STR_ARG(indent), STR_ARG(texts[i]),
                   comma || i + 1 < n ? "," : "");
    insert(e, at, buf_str(&out));
}

static void insert_elements(Extending *e, ptrdiff_t item, bool before, const Str *texts,
                            ptrdiff_t n) {
    Span span = e->list->items.v[item].span;
    Buf out = {.arena = e->arena};
    bool lines =
        stands_first(e->text, span) &&
        (item + 1 >= e->list->items.n || stands_first(e->text, e->list->items.v[item + 1].span));
    if (lines && !before) {
        insert_below(e, item, texts, n);
        return;
    }
    uint32_t start = (uint32_t)str_line_start(e->text, span.at);
    Str indent = str_slice(e->text, start, span.at);
    /* `["torch",` above aligned lines: the first item keeps its place beside the bracket. */
    bool hanging = before && !lines && item + 1 < e->list->items.n &&
                   stands_first(e->text, e->list->items.v[item + 1].span);
    if (hanging) {
        uint32_t next = e->list->items.v[item + 1].span.at;
        indent = str_slice(e->text, (uint32_t)str_line_start(e->text, next), next);
    }
    for (ptrdiff_t i = 0; i < n; i++) {
        if (hanging)
            buf_format(&out, "%.*s,%.*s%.*s", STR_ARG(texts[i]), STR_ARG(e->newline),
                       STR_ARG(indent));
        else if (lines)
            buf_format(&out, "%.*s%.*s,%.*s", STR_ARG(indent), STR_ARG(texts[i]),
                       STR_ARG(e->newline));
        else
            buf_format(&out, before ? "%.*s, " : ", %.*s", STR_ARG(texts[i]));
    }
    insert(e, lines ? start : before ? span.at : span.end, buf_str(&out));
}

static Str newline_of(Str text) {
    ptrdiff_t at = str_find_byte(text, '\n');
    return at > 0 && text.p[at - 1] == '\r' ? S("\r\n") : S("\n");
}

/* The file with the libraries in the list, beside item `neighbour`. */
static Str extend(Arena *arena, const RequirementFile *file, const RequirementList *list,
                  ptrdiff_t neighbour, NewDependency *v, ptrdiff_t n) {
    Extending e = {.arena = arena,
                   .file = file,
                   .list = list,
                   .text = file->text,
                   .newline = newline_of(file->text),
                   .neighbour = neighbour};
    Str *texts = new (arena, Str, n);
    for (ptrdiff_t i = 0, next; i < n; i = next) {
        bool before, other_before;
        ptrdiff_t item = place_of(&e, v[i].library, &before);
        for (next = i; next < n && place_of(&e, v[next].library, &other_before) == item &&
                       other_before == before;
             next++) {
            texts[next] = new_item(&e, &v[next]);
            v[next].line = line_of(e.text, list->items.v[item].span.at);
        }
        if (list->form == FORM_ARRAY)
            insert_elements(&e, item, before, texts + i, next - i);
        else
            insert_lines(&e, item, before, texts + i, next - i);
    }
    Buf out = {.arena = arena};
    uint32_t at = 0;
    for (ptrdiff_t i = 0; i < e.insertions.n; i++) {
        buf_add(&out, str_slice(e.text, at, e.insertions.v[i].at));
        buf_add(&out, e.insertions.v[i].text);
        at = e.insertions.v[i].at;
    }
    buf_add(&out, str_slice(e.text, at, e.text.n));
    return buf_str(&out);
}

/* ---- the list to take ---- */

enum { NAMES_NOTHING = 3 }; /* rank of a list with none of the libraries below */

/* How near to the needed libraries a listed one is; 0 is nearest. */
static int library_rank(Str library) {
    static const struct {
        Str library;
        int rank;
    } table[] = {{S("transformers"), 0}, {S("torch"), 1},          {S("pytorch"), 1},
                 {S("trl"), 2},          {S("peft"), 2},           {S("sentence-transformers"), 2},
                 {S("diffusers"), 2},    {S("datasets"), 2},       {S("tokenizers"), 2},
                 {S("evaluate"), 2},     {S("huggingface-hub"), 2}};
    for (ptrdiff_t i = 0; i < COUNT(table); i++)
        if (str_eq(table[i].library, library))
            return table[i].rank;
    return NAMES_NOTHING;
}

/* Among lists that name the same: what the package says of itself, then requirements.txt. */
static int file_rank(Str file) {
    static const Str order[] = {S("pyproject.toml"), S("setup.cfg"), S("setup.py"),
                                S("requirements.txt")};
    for (int i = 0; i < COUNT(order); i++)
        if (str_eq(order[i], file))
            return i;
    return str_ends(file, S(".yml")) || str_ends(file, S(".yaml")) ? COUNT(order) + 1
                                                                   : COUNT(order);
}

typedef struct Choice {
    ListFile file;
    ptrdiff_t list, item;
    int rank, score; /* lower is better */
} Choice;

/* The item of a list that is nearest to the needed libraries; -1: there is none to go by. */
static ptrdiff_t nearest_item(const RequirementFile *file, const RequirementList *list, int *rank) {
    ptrdiff_t found = -1;
    *rank = NAMES_NOTHING;
    bool any = list->main && str_eq(file->file, S("requirements.txt"));
    for (ptrdiff_t i = 0; i < list->items.n; i++) {
        const RequirementItem *item = &list->items.v[i];
        int one = item->name.n ? library_rank(item->library) : NAMES_NOTHING;
        if (one < *rank || (found < 0 && any && item->name.n)) {
            found = i;
            *rank = one;
        }
    }
    return found;
}

/* A list that may be added to goes before one that may not, if it names as much. */
static void consider(Choice *best, const ListFile *of) {
    const RequirementFile *file = &of->file;
    for (ptrdiff_t i = 0; i < file->lists.n; i++) {
        int rank;
        ptrdiff_t item = nearest_item(file, &file->lists.v[i], &rank);
        int score = rank * 100 + (file->frozen ? 50 : 0) + (file->lists.v[i].main ? 0 : 20) +
                    file_rank(file->file);
        if (item >= 0 && score < best->score)
            *best = (Choice){*of, i, item, rank, score};
    }
}

static void consider_files(Arena *arena, Parser *parser, const Project *project, Choice *best) {
    ListFiles files = list_files(arena, parser, project);
    for (ptrdiff_t i = 0; i < files.n; i++)
        consider(best, &files.v[i]);
}

/* Takes out what the project declares, or one between it and the owner of the list (NULL: any). */
static ptrdiff_t drop_declared(const Project *project, const Project *owner, NewDependency *v,
                               ptrdiff_t n) {
    ptrdiff_t left = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        bool declared = false;
        for (const Project *at = project; at && !declared; at = at == owner ? NULL : at->outer)
            declared = project_declares(at, v[i].library);
        if (!declared)
            v[left++] = v[i];
    }
    return left;
}

/* ---- public ---- */

DependencyEdit dependencies_add(Arena *arena, Parser *parser, const Project *project,
                                NewDependency *v, ptrdiff_t *n) {
    *n = drop_declared(project, project, v, *n);
    if (!*n)
        return (DependencyEdit){0};
    Choice best = {.rank = NAMES_NOTHING, .score = NAMES_NOTHING * 100 + 100};
    const Project *owner = NULL;
    for (const Project *at = project; at && at->folder.n && best.rank == NAMES_NOTHING;
         at = at->outer) {
        int before = best.score;
        consider_files(arena, parser, at, &best);
        if (best.score < before)
            owner = at;
    }
    *n = drop_declared(project, owner, v, *n);
    if (!owner || !*n)
        return (DependencyEdit){0};
    const RequirementFile *file = &best.file.file;
    DependencyEdit edit = {.path = best.file.path, .bytes = file->text, .frozen = file->frozen};
    if (file->frozen) {
        edit.frozen_line = line_of(file->text, file->frozen_at);
        return edit;
    }
    edit.text = extend(arena, file, &file->lists.v[best.list], best.item, v, *n);
    edit.stale = best.file.stale;
    return edit;
}

/* A transform's file, line by line: its head, its rules' headers and bodies.
 *
 * The order of work on a rule: its lines are sorted into settings, declarations, conditions and
 * body; the body's two texts are parsed, which shows what the holes are; then facts and conditions,
 * which name holes, are read; then the two trees are compared (patch_compile.c). Reading goes on
 * after an error where it can, so that one run shows as many as possible; a transform with any is
 * NULL. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/byte.h"
#include "transform/draft.h"
#include "transform/fields.h"

#include <pcre2.h>
#include <string.h>

/* A file this long is no transform; the limit keeps every offset and table small. */
enum { MAX_BYTES = 1 << 16 };

typedef struct Line {
    Span at;
    uint32_t number;
} Line;

typedef struct Reader {
    Draft draft;
    uint32_t at, number; /* the next line */
    bool in_head;
    bool has_tier;
    Str signature; /* of the head */
} Reader;

static bool line_next(Reader *reader, Line *line) {
    Str text = reader->draft.text;
    if (reader->at >= text.n)
        return false;
    ptrdiff_t length = str_find_byte(str_slice(text, reader->at, text.n), '\n');
    uint32_t end = length < 0 ? (uint32_t)text.n : reader->at + (uint32_t)length;
    *line = (Line){{reader->at, end}, ++reader->number};
    reader->at = length < 0 ? end : end + 1;
    if (line->at.end > line->at.at && text.p[line->at.end - 1] == '\r')
        line->at.end--;
    return true;
}

static Str line_text(const Reader *reader, Line line) {
    return str_span(reader->draft.text, line.at);
}

static bool is_blank(const Reader *reader, Line line) {
    return str_trim(line_text(reader, line)).n == 0;
}

static bool is_fence(const Reader *reader, Line line) {
    return str_eq(str_trim(line_text(reader, line)), S("@@"));
}

/* ---- settings ---- */

/* Where a setting may stand and where its text goes. */
typedef struct Setting {
    const char *name;
    bool in_rule;
} Setting;

static const Setting settings[] = {
    {"tier", true},  {"since", true}, {"removed", true},   {"needs", true},
    {"link", false}, {"in", true},    {"signature", true}, {"preview", false},
};

static bool setting_tier(Reader *reader, Span value, Tier *tier) {
    static const Str names[] = {{"safe", 4}, {"review", 6}, {"advice", 6}};
    Str text = str_span(reader->draft.text, value);
    for (int i = 0; i < COUNT(names); i++) {
        if (str_eq(text, names[i])) {
            *tier = (Tier)i;
            return true;
        }
    }
    Str hint = draft_suggestion(&reader->draft, text, names, COUNT(names));
    if (hint.n)
        draft_error(&reader->draft, value, "unknown tier '%.*s'%.*s", STR_ARG(text), STR_ARG(hint));
    else
        draft_error(&reader->draft, value, "unknown tier '%.*s': write safe, review or advice",
                    STR_ARG(text));
    return false;
}

/* "transformers 4.41"; several with commas between, where the new form needs them all. */
static bool setting_version(Reader *reader, Span value, bool several) {
    Cursor cursor = {&reader->draft, value.at, value.end};
    Span library = cursor_run(&cursor, "-.");
    cursor_skip(&cursor);
    Span number = {cursor.at, value.end};
    ptrdiff_t comma = several ? str_find_byte(str_span(reader->draft.text, number), ',') : -1;
    if (comma >= 0)
        number.end = number.at + (uint32_t)comma;
    Version version;
    if (library.end > library.at && version_parse(str_span(reader->draft.text, number), &version)) {
        Span rest = {number.end + 1, value.end};
        while (comma >= 0 && rest.at < rest.end && reader->draft.text.p[rest.at] == ' ')
            rest.at++;
        return comma < 0 || setting_version(reader, rest, true);
    }
    draft_error(&reader->draft, value,
                "a library and a version must stand here, as in 'transformers 4.41'");
    return false;
}

/* "trl.SFTTrainer(model, args)" */
static bool setting_signature(Reader *reader, Span value) {
    Cursor cursor = {&reader->draft, value.at, value.end};
    Span name = cursor_run(&cursor, ".");
    bool good = name.end > name.at && cursor_take(&cursor, "(");
    while (good && !cursor_take(&cursor, ")")) {
        Span parameter = cursor_identifier(&cursor);
        good = parameter.end > parameter.at &&
               (cursor_take(&cursor, ",") || cursor_take(&cursor, ")"));
        if (good && cursor_done(&cursor))
            break;
    }
    if (good && cursor_done(&cursor))
        return true;
    draft_error(
        &reader->draft, value,
        "a callable with its parameters must stand here, as in 'trl.SFTTrainer(model, args)'");
    return false;
}

static bool setting_in(Reader *reader, Span value) {
    static const Str names[] = {{"shell", 5}, {"env", 3}};
    Str text = str_span(reader->draft.text, value);
    for (int i = 0; i < COUNT(names); i++) {
        if (str_eq(text, names[i]))
            return true;
    }
    Str hint = draft_suggestion(&reader->draft, text, names, COUNT(names));
    draft_error(&reader->draft, value, "unknown kind of text '%.*s'%.*s: write shell or env",
                STR_ARG(text), STR_ARG(hint));
    return false;
}

/* "accelerate >= 0.26, bitsandbytes >= 0.39" */
static bool setting_needs(Reader *reader, Span value, Needs *needs) {
    Draft *draft = &reader->draft;
    List(Need) list = {0};
    Cursor cursor = {draft, value.at, value.end};
    bool good = true;
    do {
        Version version;
        cursor_skip(&cursor);
        Span library = cursor_run(&cursor, "-.");
        Need need = {.library = cursor_text(&cursor, library)};
        good = library.end > library.at;
        if (good && cursor_take(&cursor, ">=")) {
            cursor_skip(&cursor);
            need.floor = cursor_text(&cursor, cursor_run(&cursor, "."));
            good = version_parse(need.floor, &version);
        }
        *list_push(draft->arena, &list) = need;
    } while (good && cursor_take(&cursor, ","));
    *needs = (Needs){list.v, list.n};
    if (good && cursor_done(&cursor))
        return true;
    draft_error(draft, value,
                "libraries must stand here, each perhaps with the oldest version that will do, as "
                "in 'accelerate >= 0.26, peft'");
    return false;
}

static bool setting_store(Reader *reader, const char *name, Span value, Rule *rule) {
    Transform *transform = reader->draft.transform;
    Str text = str_span(reader->draft.text, value);
    if (!strcmp(name, "tier")) {
        reader->has_tier |= !rule;
        return setting_tier(reader, value, rule ? &rule->tier : &transform->tier);
    }
    if (!strcmp(name, "since")) {
        *(rule ? &rule->since : &transform->since) = text;
        return setting_version(reader, value, true);
    }
    if (!strcmp(name, "removed")) {
        *(rule ? &rule->removed : &transform->removed) = text;
        return setting_version(reader, value, false);
    }
    if (!strcmp(name, "signature")) {
        *(rule ? &rule->signature : &reader->signature) = text;
        return setting_signature(reader, value);
    }
    if (!strcmp(name, "needs"))
        return setting_needs(reader, value, rule ? &rule->needs : &transform->needs);
    if (!strcmp(name, "in")) {
        *(rule ? &rule->in : &transform->in) = text;
        return setting_in(reader, value);
    }
    if (!strcmp(name, "preview")) {
        Version version;
        transform->preview = text;
        if (version_parse(text, &version))
            return true;
        draft_error(&reader->draft, value,
                    "the version of hffix that tries it first must stand here, as in '0.3'");
        return false;
    }
    transform->link = text;
    return true;
}

/* Whether the line is `word: …`; then `name` and `value` are its parts. */
static bool setting_shape(const Reader *reader, Line line, Span *name, Span *value) {
    Str text = line_text(reader, line);
    ptrdiff_t colon = 0;
    while (colon < text.n && byte_is_word(text.p[colon]))
        colon++;
    if (colon == 0 || colon >= text.n || text.p[colon] != ':')
        return false;
    *name = (Span){line.at.at, line.at.at + (uint32_t)colon};
    Str rest = str_slice(text, colon + 1, text.n), trimmed = str_trim(rest);
    uint32_t at = trimmed.n ? (uint32_t)(trimmed.p - reader->draft.text.p) : line.at.end;
    *value = (Span){at, at + (uint32_t)trimmed.n};
    return true;
}

static void setting_read(Reader *reader, Span name, Span value, Rule *rule) {
    Str word = str_span(reader->draft.text, name);
    Str names[COUNT(settings)];
    for (int i = 0; i < COUNT(settings); i++) {
        names[i] = str_from(settings[i].name);
        if (!str_eq(word, names[i]))
            continue;
        if (rule && !settings[i].in_rule)
            draft_error(&reader->draft, name, "'%s:' stands in the head, above the first '@@'",
                        settings[i].name);
        else if (value.at == value.end)
            draft_error(&reader->draft, name, "'%s:' has no text", settings[i].name);
        else
            setting_store(reader, settings[i].name, value, rule);
        return;
    }
    Str hint = draft_suggestion(&reader->draft, word, names, COUNT(names));
    if (hint.n)
        draft_error(&reader->draft, name, "unknown setting '%.*s'%.*s", STR_ARG(word),
                    STR_ARG(hint));
    else
        draft_error(&reader->draft, name,
                    "unknown setting '%.*s': write tier, since, removed, needs, link, in, "
                    "signature or preview",
                    STR_ARG(word));
}

/* ---- the head ---- */

static void read_prose(Reader *reader, Line line, Buf *prose) {
    Str text = str_slice(line_text(reader, line), 1, PTRDIFF_MAX);
    text = str_starts(text, S(" ")) ? str_slice(text, 1, text.n) : text;
    Transform *transform = reader->draft.transform;
    if (!transform->title.n) {
        transform->title = str_trim(text);
        if (!transform->title.n)
            draft_error(&reader->draft, line.at, "the first line must be the title: '# TITLE'");
        return;
    }
    if (prose->n)
        buf_add_byte(prose, '\n');
    buf_add(prose, text);
}

/* Reads up to the first `@@`; false when there is none. */
static bool read_head(Reader *reader, Line *fence) {
    Buf prose = {.arena = reader->draft.arena};
    Transform *transform = reader->draft.transform;
    Line line;
    bool found = false, first = true;
    while (!found && line_next(reader, &line)) {
        Span name, value;
        Str text = line_text(reader, line);
        if (first && !str_starts(text, S("#")))
            draft_error(&reader->draft, line.at, "the first line must be the title: '# TITLE'");
        first = false;
        if (is_fence(reader, line))
            found = true;
        else if (str_starts(text, S("#")))
            read_prose(reader, line, &prose);
        else if (setting_shape(reader, line, &name, &value))
            setting_read(reader, name, value, NULL);
        else if (!is_blank(reader, line))
            draft_error(&reader->draft, line.at,
                        "a setting such as 'tier: safe', or '@@', must stand here");
    }
    transform->prose = buf_str(&prose);
    *fence = line;
    if (!found)
        diag_add(reader->draft.diagnostics, SEVERITY_ERROR, reader->draft.path, 0, 0,
                 "no rule: '@@', declarations, '@@' and lines of a diff are missing");
    return found;
}

/* ---- a rule's lines ---- */

/* Reads up to the second `@@`; false when there is none. */
static bool read_header(Reader *reader, RuleDraft *rule) {
    Line line;
    while (line_next(reader, &line)) {
        Span name, value;
        if (is_fence(reader, line))
            return true;
        if (setting_shape(reader, line, &name, &value))
            setting_read(reader, name, value, rule->rule);
        else if (!is_blank(reader, line))
            header_read(rule, line.at, line.number);
    }
    draft_error(&reader->draft, rule->header, "the header of this rule is not closed by '@@'");
    return false;
}

static void read_body_line(Reader *reader, RuleDraft *rule, Line line) {
    Str text = line_text(reader, line);
    char mark = text.p[0];
    uint32_t width = 1;
    if (!strchr(" -+!", mark) || !mark) {
        draft_error(&reader->draft, ((Span){line.at.at, line.at.at + 1}),
                    "a line of a rule starts with ' ', '-', '-?', '+' or '!'");
        return;
    }
    if (str_starts(text, S("-?"))) {
        mark = '?';
        width = 2;
    }
    *list_push(reader->draft.arena, &rule->body) =
        (BodyLine){mark, {line.at.at + width, line.at.end}, line.number};
}

/* Drops the indentation that all lines of the diff have. */
static void drop_indentation(const Draft *draft, RuleDraft *rule) {
    ptrdiff_t common = PTRDIFF_MAX;
    for (ptrdiff_t i = 0; i < rule->body.n; i++) {
        Str text = str_span(draft->text, rule->body.v[i].at);
        ptrdiff_t indent = 0;
        while (indent < text.n && text.p[indent] == ' ')
            indent++;
        if (rule->body.v[i].mark == '!')
            rule->body.v[i].at.at += (uint32_t)indent;
        else if (indent < text.n && indent < common)
            common = indent;
    }
    for (ptrdiff_t i = 0; i < rule->body.n; i++) {
        BodyLine *line = &rule->body.v[i];
        ptrdiff_t length = line->at.end - line->at.at;
        if (line->mark != '!')
            line->at.at += (uint32_t)(common < length ? common : length);
    }
}

/* Reads up to the next rule's `@@`; true when there is one. */
static bool read_body(Reader *reader, RuleDraft *rule, Line *fence) {
    bool more = false;
    Line line;
    while (line_next(reader, &line)) {
        if (is_fence(reader, line)) {
            more = true;
            *fence = line;
            break;
        }
        if (!is_blank(reader, line))
            read_body_line(reader, rule, line);
    }
    drop_indentation(&reader->draft, rule);
    Rule *out = rule->rule;
    out->lines = new (reader->draft.arena, PatchLine, rule->body.n);
    out->n_lines = rule->body.n;
    for (ptrdiff_t i = 0; i < rule->body.n; i++) {
        BodyLine from = rule->body.v[i];
        out->lines[i] = (PatchLine){from.mark, str_span(reader->draft.text, from.at), from.line};
    }
    return more;
}

/* ---- a rule as a whole ---- */

static bool has_mark(const RuleDraft *rule, const char *marks) {
    for (ptrdiff_t i = 0; i < rule->body.n; i++) {
        if (strchr(marks, rule->body.v[i].mark))
            return true;
    }
    return false;
}

static bool check_lines(RuleDraft *rule) {
    Draft *draft = rule->draft;
    if (!has_mark(rule, "-?+!")) {
        draft_error(draft, rule->header,
                    "this rule changes nothing: it has no '-', '+' or '!' line");
        return false;
    }
    if (!has_mark(rule, " -")) {
        draft_error(draft, rule->header,
                    "this rule matches nothing: it has no line that is marked ' ' or '-'");
        return false;
    }
    return true;
}

/* The hole of every declaration must get its value somewhere, and what uses a hole must find it
 * bound. */
static bool check_holes(RuleDraft *rule) {
    bool good = true;
    const Pattern *before = &rule->rule->before;
    bool *required = new (rule->draft->arena, bool, rule->holes.n + 1);
    bool *seen = new (rule->draft->arena, bool, rule->holes.n + 1);
    for (Node node = 1; node < before->tree->n; node++) {
        if (before->hole[node] < 0)
            continue;
        seen[before->hole[node]] = true;
        required[before->hole[node]] |= before->mark[node] != '?';
    }
    for (ptrdiff_t i = 0; i < rule->holes.n; i++) {
        Hole *hole = &rule->holes.v[i];
        hole->optional = seen[i] && !required[i] && !hole->computed;
        if (seen[i] || hole->computed)
            continue;
        draft_error(rule->draft, hole->at,
                    "nothing binds hole '%.*s': it stands on no line marked ' ' or '-'",
                    STR_ARG(hole->name));
        good = false;
    }
    return good;
}

static void rule_finish(RuleDraft *rule) {
    Draft *draft = rule->draft;
    if (!check_lines(rule))
        return;
    if (rule->rule->in.n) {
        shell_rule_compile(rule);
        return;
    }
    sheet_of_body(rule, &rule->before, " -?");
    sheet_of_body(rule, &rule->after, " +");
    method_prepare(rule);
    bool good = sheet_parse(rule, &rule->before, "the pattern", true);
    if (good) {
        pattern_fill(draft, &rule->rule->before, &rule->before);
        good = pattern_check(rule);
        good &= check_holes(rule);
    }
    good = sheet_parse(rule, &rule->after, "the text after the change", false) && good;
    if (rule->before.tree)
        good &= conditions_read(rule);
    if (good && rule_compile(rule))
        pattern_anchor(rule);
}

/* A rule without words looks into every file. */
static void store_words(const WordLists *lists, struct WordList **words, ptrdiff_t *n) {
    *words = lists->v;
    *n = lists->n;
    for (ptrdiff_t i = 0; i < lists->n; i++) {
        if (!lists->v[i].n)
            *n = 0;
    }
}

/* A flag may be spelled with dashes. Of its parts the longest is looked for: the others are words
 * that stand everywhere. */
static void add_flag_words(Arena *arena, Str flag, WordLists *lists) {
    Str head, tail = flag;
    Str *longest = new (arena, Str, 1);
    *list_push(arena, lists) = (struct WordList){new (arena, Str, 1), 1};
    lists->v[lists->n - 1].v[0] = flag;
    while (tail.n) {
        str_cut(tail, '_', &head, &tail);
        *longest = head.n > longest->n ? head : *longest;
    }
    *list_push(arena, lists) = (struct WordList){longest, 1};
}

static void read_rules(Reader *reader, Line fence) {
    Draft *draft = &reader->draft;
    Transform *transform = draft->transform;
    List(RuleDraft) rules = {0};
    bool more = true;
    while (more) {
        Rule *rule = new (draft->arena, Rule, 1);
        *rule = (Rule){.tier = transform->tier,
                       .since = transform->since,
                       .removed = transform->removed,
                       .needs = transform->needs,
                       .signature = reader->signature,
                       .in = transform->in,
                       .line = fence.number};
        RuleDraft *read = list_push(draft->arena, &rules);
        *read = (RuleDraft){.draft = draft, .rule = rule, .header = fence.at};
        more = read_header(reader, read) && read_body(reader, read, &fence);
    }
    ptrdiff_t errors = draft->diagnostics->errors;
    transform->rules = new (draft->arena, Rule, rules.n);
    WordLists words = {0}, shell_words = {0};
    transform->n_rules = rules.n;
    for (ptrdiff_t i = 0; i < rules.n; i++) {
        rule_finish(&rules.v[i]);
        rules.v[i].rule->holes = rules.v[i].holes.v;
        rules.v[i].rule->n_holes = rules.v[i].holes.n;
        transform->rules[i] = *rules.v[i].rule;
        *(transform->rules[i].in.n ? &transform->has_shell : &transform->has_python) = true;
        if (draft->diagnostics->errors != errors)
            continue;
        if (transform->rules[i].in.n)
            shell_rule_words(&rules.v[i], &shell_words);
        else if (!parser_is_replay(draft->parser)) /* what is built in has its words already */
            pattern_words(&rules.v[i], &words);
        FieldRule field;
        if (field_rule(&transform->rules[i], &field)) {
            transform->has_shell = transform->has_keys = true;
            add_flag_words(draft->arena, field.parts[field.at].name, &shell_words);
        }
    }
    store_words(&words, &transform->words, &transform->n_words);
    store_words(&shell_words, &transform->shell_words, &transform->n_shell_words);
}

Transform *patch_parse(Arena *arena, Parser *parser, Str name, Str path, Str text,
                       Diagnostics *diagnostics) {
    ptrdiff_t errors = diagnostics->errors;
    Transform *transform = new (arena, Transform, 1);
    *transform = (Transform){.arena = arena, .name = name, .path = path, .text = text};
    if (text.n > MAX_BYTES) {
        diag_add(diagnostics, SEVERITY_ERROR, path, 0, 0, "a transform has at most 64 KiB");
        return NULL;
    }
    Reader reader = {.draft = {arena, parser, path, text, diagnostics, transform}};
    Line fence;
    if (read_head(&reader, &fence)) {
        if (!reader.has_tier && diagnostics->errors == errors)
            draft_error(&reader.draft, fence.at,
                        "the head has no 'tier:': write 'tier: safe', 'tier: review' or 'tier: "
                        "advice' above");
        read_rules(&reader, fence);
    }
    if (diagnostics->errors == errors)
        return transform;
    patch_close(transform);
    return NULL;
}

void patch_close(Transform *transform) {
    for (ptrdiff_t i = 0; transform && i < transform->n_rules; i++) {
        Rule *rule = &transform->rules[i];
        for (ptrdiff_t k = 0; k < rule->n_holes; k++) {
            pcre2_code_free(rule->holes[k].code);
            rule->holes[k].code = NULL;
        }
    }
}

/* A rule is read once into parts, one for each argument of its pattern, and a part is compared with
 * a key as match_call.c compares it with an argument: the value as Python would write it. Flags and
 * keys differ only in how they are written, so both come as tables (shell/table.h).
 *
 * A new value must be a literal: what a rule computes from the old one needs an expression, for
 * which there is no place in a file of settings. */
#include "transform/fields.h"

#include "base/byte.h"
#include "transform/matcher.h"

static const Str classes[] = {
#define CLASS(name) S(name),
#include "transform/fields.def"
};

static const Str telling[] = {
#define TELLING(name) S(name),
#include "transform/fields.def"
};

static const Str fields[] = {
#define FIELD(name) S(name),
#include "transform/fields.def"
};

static const Str foreign[] = {
#define FOREIGN(name) S(name),
#include "transform/fields.def"
};

bool field_is_foreign(Str key) {
    return str_among(key, foreign, COUNT(foreign));
}

bool field_is_common(Str name) {
    return str_among(name, fields, COUNT(fields));
}

const Str *field_all_classes(ptrdiff_t *n) {
    *n = COUNT(classes);
    return classes;
}

/* Whether the word stands in the path between bytes that are no letters. */
static bool has_word(Str path, Str word) {
    for (ptrdiff_t i = 0; i + word.n <= path.n; i++)
        if (str_eq_fold(str_slice(path, i, i + word.n), word) &&
            (!i || !byte_is_letter(path.p[i - 1])) &&
            (i + word.n == path.n || !byte_is_letter(path.p[i + word.n])))
            return true;
    return false;
}

FieldPath field_path(const FieldRule *field, Str path) {
    FieldPath found = FIELD_PATH_SILENT;
    for (ptrdiff_t i = 0; i < COUNT(classes); i++) {
        Str word = str_slice(classes[i], 0, str_find(classes[i], S("Config")));
        if (!str_ends(classes[i], S("Config")) || !has_word(path, word))
            continue;
        bool own = str_eq(classes[i], field->class);
        if (!own || found == FIELD_PATH_OTHER)
            found = FIELD_PATH_OTHER;
        else
            found = FIELD_PATH_OWN;
    }
    return found;
}

const Str *field_classes(const FieldRule *field, ptrdiff_t *n) {
    bool training = str_eq(field->class, classes[0]);
    *n = training ? COUNT(classes) : 1;
    return training ? classes : &field->class;
}

/* ---- rules ---- */

/* The class that the pattern calls; of a hole that several match, the first. Empty: another call.
 */
static Str class_named(const Rule *rule, Node call) {
    const Tree *tree = rule->before.tree;
    Node function = node_field(tree, call, FIELD_FUNCTION);
    Node name = node_field(tree, function, FIELD_ATTRIBUTE);
    Str library = node_text(tree, node_field(tree, function, FIELD_OBJECT));
    if (!name || !(str_eq(library, S("transformers")) || str_eq(library, S("trl"))))
        return (Str){0};
    int hole = rule->before.hole[name];
    for (ptrdiff_t i = 0; i < COUNT(classes); i++)
        if (hole < 0 ? str_eq(node_text(tree, name), classes[i])
                     : rule->holes[hole].code && match_regex(&rule->holes[hole], classes[i]))
            return classes[i];
    return (Str){0};
}

/* The class that a condition `calls(transformers.TrainingArguments)` names; empty: another test. */
static Str class_asked(const Test *test) {
    Str library, class;
    bool calls = test->kind == TEST_FACT && !test->negated &&
                 str_eq(str_from(test->fact.fact->word), S("calls"));
    bool ours = calls && str_cut(test->fact.args[0].literal, '.', &library, &class) &&
                (str_eq(library, S("transformers")) || str_eq(library, S("trl")));
    return ours && str_among(class, classes, COUNT(classes)) ? class : (Str) {
        0
    };
}

/* The hole that the text is; -1: another text. */
static int hole_alone(const Template *template) {
    return template->n == 1 && template->v->kind == PIECE_HOLE ? template->v->hole : -1;
}

static bool is_literal(const Template *template) {
    for (ptrdiff_t i = 0; i < template->n; i++)
        if (template->v[i].kind != PIECE_TEXT)
            return false;
    return template->n > 0;
}

static bool read_action(const Action *action, FieldPart *part) {
    if (action->kind == ACTION_REMOVE_ARGUMENT) {
        part->goes = true;
        return true;
    }
    if (action->kind != ACTION_REPLACE_ARGUMENT || !action->keyword.n)
        return false;
    if (!str_eq(action->keyword, part->name))
        part->to = action->keyword;
    if (!action->keeps_value)
        part->value = &action->text;
    return action->keeps_value || is_literal(part->value) || hole_alone(part->value) >= 0;
}

static bool read_part(const Rule *rule, Node argument, FieldPart *part, ptrdiff_t *acted) {
    const Tree *tree = rule->before.tree;
    Node value = node_field(tree, argument, FIELD_VALUE);
    *part = (FieldPart){.name = node_text(tree, node_field(tree, argument, FIELD_NAME)),
                        .hole = value ? rule->before.hole[value] : -1};
    if (!value || rule->before.mark[argument] == '?')
        return false;
    if (part->hole < 0 && node_kind(tree, value) != NODE_ELLIPSIS)
        part->literal = node_text(tree, value);
    for (ptrdiff_t i = 0; i < rule->n_actions; i++) {
        if (rule->actions[i].argument != argument || rule->actions[i].kind == ACTION_NOTE)
            continue;
        ++*acted;
        if (!read_action(&rule->actions[i], part))
            return false;
    }
    return true;
}

/* Whether the conditions ask for the class, and for what a file that is no Python answers. */
static bool are_answered(const Rule *rule, Str *class) {
    for (ptrdiff_t i = 0; i < rule->n_conditions; i++)
        for (ptrdiff_t k = 0; k < rule->conditions[i].n; k++) {
            const Test *test = &rule->conditions[i].tests[k];
            Str asked = rule->conditions[i].n == 1 ? class_asked(test) : (Str){0};
            *class = asked.n ? asked : *class;
            if (asked.n)
                continue;
            Str word = test->kind == TEST_FACT ? str_from(test->fact.fact->word) : (Str){0};
            bool version = str_eq(word, S("floor")) || str_eq(word, S("ceiling"));
            bool absent = test->kind == TEST_ABSENT && rule->conditions[i].n == 1;
            if (!version && !(absent && !test->negated))
                return false;
        }
    return true;
}

bool field_rule(const Rule *rule, FieldRule *field) {
    *field = (FieldRule){.rule = rule, .at = -1};
    Node call = rule->anchor;
    if (rule->shell || !call || rule->symbol || node_kind(rule->before.tree, call) != NODE_CALL ||
        !rule->before.is_expression || rule->before.statements[0] != call)
        return false;
    field->class = class_named(rule, call);
    if (!are_answered(rule, &field->class))
        return false;
    const Tree *tree = rule->before.tree;
    ptrdiff_t acted = 0, told = 0;
    bool open = false;
    Node arguments = node_field(tree, call, FIELD_ARGUMENTS);
    for (Node node = node_child_named(tree, arguments); node; node = node_next_named(tree, node)) {
        open |= node_kind(tree, node) == NODE_ELLIPSIS;
        if (node_kind(tree, node) == NODE_ELLIPSIS)
            continue;
        if (node_kind(tree, node) != NODE_KEYWORD_ARGUMENT || field->n == FIELD_PARTS)
            return false;
        FieldPart *part = &field->parts[field->n++];
        if (!read_part(rule, node, part, &acted))
            return false;
        if (field->at < 0 && (part->goes || part->to.n || part->value))
            field->at = field->n - 1;
    }
    for (ptrdiff_t i = 0; i < rule->n_actions; i++)
        told += rule->actions[i].kind == ACTION_NOTE;
    field->at = field->at < 0 ? 0 : field->at;
    return field->class.n && field->n && open && acted + told == rule->n_actions;
}

/* ---- evidence ---- */

bool field_changes(const FieldRule *field, ptrdiff_t i) {
    const FieldPart *part = &field->parts[i];
    return i == field->at || part->goes || part->to.n || part->value;
}

FieldCount field_count(const FieldRule *field, const Table *table) {
    FieldCount count = {0};
    for (ptrdiff_t i = 0; i < table->keys.n; i++) {
        Str name = table->keys.v[i].name;
        bool own = false;
        for (ptrdiff_t k = 0; k < field->n; k++)
            own |= field_changes(field, k) && str_eq(name, field->parts[k].name);
        bool tells = !own && str_among(name, telling, COUNT(telling));
        count.telling += tells;
        count.fields += tells || (!own && str_among(name, fields, COUNT(fields)));
    }
    return count;
}

/* ---- matching ---- */

static ptrdiff_t count_key(const Table *table, Str name, const TableKey **found) {
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < table->keys.n; i++)
        if (str_eq(table->keys.v[i].name, name)) {
            *found = &table->keys.v[i];
            n++;
        }
    return n;
}

static bool has_key(const Table *table, Str name) {
    const TableKey *unused;
    return count_key(table, name, &unused) > 0;
}

static bool match_value(const FieldRule *field, const FieldPart *part, const ShellReader *text,
                        const TableKey *key, Str *holes) {
    if (part->literal.n)
        return str_eq(part->literal, key->python);
    if (part->hole < 0)
        return true;
    const Hole *hole = &field->rule->holes[part->hole];
    char first = key->python.n ? key->python.p[0] : 0;
    bool number = byte_is_digit(first) || first == '-' || first == '+' || first == '.';
    if ((hole->kind == HOLE_STR && first != '"') || (hole->kind == HOLE_NUM && !number) ||
        hole->kind == HOLE_NAME || hole->type.n || (hole->code && !first) ||
        !match_regex(hole, key->python))
        return false;
    holes[part->hole] = first ? key->python : str_span(text->source, key->value);
    return true;
}

/* Whether a condition `absent` is broken, or a new name is taken. */
static bool is_in_the_way(const FieldRule *field, const Table *table) {
    const Rule *rule = field->rule;
    for (ptrdiff_t i = 0; i < field->n; i++)
        if (field->parts[i].to.n && has_key(table, field->parts[i].to))
            return true;
    for (ptrdiff_t i = 0; i < rule->n_conditions; i++) {
        const Test *test = &rule->conditions[i].tests[0];
        for (ptrdiff_t k = 0; test->kind == TEST_ABSENT && k < test->n_keywords; k++)
            if (has_key(table, test->keywords[k]))
                return true;
    }
    return false;
}

/* ---- writing ---- */

/* A word that YAML and shells take for itself. */
static bool is_plain(Str word) {
    for (ptrdiff_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        if (!byte_is_letter(c) && c != '_' && !(i && (c == '-' || byte_is_digit(c))))
            return false;
    }
    static const Str others[] = {S("true"), S("false"), S("null"), S("yes"), S("no"),
                                 S("on"),   S("off"),   S("y"),    S("n")};
    return word.n && !str_among(word, others, COUNT(others));
}

/* The Python literal in the table's syntax; empty: it has none there. */
static Str written(Arena *arena, TableSyntax syntax, const Template *template) {
    Buf joined = {.arena = arena};
    for (ptrdiff_t i = 0; i < template->n; i++)
        buf_add(&joined, template->v[i].text);
    Str python = buf_str(&joined);
    bool flags = syntax == TABLE_FLAGS;
    bool list = str_starts(python, S("[\"")) && str_find_byte(python, ',') < 0;
    if (flags && list)
        python = str_slice(python, 1, python.n - 1);
    if (str_starts(python, S("\""))) {
        Str inside = str_slice(python, 1, python.n - 1);
        bool bare = (flags || syntax == TABLE_YAML) && is_plain(inside);
        return bare ? inside : python;
    }
    if (str_eq(python, S("True")) || str_eq(python, S("False")))
        return flags ? python : str_eq(python, S("True")) ? S("true") : S("false");
    if (str_eq(python, S("None")))
        return flags || syntax == TABLE_TOML ? (Str){0} : S("null");
    bool number = python.n && str_find_byte(S("-.0123456789"), python.p[0]) >= 0;
    return number || (list && !flags) ? python : (Str){0};
}

/* The new name as the old one is spelled: a flag may have dashes. */
static Str spelled(Arena *arena, Str old, Str to) {
    if (str_find_byte(old, '-') < 0)
        return to;
    Buf name = {.arena = arena};
    for (ptrdiff_t i = 0; i < to.n; i++)
        buf_add_byte(&name, to.p[i] == '_' ? '-' : to.p[i]);
    return buf_str(&name);
}

/* The new value of a part; empty: it can't be written here. */
static Str new_value(Arena *arena, const FieldRule *field, const ShellReader *text,
                     const Table *table, const FieldPart *part, const TableKey **keys) {
    int hole = hole_alone(part->value);
    for (ptrdiff_t i = 0; hole >= 0 && i < field->n; i++)
        if (field->parts[i].hole == hole)
            return str_span(text->source, keys[i]->value);
    return hole < 0 ? written(arena, table->syntax, part->value) : (Str){0};
}

static bool add_edits(Arena *arena, const ShellReader *text, const Table *table,
                      const FieldPart *part, const TableKey *key, Str value, ShellMatch *match) {
    if (part->goes) {
        match->edits[match->n++] = (Edit){.span = key->whole};
        return key->whole.end > key->whole.at;
    }
    if (part->to.n)
        match->edits[match->n++] = (Edit){
            .span = key->at, .text = spelled(arena, str_span(text->source, key->at), part->to)};
    if (!part->value)
        return true;
    bool none = key->value.end == key->value.at;
    if (!value.n || (none && table->syntax != TABLE_FLAGS))
        return false;
    Edit *edit = &match->edits[match->n++];
    *edit = (Edit){.span = key->value, .text = value};
    if (none) /* a flag alone */
        *edit = (Edit){.span = {key->at.end, key->at.end},
                       .text = str_format(arena, " %.*s", STR_ARG(value))};
    return true;
}

bool field_match(Arena *arena, const FieldRule *field, const ShellReader *text, const Table *table,
                 ShellMatch *match) {
    const TableKey *keys[FIELD_PARTS] = {0};
    Str *holes = new (arena, Str, field->rule->n_holes + 1);
    *match = (ShellMatch){0};
    for (ptrdiff_t i = 0; i < field->n; i++)
        if (count_key(table, field->parts[i].name, &keys[i]) != 1 ||
            !match_value(field, &field->parts[i], text, keys[i], holes))
            return false;
    if (is_in_the_way(field, table))
        return false;
    match->site = keys[field->at]->at;
    match->edits = new (arena, Edit, 2 * field->n);
    bool good = true;
    for (ptrdiff_t i = 0; i < field->n; i++) {
        const FieldPart *part = &field->parts[i];
        Str value = part->value ? new_value(arena, field, text, table, part, keys) : (Str){0};
        good = add_edits(arena, text, table, part, keys[i], value, match) && good;
    }
    const Rule *rule = field->rule;
    for (ptrdiff_t i = 0; i < rule->n_actions; i++)
        if (rule->actions[i].kind == ACTION_NOTE)
            match->note = shell_fill(arena, &rule->actions[i].text, holes);
    return good;
}

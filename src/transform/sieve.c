/* The second question to a file, after its words and before its tree.
 *
 * The lines that hold a word of some rule are cut out (python/lines.h), put one below the other
 * without their indentation, and parsed at once; a header gets a body, `elif` is read as `if`. In
 * the tree of these lines each rule's probe is asked about each call and attribute. What is seen
 * there is less than what the engine sees, so a probe says no only for reasons that nothing
 * elsewhere in the file can change: the callee has another name, a keyword is there that must be
 * absent, one is missing and no splat can bring it, the class is another.
 *
 * Four things make a word count wherever it stands, because it may act from afar: an assignment of
 * it (`load = AutoModel.from_pretrained`), an import under another name, getattr(), and, of a
 * keyword that is looked up by itself, a key of a dict. When the scan is not sure of a line, or the
 * lines don't parse, nothing is decided here: every candidate stays. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <pthread.h>
#include <string.h>

#include "base/words.h"
#include "python/lines.h"
#include "transform/run.h"
#include "transform/sieve.h"

typedef struct Asked {
    ptrdiff_t word; /* number in the word set */
    bool called;    /* it must be called */
    bool last;      /* of its list, of which one must be met */
} Asked;

typedef struct Question {
    ptrdiff_t entry;
    const Probe *probe;
    ptrdiff_t word; /* number in the word set; -1: none */
    Asked *needs;   /* of probe->needs */
    ptrdiff_t n_needs;
    pcre2_code *class; /* of probe->receiver or ->met, compiled when first asked for */
} Question;

struct Sieve {
    const Registry *registry;
    WordSet *words;
    Str *spellings; /* by number in `words` */
    ptrdiff_t n_words;
    Question *questions;
    ptrdiff_t n;
    pthread_mutex_t lock; /* of `class` */
};

/* One text in the sieve. */
typedef struct Sifting {
    Sieve *sieve;
    Arena *arena;
    Str text;
    Question **asked; /* those whose rules may act here and that are not answered yet */
    ptrdiff_t n;
    const Tree *tree; /* of the lines */
    bool *found;      /* by entry */
} Sifting;

typedef uint64_t WordBits[WORDS_MAX / 64];

static void bit_set(uint64_t *bits, ptrdiff_t word) {
    bits[word >> 6] |= (uint64_t)1 << (word & 63);
}

static bool bit_is_set(const uint64_t *bits, ptrdiff_t word) {
    return bits[word >> 6] >> (word & 63) & 1;
}

/* ---- the sieve ---- */

/* Takes the next word off a need, and whether it must be called. */
static Str need_word(Str *rest, bool *called) {
    Str word;
    str_cut(*rest, '|', &word, rest);
    *called = str_ends(word, S("()"));
    return *called ? str_slice(word, 0, word.n - 2) : word;
}

static ptrdiff_t count_needs(const Probe *probe) {
    ptrdiff_t n = 0;
    bool called;
    for (const char *const *need = probe->needs; *need; need++)
        for (Str rest = str_from(*need); rest.n; n++)
            need_word(&rest, &called);
    return n;
}

/* Fills the needs; their words go to `words`, or, with NULL, get numbers from the set. */
static void read_needs(const Sieve *sieve, Question *question, Str *words, ptrdiff_t *n_words) {
    question->n_needs = 0;
    for (const char *const *need = question->probe->needs; *need; need++)
        for (Str rest = str_from(*need); rest.n;) {
            bool called;
            Str word = need_word(&rest, &called);
            if (words)
                words[(*n_words)++] = word;
            else
                question->needs[question->n_needs++] =
                    (Asked){words_number(sieve->words, word), called, !rest.n};
        }
}

Sieve *sieve_open(Arena *arena, const Registry *registry) {
    Sieve *sieve = new (arena, Sieve, 1);
    ptrdiff_t n, questions = 0, total = 0, n_words = 0;
    const Entry *entries = registry_entries(registry, &n);
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t k = 0; entries[i].selected && k < entries[i].n_probes; k++) {
            questions++;
            total += 1 + count_needs(&entries[i].probes[k]);
        }
    sieve->registry = registry;
    sieve->questions = new (arena, Question, questions);
    sieve->spellings = new (arena, Str, total);
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t k = 0; entries[i].selected && k < entries[i].n_probes; k++) {
            const Probe *probe = &entries[i].probes[k];
            Question *question = &sieve->questions[sieve->n++];
            *question = (Question){.entry = i, .probe = probe, .word = -1};
            question->needs = new (arena, Asked, count_needs(probe));
            if (probe->word)
                sieve->spellings[n_words++] = str_from(probe->word);
            read_needs(sieve, question, sieve->spellings, &n_words);
        }
    sieve->n_words = n_words;
    sieve->words = words_build(arena, sieve->spellings, n_words);
    for (ptrdiff_t i = 0; i < sieve->n; i++) {
        Question *question = &sieve->questions[i];
        if (question->probe->word)
            question->word = words_number(sieve->words, str_from(question->probe->word));
        read_needs(sieve, question, NULL, NULL);
    }
    pthread_mutex_init(&sieve->lock, NULL);
    return sieve;
}

void sieve_close(Sieve *sieve) {
    if (!sieve)
        return;
    for (ptrdiff_t i = 0; i < sieve->n; i++)
        pcre2_code_free(sieve->questions[i].class);
    pthread_mutex_destroy(&sieve->lock);
}

/* Few subjects: compiling for the machine would cost more than it saves. */
static const pcre2_code *class_of_question(Sieve *sieve, Question *question) {
    pthread_mutex_lock(&sieve->lock);
    int error;
    PCRE2_SIZE at;
    const char *source = question->probe->met ? question->probe->met : question->probe->receiver;
    if (!question->class)
        question->class =
            pcre2_compile((PCRE2_SPTR)source, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &error, &at, NULL);
    const pcre2_code *code = question->class;
    pthread_mutex_unlock(&sieve->lock);
    return code;
}

/* ---- lines ---- */

static bool starts_with_word(Str line, Str word) {
    if (!str_starts(line, word))
        return false;
    char next = line.n > word.n ? line.p[word.n] : ' ';
    return next != '_' && (next < '0' || next > '9') &&
           ((next | 0x20) < 'a' || (next | 0x20) > 'z');
}

/* What stands before the comment at the end of a header's line. */
static Str without_comment(Str line) {
    Str trimmed = str_trim(line);
    if (str_ends(trimmed, S(":")))
        return trimmed;
    ptrdiff_t hash = str_rfind_byte(line, '#');
    Str before = str_trim(str_slice(line, 0, hash));
    return hash > 0 && str_ends(before, S(":")) ? before : trimmed;
}

/* Adds a line as a statement of its own. */
static void add_line(Buf *lines, Str line) {
    static const Str parts[] = {{"else", 4}, {"finally", 7}, {"try", 3}};
    for (ptrdiff_t i = 0; i < COUNT(parts); i++)
        if (starts_with_word(line, parts[i])) /* its body stands on the same line */
            line = str_trim(str_slice(line, str_find_byte(line, ':') + 1, line.n));
    if (starts_with_word(line, S("elif")))
        line = str_slice(line, 2, line.n);
    if (str_starts(line, S("@"))) {
        buf_add(lines, line);
        buf_add(lines, S("\ndef f(): pass\n"));
        return;
    }
    line = without_comment(line);
    buf_add(lines, line);
    buf_add(lines, str_ends(line, S(":")) ? S(" pass\n") : S("\n"));
}

static bool is_quote(Str text, ptrdiff_t at) {
    return at >= 0 && at < text.n && (text.p[at] == '"' || text.p[at] == '\'');
}

/* Whether the word at [at, end) can be more than prose: code, or all of a string. */
static bool is_said(LineScan *inner, Str text, ptrdiff_t at, ptrdiff_t end) {
    return (is_quote(text, at - 1) && is_quote(text, end)) || lines_in_code(inner, (uint32_t)at);
}

/* Whether the function can be called here, or get the name under which it is: `= pipeline`,
 * `import pipeline as p`. A method of the same name on `self` is another. */
static bool may_be_called(Str text, Span line, ptrdiff_t at, ptrdiff_t end) {
    Str before = str_slice(text, line.at, at), after = str_trim(str_slice(text, end, line.end));
    if (str_starts(after, S("(")))
        return !str_ends(before, S("self."));
    return starts_with_word(after, S("as")) || is_quote(text, end) ||
           str_find_byte(before, '=') >= 0;
}

/* Words of the file. */
typedef struct Said {
    WordBits wanted; /* words that lines are looked up by */
    WordBits needed;
    WordBits said, called;
} Said;

static void said_open(Said *said, const Sifting *sifting) {
    for (ptrdiff_t i = 0; i < sifting->n; i++) {
        const Question *question = sifting->asked[i];
        if (question->word >= 0)
            bit_set(said->wanted, question->word);
        for (ptrdiff_t k = 0; k < question->n_needs; k++)
            bit_set(said->needed, question->needs[k].word);
    }
}

static bool needs_are_met(const Said *said, const Question *question) {
    bool met = false;
    for (ptrdiff_t i = 0; i < question->n_needs; i++) {
        const Asked *need = &question->needs[i];
        met |= bit_is_set(need->called ? said->called : said->said, need->word);
        if (need->last && !met)
            return false;
        met = met && !need->last;
    }
    return true;
}

/* Goes through the words and adds the lines in which one is said that lines are looked up by. False
 * when the scan is not sure. */
static bool cut_lines(const Sifting *sifting, Said *said, Buf *lines) {
    const Sieve *sieve = sifting->sieve;
    Str text = sifting->text;
    LineScan scan = {.text = text}, inner = {0};
    Span line = {0}, added = {0};
    ptrdiff_t from = 0, word;
    while ((word = words_next(sieve->words, text, &from)) >= 0) {
        bool wanted = bit_is_set(said->wanted, word);
        ptrdiff_t at = from - sieve->spellings[word].n;
        if (!bit_is_set(said->needed, word) && (!wanted || at < (ptrdiff_t)added.end))
            continue;
        if (at >= (ptrdiff_t)line.end) {
            bool held = lines_holding(&scan, (uint32_t)at, &line);
            if (scan.unsure)
                return false;
            if (!held) {
                line = (Span){0};
                continue;
            }
            inner = (LineScan){.text = text, .at = line.at};
        }
        if (!is_said(&inner, text, at, from))
            continue;
        bit_set(said->said, word);
        if (may_be_called(text, line, at, from))
            bit_set(said->called, word);
        if (wanted && at >= (ptrdiff_t)added.end) {
            add_line(lines, str_span(text, line));
            added = line;
        }
    }
    /* A string that was misread shows at the end of the file at the latest. */
    for (Span rest; scan.at && lines_next(&scan, &rest);)
        ;
    return !scan.unsure;
}

/* ---- calls ---- */

static Node callee_of(const Tree *tree, Node call) {
    return sieve_strip(tree, node_field(tree, call, FIELD_FUNCTION));
}

/* Last name of the callee; empty when it has none. */
static Str last_name(const Tree *tree, Node callee) {
    if (node_kind(tree, callee) == NODE_ATTRIBUTE)
        callee = node_field(tree, callee, FIELD_ATTRIBUTE);
    return node_kind(tree, callee) == NODE_IDENTIFIER ? node_text(tree, callee) : (Str){0};
}

static bool is_given(const Tree *tree, Node call, const char *keyword) {
    Node list = node_field(tree, call, FIELD_ARGUMENTS);
    Str wanted = str_from(keyword);
    for (Node e = node_child_named(tree, list); e; e = node_next_named(tree, e))
        if (node_kind(tree, e) == NODE_KEYWORD_ARGUMENT &&
            str_eq(node_text(tree, node_field(tree, e, FIELD_NAME)), wanted))
            return true;
    return false;
}

static bool has_splat(const Tree *tree, Node call) {
    Node list = node_field(tree, call, FIELD_ARGUMENTS);
    for (Node e = node_child_named(tree, list); e; e = node_next_named(tree, e))
        if (node_kind(tree, e) == NODE_DICTIONARY_SPLAT)
            return true;
    return false;
}

static bool is_assigned(const Tree *tree, Node call) {
    return node_ancestor(tree, call, NODE_ASSIGNMENT) != 0;
}

typedef struct ClassTest {
    Sifting *sifting;
    Question *question;
} ClassTest;

/* Whether the question's expression is met in the text; also when that can't be told. */
static bool is_met(Sieve *sieve, Question *question, Str text) {
    const pcre2_code *code = class_of_question(sieve, question);
    pcre2_match_data *data = code ? pcre2_match_data_create(1, NULL) : NULL;
    if (!data)
        return true;
    int found = pcre2_match(code, (PCRE2_SPTR)text.p, (size_t)text.n, 0, 0, data, NULL);
    pcre2_match_data_free(data);
    return found != PCRE2_ERROR_NOMATCH;
}

static bool class_matches(void *context, Str name) {
    const ClassTest *test = context;
    return !test->question->probe->receiver || is_met(test->sifting->sieve, test->question, name);
}

static bool receiver_fits(Sifting *sifting, Question *question, Node callee) {
    const Tree *tree = sifting->tree;
    ClassTest test = {sifting, question};
    Node object = node_field(tree, callee, FIELD_OBJECT);
    return node_kind(tree, callee) != NODE_ATTRIBUTE || !question->probe->qualified ||
           sieve_receiver(tree, object, sifting->text, class_matches, &test);
}

/* Arguments that go to another call, or are changed before they do. */
static bool collects_arguments(Str function) {
    return str_eq(function, S("dict")) || str_eq(function, S("update")) ||
           str_eq(function, S("setdefault")) || str_eq(function, S("partial"));
}

static bool call_fits(Sifting *sifting, Question *question, Node call) {
    const Tree *tree = sifting->tree;
    const Probe *probe = question->probe;
    Node callee = callee_of(tree, call);
    if (probe->any_callee && !is_given(tree, call, probe->word))
        return false;
    if (probe->any_callee && collects_arguments(last_name(tree, callee)))
        return true;
    if (probe->assigned && !is_assigned(tree, call))
        return false;
    bool open = has_splat(tree, call) || !(probe->qualified || probe->any_callee);
    for (const char *const *keyword = probe->required; *keyword && !open; keyword++)
        if (!is_given(tree, call, *keyword))
            return false;
    for (const char *const *keyword = probe->absent; *keyword; keyword++)
        if (is_given(tree, call, *keyword))
            return false;
    return receiver_fits(sifting, question, callee);
}

/* ---- words that act from afar ---- */

/* Whether the node is what an assignment gives, alone or as an item of a display. */
static bool is_given_a_name(const Tree *tree, Node node) {
    for (Node up = node_parent(tree, node); up; node = up, up = node_parent(tree, up)) {
        switch ((int)node_kind(tree, up)) {
        case NODE_ASSIGNMENT:
        case NODE_NAMED_EXPRESSION:
            return true;
        case NODE_ATTRIBUTE:
            if (node_field(tree, up, FIELD_ATTRIBUTE) != node)
                return false;
            break;
        case NODE_PARENTHESIZED_EXPRESSION:
        case NODE_EXPRESSION_LIST:
        case NODE_TUPLE:
        case NODE_LIST:
            break;
        default:
            return false;
        }
    }
    return false;
}

/* `import … as`, `load = X.word`: calls of it may have any name. */
static bool gets_another_name(const Tree *tree, Node identifier) {
    Node dotted = node_parent(tree, identifier);
    if (node_kind(tree, dotted) == NODE_DOTTED_NAME)
        return node_kind(tree, node_parent(tree, dotted)) == NODE_ALIASED_IMPORT;
    return is_given_a_name(tree, identifier);
}

static bool is_asked_by_name(const Tree *tree, Node string) {
    Node list = node_parent(tree, string);
    Node call = node_parent(tree, list);
    return node_kind(tree, list) == NODE_ARGUMENT_LIST && node_kind(tree, call) == NODE_CALL &&
           str_eq(node_text(tree, node_field(tree, call, FIELD_FUNCTION)), S("getattr"));
}

static bool word_fits(const Tree *tree, const Probe *probe, Node node, Kind kind) {
    bool text = kind == NODE_STRING_CONTENT;
    Node parent = node_parent(tree, node);
    switch (probe->kind) {
    case PROBE_SYMBOL:
    case PROBE_ANYTHING:
        return false;
    case PROBE_METHOD:
        return !text && node_kind(tree, parent) == NODE_FUNCTION_DEFINITION &&
               tree->rows[node].field == FIELD_NAME;
    case PROBE_ATTRIBUTE:
        return !text && node_kind(tree, parent) == NODE_ATTRIBUTE &&
               tree->rows[node].field == FIELD_ATTRIBUTE;
    case PROBE_CALL:
        if (probe->any_callee)
            return text;
        return text ? is_asked_by_name(tree, parent) : gets_another_name(tree, node);
    }
    return true;
}

/* ---- public ---- */

static void drop(Sifting *sifting, ptrdiff_t entry) {
    ptrdiff_t kept = 0;
    sifting->found[entry] = true;
    for (ptrdiff_t i = 0; i < sifting->n; i++)
        if (sifting->asked[i]->entry != entry)
            sifting->asked[kept++] = sifting->asked[i];
    sifting->n = kept;
}

static bool node_fits(Sifting *sifting, Question *question, Node node, Kind kind, ptrdiff_t word) {
    const Probe *probe = question->probe;
    if (kind != NODE_CALL)
        return word == question->word && word_fits(sifting->tree, probe, node, kind);
    return probe->kind == PROBE_CALL && (probe->any_callee || word == question->word) &&
           call_fits(sifting, question, node);
}

static void ask_lines(Sifting *sifting) {
    const Tree *tree = sifting->tree;
    for (Node node = 1; node < tree->n && sifting->n; node++) {
        Kind kind = node_kind(tree, node);
        if (kind != NODE_CALL && kind != NODE_IDENTIFIER && kind != NODE_STRING_CONTENT)
            continue;
        Str text =
            kind == NODE_CALL ? last_name(tree, callee_of(tree, node)) : node_text(tree, node);
        ptrdiff_t word = words_number(sifting->sieve->words, text);
        if (word < 0 && kind != NODE_CALL)
            continue;
        for (ptrdiff_t i = 0; i < sifting->n;) {
            if (node_fits(sifting, sifting->asked[i], node, kind, word)) {
                drop(sifting, sifting->asked[i]->entry);
                i = 0;
            } else {
                i++;
            }
        }
    }
}

/* Whether the bytes hold a word of each list; whatever stands around it. `known` keeps answers by
 * word: 1 no, 2 yes. */
static bool may_meet_needs(const Sifting *sifting, const Question *question, uint8_t *known) {
    bool met = false;
    for (ptrdiff_t i = 0; i < question->n_needs; i++) {
        const Asked *need = &question->needs[i];
        if (!met && !known[need->word])
            known[need->word] =
                str_find(sifting->text, sifting->sieve->spellings[need->word]) < 0 ? 1 : 2;
        met = met || known[need->word] == 2;
        if (need->last && !met)
            return false;
        met = met && !need->last;
    }
    return true;
}

static bool holds_texts(Str text, const Probe *probe) {
    for (const char *const *wanted = probe->contains; *wanted; wanted++)
        if (str_find(text, str_from(*wanted)) < 0)
            return false;
    return true;
}

/* The questions of candidates whose rules may act on the file at all. */
static void choose_questions(Sifting *sifting, const Engine *engine, const Source *source,
                             const bool *candidates) {
    Sieve *sieve = sifting->sieve;
    ptrdiff_t n;
    const Entry *entries = registry_entries(sieve->registry, &n);
    const Project *project = project_of(engine->projects, source->path);
    uint8_t *known = new (sifting->arena, uint8_t, sieve->n_words);
    for (ptrdiff_t i = 0; i < sieve->n; i++) {
        Question *question = &sieve->questions[i];
        const Probe *probe = question->probe;
        RuleLimits limits = {probe->tier, str_from(probe->library), str_from(probe->since),
                             str_from(probe->removed)};
        if (candidates[question->entry] &&
            run_permits(engine, project, source, &entries[question->entry], &limits, NULL, NULL) &&
            may_meet_needs(sifting, question, known) && holds_texts(sifting->text, probe) &&
            (!probe->met || is_met(sieve, question, sifting->text)))
            sifting->asked[sifting->n++] = question;
    }
}

/* Leaves the questions whose needs are met; those that ask nothing more are answered. */
static void drop_unmet(Sifting *sifting, const Said *said) {
    ptrdiff_t kept = 0;
    for (ptrdiff_t i = 0; i < sifting->n; i++) {
        Question *question = sifting->asked[i];
        if (!needs_are_met(said, question))
            continue;
        if (question->probe->kind == PROBE_ANYTHING || question->probe->kind == PROBE_SYMBOL)
            sifting->found[question->entry] = true;
        else
            sifting->asked[kept++] = question;
    }
    sifting->n = kept;
}

/* False when the lines do not tell. */
static bool sift(Sifting *sifting, Parser *parser) {
    Buf lines = {.arena = sifting->arena};
    Said *said = new (sifting->arena, Said, 1);
    said_open(said, sifting);
    if (!cut_lines(sifting, said, &lines))
        return false;
    drop_unmet(sifting, said);
    if (!lines.n || !sifting->n)
        return true;
    sifting->tree = syntax_parse(parser, sifting->arena, GRAMMAR_PYTHON, buf_str(&lines));
    if (!sifting->tree || sifting->tree->rows[1].has_error)
        return false;
    ask_lines(sifting);
    return true;
}

bool sieve_pass(const Engine *engine, Sieve *sieve, Parser *parser, Arena *arena,
                const Source *source, bool *candidates) {
    ptrdiff_t n;
    registry_entries(sieve->registry, &n);
    Sifting sifting = {.sieve = sieve,
                       .arena = arena,
                       .text = source->parse_text,
                       .asked = new (arena, Question *, sieve->n),
                       .found = new (arena, bool, n)};
    choose_questions(&sifting, engine, source, candidates);
    if (sifting.n && !sift(&sifting, parser))
        return true;
    bool any = false;
    for (ptrdiff_t i = 0; i < n; i++)
        any |= candidates[i] = candidates[i] && sifting.found[i];
    return any;
}

/* A text goes the way of tokenizers' `encode`: added tokens that are not normalized are cut out of
 * it, what is between them is normalized, added tokens that are normalized are cut out of that, the
 * rest is split and given to the model, piece by piece; then the special tokens are put around.
 * (tokenizers/src/tokenizer/added_vocabulary.rs, extract_and_normalize.) */
#include "check/tokenizer.h"

#include <string.h>

#include "check/tokenizer_private.h"
#include "check/unicode.h"
#include "checkpoint/file.h"

#define CONFIG S("tokenizer_config.json")

/* ---- added tokens ---- */

static const AddedToken *added_find(const Tokenizer *t, Str content) {
    int32_t at = vocab_find(&t->added_index, content);
    return at < 0 ? NULL : &t->added.v[at];
}

/* A token that is in the vocabulary keeps its id; another one gets the next that is free. */
static void added_push(Tokenizer *t, AddedToken token) {
    if (!token.content.n || added_find(t, token.content))
        return;
    int32_t size = (int32_t)t->vocab.n;
    token.id = vocab_find(&t->vocab, token.content);
    if (token.id < 0)
        token.id = t->largest_added >= size ? t->largest_added + 1 : size;
    t->largest_added = token.id > t->largest_added ? token.id : t->largest_added;
    bool first = true;
    token.text = token.normalized ? normalize(t, t->arena, token.content, &first) : token.content;
    vocab_add(&t->added_index, token.content, (int32_t)t->added.n);
    *list_push(t->arena, &t->added) = token;
}

static AddedToken read_token(const Json *from, bool special) {
    if (json_kind(from) == JSON_STRING)
        return (AddedToken){.content = json_str(from), .special = special, .normalized = !special};
    bool is_special = json_bool(json_get(from, "special"), special);
    return (AddedToken){
        .content = json_str(json_get(from, "content")),
        .single_word = json_true(json_get(from, "single_word")),
        .lstrip = json_true(json_get(from, "lstrip")),
        .rstrip = json_true(json_get(from, "rstrip")),
        .normalized = json_bool(json_get(from, "normalized"), !is_special),
        .special = is_special,
    };
}

static void read_added(Tokenizer *t, const Json *file, const Json *config) {
    enum { NAMED = 16 }; /* tokens that are neither in the one list nor in the other */
    vocab_init(t->arena, &t->added_index,
               json_count(json_get(file, "added_tokens")) +
                   json_count(json_get(config, "added_tokens_decoder")) + NAMED);
    t->largest_added = -1;
    int told = 0;
    for (JsonIter it = json_iter(json_get(file, "added_tokens")); json_next(&it);) {
        AddedToken token = read_token(it.value, false);
        ptrdiff_t before = t->added.n;
        int64_t id = -1;
        added_push(t, token);
        json_int(json_get(it.value, "id"), &id);
        if (t->added.n > before && t->added.v[before].id != id && !told++) /* the first says it */
            warn(t->reasons, TOKENIZER, token.content,
                 "the added token has id %lld in the file but gets %d", (long long)id,
                 t->added.v[before].id);
    }
    for (JsonIter it = json_iter(json_get(config, "added_tokens_decoder")); json_next(&it);)
        added_push(t, read_token(it.value, false));
    static const char *const names[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                        "pad_token", "cls_token", "mask_token"};
    for (ptrdiff_t i = 0; i < COUNT(names); i++)
        added_push(t, read_token(json_get(config, names[i]), true));
    Str by_class[] = {t->named.bos, t->named.eos, t->named.unk, t->named.pad};
    for (ptrdiff_t i = 0; i < COUNT(by_class); i++)
        added_push(t, (AddedToken){.content = by_class[i], .special = true});
}

/* ---- the post-processor ---- */

static void ids_push(Arena *arena, Ids *ids, int32_t id) {
    *list_push(arena, ids) = id;
}

static void around(Tokenizer *t, const Json *token, Ids *list) {
    int64_t id;
    JsonIter it = json_iter(token); /* ["</s>", 2] */
    if (json_next(&it) && json_next(&it) && json_int(it.value, &id))
        ids_push(t->arena, list, (int32_t)id);
}

enum { MOST_AROUND = 64 }; /* tokens that a template puts around a text */

static bool read_template(Tokenizer *t, const Json *from) {
    Ids before = {0}, after = {0};
    bool behind = false;
    if (json_count(json_get(from, "single")) > MOST_AROUND)
        return reason_uncovered(t->reasons, TOKENIZER, S("post_processor"),
                                "a template of more than %d parts is not covered by this check",
                                MOST_AROUND);
    for (JsonIter it = json_iter(json_get(from, "single")); json_next(&it);) {
        if (json_get(it.value, "Sequence")) {
            behind = true;
            continue;
        }
        Str name = json_str(json_get(json_get(it.value, "SpecialToken"), "id"));
        const Json *ids =
            json_get(json_get(json_get(from, "special_tokens"), str_c(t->arena, name)), "ids");
        if (json_count(ids) == 0)
            return reject(t->reasons, TOKENIZER, S("post_processor"),
                          "the template's token %.*s has no id", STR_ARG(name));
        int64_t id;
        for (JsonIter each = json_iter(ids); json_next(&each);)
            if (json_int(each.value, &id))
                ids_push(t->arena, behind ? &after : &before, (int32_t)id);
    }
    for (ptrdiff_t i = 0; i < t->before.n; i++)
        ids_push(t->arena, &before, t->before.v[i]);
    t->before = before;
    for (ptrdiff_t i = 0; i < after.n; i++)
        ids_push(t->arena, &t->after, after.v[i]);
    return true;
}

static bool read_post_processor(Tokenizer *t, const Json *from) {
    Str type = json_str(json_get(from, "type"));
    if (json_kind(from) <= JSON_NULL || str_eq(type, S("ByteLevel")))
        return true;
    if (str_eq(type, S("TemplateProcessing")))
        return read_template(t, from);
    if (str_eq(type, S("RobertaProcessing")) || str_eq(type, S("BertProcessing"))) {
        around(t, json_get(from, "cls"), &t->before);
        around(t, json_get(from, "sep"), &t->after);
        return true;
    }
    if (!str_eq(type, S("Sequence")))
        return reason_uncovered(t->reasons, TOKENIZER, S("post_processor"),
                                "post-processor %.*s is not covered by this check", STR_ARG(type));
    for (JsonIter it = json_iter(json_get(from, "processors")); json_next(&it);)
        if (!read_post_processor(t, it.value))
            return false;
    return true;
}

/* ---- opening ---- */

static int32_t id_of(const Tokenizer *t, Str name) {
    const AddedToken *added = name.n ? added_find(t, name) : NULL;
    return added ? added->id : name.n ? vocab_find(&t->vocab, name) : -1;
}

static void count_tokens(Tokenizer *t) {
    TokenizerFacts *facts = &t->facts;
    facts->tokens = t->vocab.n;
    facts->largest_id = t->vocab.largest_id;
    for (ptrdiff_t i = 0; i < t->added.n; i++) {
        facts->tokens += vocab_find(&t->vocab, t->added.v[i].content) < 0;
        if (t->added.v[i].id > facts->largest_id)
            facts->largest_id = t->added.v[i].id;
    }
    facts->pad_id = id_of(t, t->named.pad);
    facts->eos_id = id_of(t, t->named.eos);
    facts->bos_id = id_of(t, t->named.bos);
    facts->pads_left = t->pads_left;
}

static bool in_file(const Json *file, Str content) {
    for (JsonIter it = json_iter(json_get(file, "added_tokens")); json_next(&it);)
        if (json_is(json_get(it.value, "content"), content))
            return true;
    return false;
}

static JsonDoc *read_json(Tokenizer *t, Str folder, Str name, int depth, FileStatus *status) {
    Str text;
    *status = file_read(t->arena, folder, name, &text, t->reasons);
    JsonDoc *doc = *status == FILE_OK ? json_parse(t->arena, text, depth, name, t->reasons) : NULL;
    if (*status == FILE_OK && !doc)
        *status = FILE_BAD;
    return doc;
}

bool tokenizer_open(Arena *arena, Str folder, Str model_type, Tokenizer **out, Reasons *reasons) {
    Tokenizer *t = *out = new (arena, Tokenizer, 1);
    t->arena = arena;
    t->reasons = reasons;
    t->unk_id = t->facts.pad_id = t->facts.eos_id = t->facts.bos_id = -1;
    FileStatus status, config_status;
    t->doc = read_json(t, folder, TOKENIZER, JSON_DEPTH_RUST, &status);
    t->config_doc = read_json(t, folder, CONFIG, JSON_DEPTH_PYTHON, &config_status);
    if (status == FILE_MISSING)
        return reason_uncovered(reasons, TOKENIZER, (Str){0},
                                "no tokenizer.json: only that format is read");
    if (status != FILE_OK || config_status == FILE_BAD || config_status == FILE_OUTSIDE)
        return false;
    const Json *file = json_root(t->doc), *config = json_root(t->config_doc);
    if (!model_read(t, json_get(file, "model")) ||
        !normalizers_read(t, json_get(file, "normalizer")) ||
        !splitters_read(t, json_get(file, "pre_tokenizer")) ||
        !read_post_processor(t, json_get(file, "post_processor")) ||
        !class_apply(t, config, file, model_type))
        return false;
    read_added(t, file, config);
    count_tokens(t);
    if (t->named.pad.n && vocab_find(&t->vocab, t->named.pad) < 0 && !in_file(file, t->named.pad)) {
        t->facts.pad_added = true;
        warn(reasons, CONFIG, S("pad_token"),
             "pad_token names a token the vocabulary lacks: %.*s (transformers adds it with the "
             "new id %d)",
             STR_ARG(t->named.pad), t->facts.pad_id);
    }
    t->facts.says_right = json_is(json_get(config, "padding_side"), S("right"));
    return true;
}

void tokenizer_close(Tokenizer *tokenizer) {
    if (!tokenizer)
        return;
    for (ptrdiff_t i = 0; i < tokenizer->regexes.n; i++)
        regex_close(tokenizer->regexes.v[i]);
    json_close(tokenizer->doc);
    json_close(tokenizer->config_doc);
}

int32_t tokenizer_token(const Tokenizer *tokenizer, Str content) {
    return id_of(tokenizer, content);
}

TokenizerFacts tokenizer_facts(const Tokenizer *tokenizer) {
    return tokenizer->facts;
}

/* ---- encoding ---- */

/* The longest added token that begins at `at`. */
static const AddedToken *token_at(const Tokenizer *t, Str text, ptrdiff_t at, bool normalized) {
    const AddedToken *found = NULL;
    Str rest = str_slice(text, at, text.n);
    for (ptrdiff_t i = 0; i < t->added.n; i++) {
        const AddedToken *token = &t->added.v[i];
        if (token->normalized == normalized && token->text.n > (found ? found->text.n : 0) &&
            str_starts(rest, token->text))
            found = token;
    }
    return found;
}

static bool word_before(Str text, ptrdiff_t at) {
    ptrdiff_t start = at;
    while (start > 0 && ((unsigned char)text.p[--start] & 0xC0) == 0x80) {
    }
    return at > 0 && unicode_is_word(utf8_next(text, &start));
}

static bool word_behind(Str text, ptrdiff_t at) {
    return at < text.n && unicode_is_word(utf8_next(text, &at));
}

static ptrdiff_t spaces_before(Str text, ptrdiff_t from, ptrdiff_t at) {
    while (at > from) {
        ptrdiff_t start = at;
        while (start > from && ((unsigned char)text.p[--start] & 0xC0) == 0x80) {
        }
        ptrdiff_t next = start;
        if (!unicode_is_space(utf8_next(text, &next)))
            break;
        at = start;
    }
    return at;
}

static ptrdiff_t spaces_behind(Str text, ptrdiff_t at) {
    for (ptrdiff_t next = at; next < text.n && unicode_is_space(utf8_next(text, &next));)
        at = next;
    return at;
}

static void push_text(Arena *arena, Pieces *out, Piece from, ptrdiff_t start, ptrdiff_t end) {
    if (end > start)
        *list_push(arena, out) =
            (Piece){str_slice(from.text, start, end), -1, from.first && start == 0};
}

/* Cuts the added tokens out of a piece of text. */
static void extract(const Tokenizer *t, Arena *arena, Piece piece, bool normalized, Pieces *out) {
    ptrdiff_t from = 0; /* text up to here is in `out` */
    for (ptrdiff_t at = 0; at < piece.text.n;) {
        const AddedToken *token = token_at(t, piece.text, at, normalized);
        if (!token) {
            at++;
            continue;
        }
        ptrdiff_t start = at, end = at + token->text.n;
        at = end;
        if (token->single_word && (word_before(piece.text, start) || word_behind(piece.text, end)))
            continue;
        if (token->lstrip)
            start = spaces_before(piece.text, from, start);
        if (token->rstrip)
            end = spaces_behind(piece.text, end);
        push_text(arena, out, piece, from, start);
        *list_push(arena, out) = (Piece){{0}, token->id, false};
        from = end;
        at = at > end ? at : end;
    }
    push_text(arena, out, piece, from, piece.text.n);
}

bool tokenizer_encode(Tokenizer *t, Arena *arena, Str text, Ids *out) {
    Pieces raw = {0}, pieces = {0};
    extract(t, arena, (Piece){text, -1, true}, false, &raw);
    for (ptrdiff_t i = 0; i < raw.n; i++) {
        Piece piece = raw.v[i];
        if (piece.id >= 0) {
            *list_push(arena, &pieces) = piece;
            continue;
        }
        piece.text = normalize(t, arena, piece.text, &piece.first);
        extract(t, arena, piece, true, &pieces);
    }
    split_pieces(t, arena, &pieces);
    *out = (Ids){0};
    for (ptrdiff_t i = 0; i < t->before.n; i++)
        ids_push(arena, out, t->before.v[i]);
    for (ptrdiff_t i = 0; i < pieces.n; i++) {
        if (pieces.v[i].id >= 0)
            ids_push(arena, out, pieces.v[i].id);
        else
            model_encode(t, arena, pieces.v[i].text, out);
    }
    for (ptrdiff_t i = 0; i < t->after.n; i++)
        ids_push(arena, out, t->after.v[i]);
    for (ptrdiff_t i = 0; i < t->regexes.n; i++)
        if (regex_gave_up(t->regexes.v[i]))
            return reject(t->reasons, TOKENIZER, S("pre_tokenizer"),
                          "a regular expression takes too many steps");
    return true;
}

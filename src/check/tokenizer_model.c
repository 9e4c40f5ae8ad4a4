/* The models of tokenizer.json: a piece of text to ids by BPE, Unigram, WordPiece or a plain
 * list. */
#include <math.h>
#include <string.h>

#include "check/tokenizer_private.h"
#include "check/unicode.h"

/* ---- reading ---- */

static bool read_vocab(Tokenizer *t, const Json *vocab) {
    if (json_kind(vocab) != JSON_OBJECT)
        return reject(t->reasons, TOKENIZER, S("model.vocab"),
                      "the vocabulary is no object of tokens and ids");
    vocab_init(t->arena, &t->vocab, json_count(vocab));
    for (JsonIter it = json_iter(vocab); json_next(&it);) {
        int64_t id;
        if (!json_int(it.value, &id) || id < 0 || id > INT32_MAX / 2)
            return reject(t->reasons, TOKENIZER, it.key,
                          "a token's id is no number of a possible size");
        vocab_add(&t->vocab, it.key, (int32_t)id);
    }
    return true;
}

static bool bad_merge(Tokenizer *t, ptrdiff_t number, const char *what, Str text) {
    return reject(t->reasons, TOKENIZER, str_format(t->arena, "model.merges[%td]", number),
                  "a merge %s: %.*s", what, STR_ARG(text));
}

static bool merge_parts(Tokenizer *t, const Json *entry, Str part[2], ptrdiff_t number) {
    Str text = json_str(entry);
    if (json_kind(entry) == JSON_STRING) { /* "a b", before tokenizers 0.20 */
        if (!str_cut(text, ' ', &part[0], &part[1]))
            return bad_merge(t, number, "with one part is not two tokens", text);
        return str_find_byte(part[1], ' ') < 0 ||
               bad_merge(t, number, "with three parts is not two tokens", text);
    }
    if (json_kind(entry) != JSON_ARRAY || json_count(entry) != 2)
        return bad_merge(t, number, "of other than two parts is not two tokens", S("…"));
    int i = 0;
    for (JsonIter it = json_iter(entry); json_next(&it); i++) {
        part[i] = json_str(it.value);
        if (json_kind(it.value) != JSON_STRING)
            return bad_merge(t, number, "has a part that is no string", S("…"));
    }
    return true;
}

static bool read_merges(Tokenizer *t, const Json *merges) {
    ptrdiff_t number = 0;
    Buf joined = {.arena = t->arena};
    merges_init(t->arena, &t->merges, json_count(merges));
    for (JsonIter it = json_iter(merges); json_next(&it); number++) {
        Str part[2];
        if (!merge_parts(t, it.value, part, number))
            return false;
        joined.n = 0;
        buf_add(&joined, part[0]);
        buf_add(&joined,
                str_slice(part[1], str_starts(part[1], t->word_prefix) ? t->word_prefix.n : 0,
                          part[1].n));
        int32_t left = vocab_find(&t->vocab, part[0]), right = vocab_find(&t->vocab, part[1]);
        int32_t both = vocab_find(&t->vocab, buf_str(&joined));
        if (left < 0 || right < 0 || both < 0)
            return bad_merge(t, number, "names a token that is not in vocab",
                             left < 0    ? part[0]
                             : right < 0 ? part[1]
                                         : buf_str(&joined));
        merges_add(&t->merges, left, right, (int32_t)number, both);
    }
    return true;
}

static bool read_unigram(Tokenizer *t, const Json *from) {
    const Json *vocab = json_get(from, "vocab");
    if (json_kind(vocab) != JSON_ARRAY || json_count(vocab) == 0)
        return reject(t->reasons, TOKENIZER, S("model.vocab"),
                      "the vocabulary is no list of tokens and scores");
    vocab_init(t->arena, &t->vocab, json_count(vocab));
    t->scores = new (t->arena, double, json_count(vocab));
    int32_t id = 0;
    double lowest = INFINITY;
    for (JsonIter it = json_iter(vocab); json_next(&it); id++) {
        JsonIter entry = json_iter(it.value);
        if (json_count(it.value) != 2 || !json_next(&entry) ||
            json_kind(entry.value) != JSON_STRING)
            return reject(t->reasons, TOKENIZER, str_format(t->arena, "model.vocab[%d]", id),
                          "no pair of token and score");
        Str text = json_str(entry.value);
        json_next(&entry);
        t->scores[id] = json_number(entry.value, NAN);
        if (!isfinite(t->scores[id]))
            return reject(t->reasons, TOKENIZER, text, "its score is no number");
        lowest = fmin(lowest, t->scores[id]);
        vocab_add(&t->vocab, text, id);
    }
    t->unk_score = lowest - 10; /* sentencepiece's kUnkPenalty */
    int64_t unk;
    t->unk_id =
        json_int(json_get(from, "unk_id"), &unk) && unk >= 0 && unk < id ? (int32_t)unk : -1;
    return true;
}

static bool known_model(Tokenizer *t, const Json *from) {
    static const char *const names[] = {[MODEL_BPE] = "BPE",
                                        [MODEL_UNIGRAM] = "Unigram",
                                        [MODEL_WORDPIECE] = "WordPiece",
                                        [MODEL_WORDLEVEL] = "WordLevel"};
    Str type = json_str(json_get(from, "type"));
    for (int i = 0; i < COUNT(names); i++)
        if (str_eq(type, str_from(names[i]))) {
            t->model = (ModelKind)i;
            return true;
        }
    if (type.n || json_kind(from) != JSON_OBJECT)
        return reject(t->reasons, TOKENIZER, S("model.type"),
                      "model.type %.*s is none of BPE, Unigram, WordPiece, WordLevel",
                      STR_ARG(type));
    t->model = json_get(from, "merges")                           ? MODEL_BPE
               : json_kind(json_get(from, "vocab")) == JSON_ARRAY ? MODEL_UNIGRAM
                                                                  : MODEL_WORDPIECE;
    return true;
}

bool model_read(Tokenizer *t, const Json *from) {
    if (!known_model(t, from))
        return false;
    t->fuse_unk = json_true(json_get(from, "fuse_unk"));
    t->byte_fallback = json_true(json_get(from, "byte_fallback"));
    t->ignore_merges = json_true(json_get(from, "ignore_merges"));
    t->word_prefix = json_str(json_get(from, "continuing_subword_prefix"));
    t->word_suffix = json_str(json_get(from, "end_of_word_suffix"));
    int64_t longest = 100;
    json_int(json_get(from, "max_input_chars_per_word"), &longest);
    t->longest_word = (ptrdiff_t)longest;
    if (t->model == MODEL_UNIGRAM)
        return read_unigram(t, from);
    if (!read_vocab(t, json_get(from, "vocab")))
        return false;
    if (t->model == MODEL_WORDPIECE && !json_get(from, "continuing_subword_prefix"))
        t->word_prefix = S("##");
    Str unk = json_str(json_get(from, "unk_token"));
    t->unk_id = unk.n ? vocab_find(&t->vocab, unk) : -1;
    return t->model != MODEL_BPE || read_merges(t, json_get(from, "merges"));
}

/* ---- BPE ---- */

static void ids_add(Arena *arena, Ids *ids, int32_t id) {
    *list_push(arena, ids) = id;
}

/* The tokens of a character's bytes, all or none. */
static bool add_bytes(const Tokenizer *t, Arena *arena, Str text, Ids *out) {
    ptrdiff_t before = out->n;
    for (ptrdiff_t i = 0; i < text.n; i++) {
        unsigned char byte = (unsigned char)text.p[i];
        char name[8] = "<0x00>";
        name[3] = "0123456789ABCDEF"[byte >> 4];
        name[4] = "0123456789ABCDEF"[byte & 15];
        int32_t id = vocab_find(&t->vocab, (Str){name, 6});
        if (id < 0) {
            out->n = before;
            return false;
        }
        ids_add(arena, out, id);
    }
    return true;
}

/* The piece as ids of single characters. */
static void bpe_characters(const Tokenizer *t, Arena *arena, Str piece, Ids *out) {
    bool unknown = false; /* an unk waits to be written: those behind it may join it */
    for (ptrdiff_t at = 0; at < piece.n;) {
        ptrdiff_t start = at;
        utf8_next(piece, &at);
        Str c = str_slice(piece, start, at), marked = c;
        if (start > 0 && t->word_prefix.n)
            marked = text_join(arena, t->word_prefix, c);
        if (at == piece.n && t->word_suffix.n)
            marked = text_join(arena, marked, t->word_suffix);
        int32_t id = vocab_find(&t->vocab, marked);
        if (id < 0 && t->byte_fallback && add_bytes(t, arena, marked, out))
            continue; /* as in tokenizers, without writing an unk that waits */
        if (id < 0) {
            if (unknown && !t->fuse_unk)
                ids_add(arena, out, t->unk_id);
            unknown = t->unk_id >= 0;
            continue;
        }
        if (unknown)
            ids_add(arena, out, t->unk_id);
        unknown = false;
        ids_add(arena, out, id);
    }
    if (unknown)
        ids_add(arena, out, t->unk_id);
}

/* A heap of merges that can be done, the lowest rank first, then the leftmost. A node whose pair
 * has changed since it was put in is passed over. */
typedef struct Node {
    int32_t rank, at, id;
} Node;
typedef List(Node) Heap;

static bool sooner(Node a, Node b) {
    return a.rank != b.rank ? a.rank < b.rank : a.at < b.at;
}

static void heap_push(Arena *arena, Heap *heap, Node node) {
    *list_push(arena, heap) = node;
    for (ptrdiff_t i = heap->n - 1, up = (i - 1) / 2; i > 0 && sooner(node, heap->v[up]);
         i = up, up = (i - 1) / 2) {
        heap->v[i] = heap->v[up];
        heap->v[up] = node;
    }
}

static Node heap_pop(Heap *heap) {
    Node top = heap->v[0], last = heap->v[--heap->n];
    ptrdiff_t i = 0;
    for (ptrdiff_t down = 1; down < heap->n; down = 2 * i + 1) {
        down += down + 1 < heap->n && sooner(heap->v[down + 1], heap->v[down]);
        if (!sooner(heap->v[down], last))
            break;
        heap->v[i] = heap->v[down];
        i = down;
    }
    heap->v[i] = last;
    return top;
}

static void consider(const Tokenizer *t, Arena *arena, Heap *heap, const int32_t *ids, int32_t left,
                     int32_t right) {
    const Merge *merge =
        left >= 0 && right >= 0 ? merges_find(&t->merges, ids[left], ids[right]) : NULL;
    if (merge)
        heap_push(arena, heap, (Node){merge->rank, left, merge->id});
}

static void bpe_merge(const Tokenizer *t, Arena *arena, Ids *word) {
    int32_t n = (int32_t)word->n, *ids = word->v;
    int32_t *next = new (arena, int32_t, n), *previous = new (arena, int32_t, n);
    Heap heap = {0};
    for (int32_t i = 0; i < n; i++) {
        next[i] = i + 1 < n ? i + 1 : -1;
        previous[i] = i - 1;
    }
    for (int32_t i = 0; i + 1 < n; i++)
        consider(t, arena, &heap, ids, i, i + 1);
    while (heap.n > 0) {
        Node node = heap_pop(&heap);
        int32_t left = node.at, right = ids[left] >= 0 ? next[left] : -1;
        const Merge *merge = right >= 0 ? merges_find(&t->merges, ids[left], ids[right]) : NULL;
        if (!merge || merge->id != node.id)
            continue;
        ids[left] = merge->id;
        ids[right] = -1;
        next[left] = next[right];
        if (next[right] >= 0)
            previous[next[right]] = left;
        consider(t, arena, &heap, ids, previous[left], left);
        consider(t, arena, &heap, ids, left, next[left]);
    }
    ptrdiff_t kept = 0;
    for (int32_t i = 0; i < n; i++)
        if (ids[i] >= 0)
            ids[kept++] = ids[i];
    word->n = kept;
}

static void bpe_encode(const Tokenizer *t, Arena *arena, Str piece, Ids *out) {
    int32_t whole = t->ignore_merges ? vocab_find(&t->vocab, piece) : -1;
    Ids word = {0};
    if (whole >= 0) {
        ids_add(arena, out, whole);
        return;
    }
    bpe_characters(t, arena, piece, &word);
    bpe_merge(t, arena, &word);
    for (ptrdiff_t i = 0; i < word.n; i++)
        ids_add(arena, out, word.v[i]);
}

/* ---- unigram ---- */

typedef struct Best {
    double score;
    ptrdiff_t from; /* -1: not reached */
    int32_t id;
} Best;

static void unigram_encode(const Tokenizer *t, Arena *arena, Str piece, Ids *out) {
    Best *best = new (arena, Best, piece.n + 1);
    for (ptrdiff_t i = 1; i <= piece.n; i++)
        best[i].from = -1;
    for (ptrdiff_t at = 0, next = 0; at < piece.n; at = next) {
        utf8_next(piece, &next);
        bool single = false;
        for (ptrdiff_t end = at + 1; end <= piece.n && end - at <= t->vocab.longest; end++) {
            int32_t id = vocab_find(&t->vocab, str_slice(piece, at, end));
            if (id < 0)
                continue;
            double score = best[at].score + t->scores[id];
            if (best[end].from < 0 || score > best[end].score)
                best[end] = (Best){score, at, id};
            single |= end == next;
        }
        double unknown = best[at].score + t->unk_score;
        if (!single && (best[next].from < 0 || unknown > best[next].score))
            best[next] = (Best){unknown, at, t->unk_id};
    }
    /* Backwards; neighbours without a token are one. */
    List(Span) spans = {0};
    for (ptrdiff_t end = piece.n; end > 0;) {
        ptrdiff_t start = best[end].from;
        bool unknown = best[end].id == t->unk_id;
        while (unknown && start > 0 && best[start].id == t->unk_id)
            start = best[start].from;
        *list_push(arena, &spans) = (Span){(uint32_t)start, (uint32_t)end};
        end = start;
    }
    for (ptrdiff_t i = spans.n - 1; i >= 0; i--) {
        Str token = str_span(piece, spans.v[i]);
        int32_t id = vocab_find(&t->vocab, token);
        if (id >= 0)
            ids_add(arena, out, id);
        else if (!(t->byte_fallback && add_bytes(t, arena, token, out)) && t->unk_id >= 0)
            ids_add(arena, out, t->unk_id);
    }
}

/* ---- wordPiece, WordLevel ---- */

static void wordpiece_encode(const Tokenizer *t, Arena *arena, Str piece, Ids *out) {
    ptrdiff_t characters = 0, before = out->n;
    for (ptrdiff_t at = 0; at < piece.n; characters++)
        utf8_next(piece, &at);
    ptrdiff_t start = 0;
    while (characters <= t->longest_word && start < piece.n) {
        ptrdiff_t end = piece.n;
        int32_t id = -1;
        for (; end > start; end--) {
            if (end < piece.n && ((unsigned char)piece.p[end] & 0xC0) == 0x80)
                continue;
            Str part = str_slice(piece, start, end);
            if (start > 0)
                part = text_join(arena, t->word_prefix, part);
            id = vocab_find(&t->vocab, part);
            if (id >= 0)
                break;
        }
        if (id < 0)
            break;
        ids_add(arena, out, id);
        start = end;
    }
    if (start < piece.n) {
        out->n = before;
        if (t->unk_id >= 0)
            ids_add(arena, out, t->unk_id);
    }
}

void model_encode(const Tokenizer *t, Arena *arena, Str piece, Ids *out) {
    int32_t id;
    if (!piece.n)
        return;
    switch (t->model) {
    case MODEL_BPE:
        bpe_encode(t, arena, piece, out);
        break;
    case MODEL_UNIGRAM:
        unigram_encode(t, arena, piece, out);
        break;
    case MODEL_WORDPIECE:
        wordpiece_encode(t, arena, piece, out);
        break;
    case MODEL_WORDLEVEL:
        id = vocab_find(&t->vocab, piece);
        id = id >= 0 ? id : t->unk_id;
        if (id >= 0)
            ids_add(arena, out, id);
        break;
    }
}

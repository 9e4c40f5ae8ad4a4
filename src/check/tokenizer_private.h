/* How a tokenizer is held, for the files that make it and run it. */
#ifndef HFFIX_CHECK_TOKENIZER_PRIVATE_H
#define HFFIX_CHECK_TOKENIZER_PRIVATE_H

#include "check/regex.h"
#include "check/tokenizer.h"
#include "check/vocab.h"
#include "checkpoint/json.h"

#define TOKENIZER S("tokenizer.json")

/* A part of the text under way; with an id once it is an added token. */
typedef struct Piece {
    Str text;
    int32_t id; /* -1: still text */
    bool first; /* begins where the whole text begins */
} Piece;
typedef List(Piece) Pieces;

typedef enum NormalizerKind {
    NORMALIZE_PREPEND,
    NORMALIZE_REPLACE, /* a string, or a regex */
    NORMALIZE_FORM,
    NORMALIZE_NMT,
    NORMALIZE_STRIP,
    NORMALIZE_STRIP_ACCENTS,
    NORMALIZE_LOWERCASE,
    NORMALIZE_BERT,
    NORMALIZE_PRECOMPILED,
    NORMALIZE_BYTE_LEVEL
} NormalizerKind;

typedef struct Normalizer {
    NormalizerKind kind;
    int form;                        /* NormalForm */
    Str from, to;                    /* replace; prepend: `to` */
    Regex *regex;                    /* replace; NULL: `from` is a string */
    bool left, right;                /* strip */
    bool clean, cjk, accents, lower; /* bert */
    Str charsmap;                    /* precompiled: the blob */
} Normalizer;

typedef enum Behavior {
    SPLIT_ISOLATED,
    SPLIT_REMOVED,
    SPLIT_MERGED_WITH_PREVIOUS,
    SPLIT_MERGED_WITH_NEXT,
    SPLIT_CONTIGUOUS
} Behavior;

typedef enum SplitterKind {
    SPLITTER_BYTE_LEVEL,
    SPLITTER_METASPACE,
    SPLITTER_PATTERN,  /* a string, or a regex */
    SPLITTER_PREDICATE /* of characters */
} SplitterKind;

typedef struct Splitter {
    SplitterKind kind;
    Behavior behavior;
    bool invert;
    Str string;   /* pattern, or metaspace's replacement */
    Regex *regex; /* pattern, or byte level's own */
    bool add_prefix, split;
    enum { PREPEND_ALWAYS, PREPEND_FIRST, PREPEND_NEVER } prepend; /* metaspace */
    bool (*predicate)(int32_t character);
    int32_t character; /* what predicate NULL compares with */
} Splitter;

typedef enum ModelKind { MODEL_BPE, MODEL_UNIGRAM, MODEL_WORDPIECE, MODEL_WORDLEVEL } ModelKind;

typedef struct AddedToken {
    Str text;    /* as it is matched, normalized if need be */
    Str content; /* as it is written */
    int32_t id;
    bool single_word, lstrip, rstrip, normalized, special;
} AddedToken;

struct Tokenizer {
    Arena *arena;
    JsonDoc *doc, *config_doc;
    Reasons *reasons;
    List(Normalizer) normalizers;
    List(Splitter) splitters;
    List(Regex *) regexes;
    List(AddedToken) added;
    Vocab added_index; /* content to place in `added` */
    int32_t largest_added;
    ModelKind model;
    Vocab vocab;
    Merges merges;
    double *scores, unk_score; /* unigram; scores by id */
    int32_t unk_id;            /* -1: none */
    bool fuse_unk, byte_fallback, ignore_merges;
    Str word_prefix, word_suffix; /* BPE's and WordPiece's marks */
    ptrdiff_t longest_word;       /* characters, WordPiece */
    Ids before, after;            /* what the post-processor adds */
    struct {
        Str bos, eos, unk, pad; /* empty: none */
    } named;
    bool pads_left;
    TokenizerFacts facts;
};

bool normalizers_read(Tokenizer *t, const Json *from);
/* *first, that the text begins where the whole one does, turns false when its beginning goes. */
Str normalize(const Tokenizer *t, Arena *arena, Str text, bool *first);

bool splitters_read(Tokenizer *t, const Json *from);
void split_pieces(const Tokenizer *t, Arena *arena, Pieces *pieces);
Splitter *splitter_add(Tokenizer *t, SplitterKind kind);
Splitter *splitter_byte_level(Tokenizer *t, bool add_prefix,
                              bool use_regex); /* NULL: no memory for its pattern */
Str byte_level(Arena *arena, Str text);        /* every byte as one of GPT-2's 256 characters */

bool model_read(Tokenizer *t, const Json *from);
void model_encode(const Tokenizer *t, Arena *arena, Str piece, Ids *out);

/* What the tokenizer class that transformers picks for `model_type` changes in what was read. */
bool class_apply(Tokenizer *t, const Json *config, const Json *file, Str model_type);

/* A pattern {"String": …} or {"Regex": …}. */
bool pattern_read(Tokenizer *t, const Json *from, Str *string, Regex **regex);

#endif

/* The steps of a tokenizer, each with texts that it must leave alone; expected ids are those of
 * tokenizers 0.23.3 on the same file. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include "check/tokenizer.h"
#include "check/unicode.h"
#include "tests/unit.h"
#include "tests/unit_folder.h"

static Arena arena;
static Reasons reasons;

/* A tokenizer whose vocabulary is `vocab`; `rest` are further keys of tokenizer.json. */
static Tokenizer *tokenizer(const char *model, const char *rest) {
    Tokenizer *out;
    reasons = (Reasons){.arena = &arena};
    const char *between = *rest ? "," : "";
    Str text = str_format(&arena, "{\"model\":%s%s%s}", model, between, rest);
    folder_write("tokenizer.json", str_c(&arena, text));
    if (tokenizer_open(&arena, S("."), (Str){0}, &out, &reasons))
        return out;
    tokenizer_close(out);
    return NULL;
}

static Str ids(Tokenizer *t, Str text) {
    Buf out = {.arena = &arena};
    Ids list;
    CHECK(tokenizer_encode(t, &arena, text, &list));
    for (ptrdiff_t i = 0; i < list.n; i++)
        buf_format(&out, i ? " %d" : "%d", list.v[i]);
    return buf_str(&out);
}

static void encodes(const char *model, const char *rest, Str text, Str want) {
    Tokenizer *t = tokenizer(model, rest);
    CHECK(t != NULL);
    if (t)
        CHECK_STR(ids(t, text), want);
    tokenizer_close(t);
}

static void refuses(const char *model, const char *rest, const char *part) {
    Tokenizer *t = tokenizer(model, rest);
    CHECK(t == NULL);
    CHECK(reasons.list.n > 0 && str_find(reasons.list.v[0].text, str_from(part)) >= 0);
    tokenizer_close(t);
}

#define BPE(more)                                                                                  \
    "{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"c\":2,\"ab\":3,\"bc\":4,\"abc\":5,\"<u>\":6}," \
    "\"merges\":[\"b c\",[\"a\",\"b\"],\"a bc\"]" more "}"

static void test_bpe(void) {
    encodes(BPE(""), "", S("abc"), S("5")); /* bc first, then a + bc */
    encodes(BPE(""), "", S("abab"), S("3 3"));
    encodes(BPE(""), "", S("axb"), S("3")); /* no unk: x is lost, and its neighbours meet */
    encodes(BPE(",\"unk_token\":\"<u>\""), "", S("axyb"), S("0 6 6 1"));
    encodes(BPE(",\"unk_token\":\"<u>\",\"fuse_unk\":true"), "", S("axyb"), S("0 6 1"));
    encodes(BPE(""), "", S(""), S(""));
    encodes("{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"<0xC3>\":1,\"<0xA9>\":2},\"merges\":[],\"byte_"
            "fallback\":true}",
            "", S("a\xC3\xA9"), S("0 1 2"));
    const char *ignoring = "{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"ab\":2,\"aab\":3},"
                           "\"merges\":[\"a b\"],\"ignore_merges\":true}";
    encodes(ignoring, "", S("aab"), S("3")); /* no merge makes it, but it is a token */
    encodes(ignoring, "", S("baab"), S("1 0 2"));
    refuses(BPE(""), "\"pre_tokenizer\":{\"type\":\"Odd\"}", "not covered");
    refuses("{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a b\"]}", "", "not in vocab: b");
    refuses("{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a b c\"]}", "", "three parts");
    refuses("{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[[\"a\"]]}", "", "not two tokens");
    refuses("{\"type\":\"BPE\",\"vocab\":{\"a\":-1},\"merges\":[]}", "", "possible size");
    refuses("{\"type\":\"BPE\",\"vocab\":[],\"merges\":[]}", "", "no object");
    refuses("{\"type\":\"Zeta\",\"vocab\":{}}", "", "model.type Zeta");
}

#define UNIGRAM                                                                                   \
    "{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"<unk>\",0],[\"a\",-1],[\"b\",-1],[\"ab\",-" \
    "1.5],[\"aba\",-5]]}"

static void test_unigram(void) {
    encodes(UNIGRAM, "", S("ab"), S("3"));
    encodes(UNIGRAM, "", S("aba"), S("3 1"));    /* -2.5 beats -5 */
    encodes(UNIGRAM, "", S("axyb"), S("1 0 2")); /* neighbours without a token are one unk */
    refuses("{\"type\":\"Unigram\",\"vocab\":[[\"a\",\"b\"]]}", "", "score is no number");
    refuses("{\"type\":\"Unigram\",\"vocab\":[[\"a\"]]}", "", "pair");
}

static void test_wordpiece(void) {
    const char *words = "{\"type\":\"WordPiece\",\"unk_token\":\"[U]\",\"max_input_chars_per_"
                        "word\":6,\"vocab\":{\"[U]\":0,\"un\":1,\"##aff\":2,\"##able\":3,\"u\":4}}";
    encodes(words, "", S("unable"), S("1 3"));
    encodes(words, "", S("unaffable"), S("0")); /* too long */
    encodes(words, "", S("unx"), S("0"));       /* not to be finished: one unk for all of it */
}

#define LETTERS                                                                                 \
    "{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\" "                                          \
    "\":2,\"\\u2581\":3,\"1\":4,\",\":5,\"aa\":6,\"\\u2581a\":7,\"\\u0120\":8,\"\\u0120a\":9}," \
    "\"merges\":[\"a a\",\"\\u2581 a\",\"\\u0120 a\"]}"

static void test_splitting(void) {
    encodes(LETTERS, "", S("aa"), S("6"));
    encodes(LETTERS,
            "\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"String\":\" "
            "\"},\"behavior\":\"Removed\"}",
            S("a a"), S("0 0"));
    encodes(LETTERS,
            "\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a\"},\"behavior\":"
            "\"Isolated\"}",
            S("aab"), S("0 0 1"));
    encodes(LETTERS,
            "\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a\"},\"behavior\":"
            "\"Contiguous\"}",
            S("aab"), S("6 1"));
    encodes(LETTERS,
            "\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a\"},\"behavior\":"
            "\"Removed\",\"invert\":true}",
            S("aba"), S("0 0"));
    encodes(LETTERS,
            "\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"\\u2581\",\"prepend_"
            "scheme\":\"always\",\"split\":true}",
            S("a a"), S("7 7"));
    encodes(LETTERS,
            "\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"\\u2581\",\"prepend_"
            "scheme\":\"never\",\"split\":true}",
            S("a a"), S("0 7"));
    encodes(LETTERS,
            "\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"\\u2581\",\"prepend_"
            "scheme\":\"first\"}",
            S(" a"), S("7"));
    encodes(LETTERS, "\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":true}",
            S("a a"), S("9 9"));
    encodes(LETTERS, "\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false}",
            S("a a"), S("0 9"));
    encodes(LETTERS, "\"pre_tokenizer\":{\"type\":\"Punctuation\"}", S("aa,a"), S("6 5 0"));
    refuses(LETTERS,
            "\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(\"},\"behavior\":"
            "\"Removed\"}",
            "regular expression");
    refuses(LETTERS,
            "\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{},\"behavior\":\"Removed\"}",
            "String or a Regex");
}

static void test_normalizing(void) {
    encodes(LETTERS, "\"normalizer\":{\"type\":\"Lowercase\"}", S("AA"), S("6"));
    encodes(LETTERS, "\"normalizer\":{\"type\":\"Prepend\",\"prepend\":\"\\u2581\"}", S("a"),
            S("7"));
    encodes(LETTERS, "\"normalizer\":{\"type\":\"Prepend\",\"prepend\":\"\\u2581\"}", S(""), S(""));
    encodes(
        LETTERS,
        "\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\"bb\"},\"content\":\"a\"}",
        S("bbb"), S("0 1"));
    encodes(
        LETTERS,
        "\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\" {2,}\"},\"content\":\" \"}",
        S("a   b b"), S("0 2 1 2 1"));
    encodes(LETTERS, "\"normalizer\":{\"type\":\"NFKC\"}", S("\xEF\xBD\x81\xEF\xBD\x81"),
            S("6")); /* fullwidth */
    encodes(LETTERS, "\"normalizer\":{\"type\":\"Strip\"}", S("  a b  "), S("0 2 1"));
    encodes(LETTERS,
            "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFD\"},{\"type\":"
            "\"StripAccents\"}]}",
            S("\xC3\xA1"), S("0"));
    encodes(LETTERS, "\"normalizer\":{\"type\":\"BertNormalizer\"}", S("\xC3\x81\ta"), S("0 2 0"));
    refuses(LETTERS, "\"normalizer\":{\"type\":\"Odd\"}", "not covered");
    refuses(LETTERS,
            "\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"/////w==\"}",
            "longer than the charsmap");
}

#define ADDED(more) "\"added_tokens\":[{\"id\":10,\"content\":\"<x>\",\"special\":true" more "}]"

static void test_added(void) {
    encodes(LETTERS, ADDED(""), S("a<x>a"), S("0 10 0"));
    encodes(LETTERS, ADDED(",\"lstrip\":true,\"rstrip\":true"), S("a  <x> a"), S("0 10 0"));
    encodes(LETTERS, ADDED(",\"single_word\":true"), S("a<x>"), S("0"));
    encodes(LETTERS, ADDED(",\"single_word\":true"), S("a <x>"), S("0 2 10"));
    encodes(LETTERS, ADDED(",\"normalized\":true") ",\"normalizer\":{\"type\":\"Lowercase\"}",
            S("<X>"), S("10"));
    encodes(LETTERS, ADDED(",\"normalized\":false") ",\"normalizer\":{\"type\":\"Lowercase\"}",
            S("<X>a"), S("0"));
    /* text behind a token is not the beginning of the text */
    encodes(LETTERS,
            ADDED("") ",\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"\\u2581\","
                      "\"prepend_scheme\":\"first\"}",
            S("a<x>a"), S("7 10 0"));
    encodes(LETTERS,
            ADDED("") ",\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{"
                      "\"SpecialToken\":{\"id\":\"<x>\"}},{\"Sequence\":{\"id\":\"A\"}}],\"special_"
                      "tokens\":{\"<x>\":{\"ids\":[10]}}}",
            S("a"), S("10 0"));
    refuses(LETTERS,
            ADDED("") ",\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{"
                      "\"SpecialToken\":{\"id\":\"<y>\"}}],\"special_tokens\":{}}",
            "has no id");
}

static void test_hostile(void) {
    folder_write("tokenizer.json", "{\"model\":");
    Tokenizer *t;
    reasons = (Reasons){.arena = &arena};
    CHECK(!tokenizer_open(&arena, S("."), (Str){0}, &t, &reasons) && reasons.rejects == 1);
    tokenizer_close(t);
    t = tokenizer(LETTERS, "\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(a+a+)+"
                           "[bc]\"},\"behavior\":\"Removed\"}");
    CHECK(t != NULL);
    char many[4000];
    memset(many, 'a', sizeof many);
    Ids list;
    CHECK(!tokenizer_encode(t, &arena, (Str){many, sizeof many},
                            &list)); /* given up, not waited for */
    tokenizer_close(t);
}

/* Ends of clusters after UAX 29. */
static void test_clusters(void) {
    CHECK_INT(unicode_grapheme(S("e\xcc\x81x"), 0), 3);
    CHECK_INT(unicode_grapheme(S("\xe2\x80\x8b\xcc\x81"), 0), 3); /* zero width space */
    CHECK_INT(unicode_grapheme(S("a\xef\xbb\xbf"), 0), 1);        /* byte order mark */
    CHECK_INT(unicode_grapheme(S("a\xe2\x80\x8d"), 0), 4);        /* zero width joiner */
    CHECK_INT(unicode_grapheme(S("\r\na"), 0), 2);
}

static void test_all(void) {
    folder_open();
    test_bpe();
    test_unigram();
    test_wordpiece();
    test_splitting();
    test_clusters();
    test_normalizing();
    test_added();
    test_hostile();
    folder_close();
    arena_close(&arena);
}

UNIT_MAIN(test_all)

/* What lies on disk beside a model: every rule of safetensors, the limits of JSON, and names that
 * try to leave the folder. Each bad file is one change away from a good one that is accepted. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include "cache/hub.h"
#include "checkpoint/config.h"
#include "checkpoint/tensors.h"
#include "tests/unit.h"
#include "tests/unit_folder.h"

static Arena arena;

static void write_file(const char *name, const void *bytes, size_t n) {
    FILE *file = fopen(name, "wb");
    CHECK(file && fwrite(bytes, 1, n, file) == n);
    if (file)
        fclose(file);
}

/* A safetensors file with this header, `data` bytes behind it, and a length that may lie. */
static void write_tensors(const char *name, const char *header, size_t data, uint64_t length) {
    unsigned char bytes[4096] = {0};
    size_t n = strlen(header);
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((length ? length : n) >> 8 * i);
    memcpy(bytes + 8, header, n);
    write_file(name, bytes, 8 + n + data);
}

static Reasons reasons;

static bool opens(void) {
    Tensors tensors;
    reasons = (Reasons){.arena = &arena};
    bool fine = tensors_open(&arena, S("."), &tensors, &reasons);
    tensors_close(&tensors);
    return fine;
}

static bool says(const char *part) {
    for (ptrdiff_t i = 0; i < reasons.list.n; i++)
        if (reasons.list.v[i].weight == REASON_REJECT &&
            str_find(reasons.list.v[i].text, str_from(part)) >= 0)
            return true;
    for (ptrdiff_t i = 0; i < reasons.list.n; i++)
        fprintf(stderr, "  has: %.*s\n", STR_ARG(reasons.list.v[i].text));
    return false;
}

static void refuses(const char *header, size_t data, uint64_t length, const char *part) {
    write_tensors("model.safetensors", header, data, length);
    CHECK(!opens());
    CHECK(says(part));
}

static void test_rules(void) {
#define GOOD "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
    write_tensors("model.safetensors", GOOD, 8, 0);
    CHECK(opens());
    write_tensors("model.safetensors", "{\"__metadata__\":{\"format\":\"pt\"}}  ", 0, 0);
    CHECK(opens());
    refuses(GOOD, 8, (uint64_t)1 << 40, "header length beyond file");
    refuses(GOOD, 9, 0, "bytes after the last tensor");
    refuses(GOOD, 7, 0, "offsets past end of file");
    refuses("{\"a\":{\"dtype\":\"F7\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, 0, "dtype F7");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8, 0, "takes 12");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8, 0,
            "whole numbers");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8, 0,
            "offsets past end");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", 8, 0,
            "two data_offsets");
    refuses("{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967297],\"data_offsets\":[0,8]}}",
            8, 0, "overflows 64 bits");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,8]}}", 8,
            0, "overflows 64 bits");
    refuses("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":"
            "\"U8\",\"shape\":[5],\"data_offsets\":[3,8]}}",
            8, 0, "share bytes");
    refuses("{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},\"b\":{\"dtype\":"
            "\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}",
            8, 0, "belong to no tensor");
    refuses("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"a\":{\"dtype\":"
            "\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}",
            8, 0, "already");
    refuses("[1]", 8, 0, "not a JSON object");
    refuses("{\"a\":", 8, 0, "header is not JSON");
    refuses("{\"__metadata__\":{\"a\":1}}", 0, 0, "strings to strings");
    write_file("model.safetensors", "", 0);
    CHECK(!opens() && says("empty file"));
    write_file("model.safetensors", "1234567", 7);
    CHECK(!opens() && says("too few"));
    unlink("model.safetensors");
    CHECK(!opens() && says("no weight file"));
}

static void test_index(void) {
    write_tensors("x.safetensors", GOOD, 8, 0);
    folder_write("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"x.safetensors\"}}");
    CHECK(opens());
    write_tensors("y.safetensors", GOOD, 8, 0);
    folder_write("model.safetensors.index.json",
                 "{\"weight_map\":{\"a\":\"x.safetensors\",\"b\":\"y.safetensors\"}}");
    CHECK(!opens() && says("already"));
    folder_write("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"z.safetensors\"}}");
    CHECK(!opens() && says("not there"));
    const char *leaving[] = {"../x", "/etc/passwd", "a/../../x", "..\\\\x"};
    for (int i = 0; i < 4; i++) {
        char text[100];
        snprintf(text, sizeof text, "{\"weight_map\":{\"a\":\"%s\"}}", leaving[i]);
        folder_write("model.safetensors.index.json", text);
        CHECK(!opens() && says("leaves the directory"));
    }
    const char *path = "link.safetensors";
    CHECK(symlink("/etc/hostname", path) == 0);
    folder_write("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"link.safetensors\"}}");
    CHECK(!opens() && says("leaves the directory"));
    unlink("link.safetensors");
    CHECK(symlink("x.safetensors", path) == 0); /* within the folder */
    CHECK(opens());
    unlink("link.safetensors");
    CHECK(mkfifo(path, 0600) == 0); /* opening it would wait */
    CHECK(!opens() && says("no regular file"));
    unlink("link.safetensors");
    folder_write("model.safetensors.index.json", "{\"weight_map\":[]}");
    CHECK(!opens() && says("no weight_map"));
    unlink("model.safetensors.index.json");
}

static void test_json(void) {
    Reasons r = {.arena = &arena};
    char deep[400];
    memset(deep, '[', 200);
    memset(deep + 200, ']', 200);
    CHECK(!json_parse(&arena, (Str){deep, 400}, JSON_DEPTH_RUST, S("f"), &r));
    JsonDoc *doc = json_parse(&arena, (Str){deep, 400}, JSON_DEPTH_PYTHON, S("f"), &r);
    CHECK(doc != NULL);
    json_close(doc);
    CHECK(!json_parse(&arena, S("{\"a\": 1,}"), JSON_DEPTH_RUST, S("f"), &r));
    CHECK_STR(r.list.v[1].place, S("line 1 column 8"));
    CHECK(!json_parse(&arena, S("{\"a\": NaN}"), JSON_DEPTH_RUST, S("f"), &r));
    doc = json_parse(
        &arena, S("{\"a\": [1, 2.0, 2.5, -3, \"\\u0000x\"], \"a\": {\"k\": null, \"[[[\": true}}"),
        JSON_DEPTH_RUST, S("f"), &r);
    const Json *last = json_get(json_root(doc), "a");
    CHECK_INT(json_kind(last), JSON_OBJECT);
    CHECK(!json_has(last, "k") && json_true(json_get(last, "[[[")) && !json_get(last, "x"));
    JsonIter it = json_iter(json_root(doc));
    CHECK(json_next(&it));
    int64_t n = 0;
    JsonIter numbers = json_iter(it.value);
    CHECK(json_next(&numbers) && json_int(numbers.value, &n) && n == 1);
    CHECK(json_next(&numbers) && json_int(numbers.value, &n) && n == 2);
    CHECK(json_next(&numbers) && !json_int(numbers.value, &n));
    uint64_t u;
    CHECK(json_next(&numbers) && json_int(numbers.value, &n) && n == -3 &&
          !json_uint(numbers.value, &u));
    CHECK(json_next(&numbers) && json_str(numbers.value).n == 2 && !json_next(&numbers));
    json_close(doc);
    Arena small = {.limit = 1000};
    Reasons full = {.arena = &arena};
    CHECK(!json_parse(&small, (Str){deep, 400}, JSON_DEPTH_PYTHON, S("f"), &full) &&
          full.rejects == 1);
    arena_close(&small);
}

static bool reads_rope(const char *config_text, const char *layer, Rope *rope) {
    Config config;
    Reasons r = {.arena = &arena};
    folder_write("config.json", config_text);
    bool fine = config_open(&arena, S("."), false, &config, &r) &&
                config_rope(&config, layer, 10000,
                            str_eq(config.model_type, S("gemma3_text")) ? 5e3 : 0, 1, rope);
    config_close(&config);
    return fine;
}

static void test_rope_spellings(void) {
    Rope r;
    CHECK(reads_rope("{\"model_type\":\"llama\",\"rope_theta\":5e5,\"rope_scaling\":{\"type\":"
                     "\"linear\",\"factor\":2}}",
                     "full_attention", &r));
    CHECK(r.type == ROPE_LINEAR && r.theta == 5e5 && r.factor == 2);
    CHECK(reads_rope("{\"model_type\":\"llama\",\"rope_parameters\":{\"rope_type\":\"llama3\","
                     "\"rope_theta\":7,\"factor\":8,\"original_max_position_embeddings\":64}}",
                     "full_attention", &r));
    CHECK(r.type == ROPE_LLAMA3 && r.theta == 7 && r.original == 64);
    const char *nested = "{\"model_type\":\"gemma3_text\",\"rope_parameters\":{\"full_attention\":{"
                         "\"rope_type\":\"linear\",\"factor\":8,\"rope_theta\":1e6},"
                         "\"sliding_attention\":{\"rope_type\":\"default\",\"rope_theta\":1e4}}}";
    CHECK(reads_rope(nested, "full_attention", &r) && r.type == ROPE_LINEAR && r.theta == 1e6);
    CHECK(reads_rope(nested, "sliding_attention", &r) && r.type == ROPE_DEFAULT && r.theta == 1e4);
    const char *old = "{\"model_type\":\"gemma3_text\",\"rope_theta\":1e6,\"rope_local_base_freq\":"
                      "1e4,\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":8}}";
    CHECK(reads_rope(old, "full_attention", &r) && r.type == ROPE_LINEAR && r.theta == 1e6);
    CHECK(reads_rope(old, "sliding_attention", &r) && r.type == ROPE_DEFAULT && r.theta == 1e4);
    const char *part = "{\"model_type\":\"gemma3\",\"dtype\":\"bfloat16\",\"text_config\":{"
                       "\"model_type\":\"gemma3_text\",\"rope_scaling\":{\"rope_type\":"
                       "\"linear\",\"factor\":8}}}";
    CHECK(reads_rope(part, "full_attention", &r) && r.type == ROPE_LINEAR && r.theta == 1e4);
    CHECK(reads_rope(part, "sliding_attention", &r) && r.type == ROPE_DEFAULT && r.theta == 5e3);
    CHECK(reads_rope("{\"model_type\":\"gpt_neox\",\"rotary_pct\":0.25,\"rotary_emb_base\":9,"
                     "\"rope_scaling\":null}",
                     "full_attention", &r));
    CHECK(r.partial == 0.25 && r.theta == 9 && r.type == ROPE_DEFAULT);
    CHECK(!reads_rope("{\"model_type\":\"llama\",\"rope_scaling\":{\"type\":\"spiral\"}}",
                      "full_attention", &r));
    CHECK(!reads_rope("{\"model_type\":\"llama\",\"rope_scaling\":{\"type\":\"linear\"}}",
                      "full_attention", &r));
    CHECK(!reads_rope("{\"model_type\":\"llama\",\"rope_theta\":\"big\",\"rope_scaling\":null,"
                      "\"dtype\":\"bfloat17\"}",
                      "full_attention", &r));
}

/* A snapshot's files are links into the blobs beside it; a link to elsewhere is refused. */
static void test_cache(void) {
    folder_write("hub/models--org--name/refs/main", "abc\n");
    folder_write("hub/models--org--name/blobs/b1", "{}");
    folder_write("hub/models--org--name/snapshots/abc/", "");
    CHECK(symlink("../../blobs/b1", "hub/models--org--name/snapshots/abc/config.json") == 0);
    CHECK(symlink("../../../../x.safetensors", "hub/models--org--name/snapshots/abc/bad.json") ==
          0);
    setenv("HF_HUB_CACHE", "hub", 1);
    Str found, text;
    Reasons r = {.arena = &arena};
    CHECK(hub_find(&arena, S("org/name"), (Str){0}, (Str){0}, &found));
    CHECK(str_ends(found, S("/snapshots/abc")));
    CHECK_INT(file_read(&arena, found, S("config.json"), &text, &r), FILE_OK);
    CHECK_INT(file_read(&arena, found, S("bad.json"), &text, &r), FILE_OUTSIDE);
    CHECK(hub_find(&arena, S("org/name"), S("abc"), (Str){0}, &found));
    CHECK(!hub_find(&arena, S("org/name"), S("v2"), (Str){0}, &found));
    CHECK(!hub_find(&arena, S("org/other"), (Str){0}, (Str){0}, &found));
    CHECK(!hub_find(&arena, S("../name"), (Str){0}, (Str){0}, &found));
    CHECK(!hub_find(&arena, S("org/name"), S("../refs"), (Str){0}, &found));
}

/* Reading on in a mapped file that was cut gives zeros, and is known. Runs last: it is
 * remembered. */
static void test_shrinking(void) {
    static char bytes[3 * 65536];
    memset(bytes, 'x', sizeof bytes);
    write_file("big", bytes, sizeof bytes);
    File file;
    Mapping map;
    CHECK_INT(file_open(&arena, S("."), S("big"), &file), FILE_OK);
    CHECK(file_map(&file, &map) && map.n == sizeof bytes && map.p[70000] == 'x' && !file_shrank());
    CHECK(truncate("big", 100) == 0);
    CHECK_INT(map.p[2 * 65536 + 5], 0);
    CHECK(file_shrank());
    file_unmap(&map);
    file_close(&file);
}

static void test_all(void) {
    folder_open();
    test_rules();
    test_index();
    test_json();
    test_rope_spellings();
    test_cache();
    test_shrinking();
    folder_close();
    arena_close(&arena);
}

UNIT_MAIN(test_all)

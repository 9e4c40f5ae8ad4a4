/* safetensors: u64 length of the header (little-endian), the header (JSON: name to dtype, shape,
 * data_offsets), the data. The rules are those of safetensors 0.8 (safetensors/src/tensor.rs,
 * Metadata::validate and SafeTensors::read_metadata): the header is at most 100 MB and lies in the
 * file; tensors in the order of their offsets follow each other without hole or overlap, up to the
 * file's last byte; an offset pair spans exactly shape x type; products do not overflow. Two rules
 * are ours, because the libraries go on with the wrong tensor there: a name occurs once in a header
 * and in one file only, and no file lies outside the checkpoint's folder. */
#include "checkpoint/tensors.h"

#include <stdlib.h>
#include <string.h>

#include "checkpoint/json.h"

static const uint64_t LARGEST_HEADER = 100 * 1000 * 1000;
enum { MOST_FILES = 4000, FILE_SLOTS = 8192 };
#define SINGLE "model.safetensors"
#define INDEX  "model.safetensors.index.json"

static const struct {
    const char *name;
    unsigned bits;
} types[TENSOR_TYPES] = {
    [TENSOR_BOOL] = {"BOOL", 8},
    [TENSOR_F4] = {"F4", 4},
    [TENSOR_F6_E2M3] = {"F6_E2M3", 6},
    [TENSOR_F6_E3M2] = {"F6_E3M2", 6},
    [TENSOR_U8] = {"U8", 8},
    [TENSOR_I8] = {"I8", 8},
    [TENSOR_F8_E5M2] = {"F8_E5M2", 8},
    [TENSOR_F8_E4M3] = {"F8_E4M3", 8},
    [TENSOR_F8_E8M0] = {"F8_E8M0", 8},
    [TENSOR_F8_E4M3FNUZ] = {"F8_E4M3FNUZ", 8},
    [TENSOR_F8_E5M2FNUZ] = {"F8_E5M2FNUZ", 8},
    [TENSOR_I16] = {"I16", 16},
    [TENSOR_U16] = {"U16", 16},
    [TENSOR_F16] = {"F16", 16},
    [TENSOR_BF16] = {"BF16", 16},
    [TENSOR_I32] = {"I32", 32},
    [TENSOR_U32] = {"U32", 32},
    [TENSOR_F32] = {"F32", 32},
    [TENSOR_C64] = {"C64", 64},
    [TENSOR_F64] = {"F64", 64},
    [TENSOR_I64] = {"I64", 64},
    [TENSOR_U64] = {"U64", 64},
};

const char *tensor_type_name(TensorType type) {
    return types[type].name;
}

unsigned tensor_type_bits(TensorType type) {
    return types[type].bits;
}

Str tensor_shape(Arena *arena, const uint64_t *shape, int rank) {
    Buf text = {.arena = arena};
    buf_add_byte(&text, '[');
    for (int i = 0; i < rank && i < 16; i++)
        buf_format(&text, "%s%llu", i ? ", " : "", (unsigned long long)shape[i]);
    buf_add(&text, rank > 16 ? S(", …]") : S("]"));
    return buf_str(&text);
}

/* ---- one header ---- */

typedef struct Reader {
    Tensors *out;
    int file;
    Str name;                  /* of the file */
    uint64_t data, data_bytes; /* where the data begins; how long it is */
    Reasons *reasons;
} Reader;

static bool read_entry(Reader *r, Str name, const Json *entry) {
    Arena *arena = r->out->arena;
    Tensor t = {.name = str_copy(arena, name), .file = r->file, .count = 1};
    Str type = json_str(json_get(entry, "dtype"));
    int known = 0;
    while (known < TENSOR_TYPES && !str_eq(type, str_from(types[known].name)))
        known++;
    if (known == TENSOR_TYPES)
        return reject(r->reasons, r->name, t.name, "dtype %.*s is none of safetensors' types",
                      STR_ARG(type));
    t.type = (TensorType)known;
    const Json *shape = json_get(entry, "shape"), *offsets = json_get(entry, "data_offsets");
    if (json_kind(shape) != JSON_ARRAY || json_kind(offsets) != JSON_ARRAY ||
        json_count(offsets) != 2)
        return reject(r->reasons, r->name, t.name,
                      "an entry needs dtype, shape and two data_offsets");
    t.rank = (int)json_count(shape);
    uint64_t *numbers = new (arena, uint64_t, t.rank);
    t.shape = numbers;
    for (JsonIter it = json_iter(shape); json_next(&it); numbers++) {
        if (!json_uint(it.value, numbers))
            return reject(r->reasons, r->name, t.name, "a shape is a list of whole numbers");
        if (!multiply(t.count, *numbers, &t.count))
            return reject(r->reasons, r->name, t.name, "product of shape overflows 64 bits");
    }
    uint64_t bits, range[2] = {0};
    if (!multiply(t.count, types[t.type].bits, &bits))
        return reject(r->reasons, r->name, t.name,
                      "product of shape overflows 64 bits, with its type");
    int i = 0;
    for (JsonIter it = json_iter(offsets); json_next(&it); i++)
        if (!json_uint(it.value, &range[i]))
            return reject(r->reasons, r->name, t.name, "data_offsets are two whole numbers");
    if (range[0] > range[1] || range[1] > r->data_bytes)
        return reject(r->reasons, r->name, t.name,
                      "offsets past end of file: [%llu, %llu] of %llu bytes of data",
                      (unsigned long long)range[0], (unsigned long long)range[1],
                      (unsigned long long)r->data_bytes);
    t.at = r->data + range[0];
    t.bytes = range[1] - range[0];
    if (bits % 8 || t.bytes != bits / 8)
        return reject(
            r->reasons, r->name, t.name, "%llu bytes between the offsets, but %s %.*s takes %llu",
            (unsigned long long)t.bytes, types[t.type].name,
            STR_ARG(tensor_shape(arena, t.shape, t.rank)), (unsigned long long)(bits / 8));
    *list_push(arena, &r->out->list) = t;
    return true;
}

static int by_place(const void *a, const void *b) {
    const Tensor *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

/* Tensors of the file in the order of their places, each beginning where the last one ended. */
static bool gapless(Reader *r, ptrdiff_t first) {
    Tensor *v = r->out->list.v + first;
    ptrdiff_t n = r->out->list.n - first;
    if (n > 0)
        qsort(v, (size_t)n, sizeof *v, by_place);
    uint64_t end = r->data;
    for (ptrdiff_t i = 0; i < n; i++) {
        if (v[i].at < end)
            return reject(r->reasons, r->name, v[i].name,
                          "two tensors share bytes: it begins %llu bytes before the end of %.*s",
                          (unsigned long long)(end - v[i].at), STR_ARG(v[i > 0 ? i - 1 : 0].name));
        if (v[i].at > end)
            return reject(r->reasons, r->name, v[i].name,
                          "%llu bytes before it belong to no tensor",
                          (unsigned long long)(v[i].at - end));
        end = v[i].at + v[i].bytes;
    }
    uint64_t rest = r->data + r->data_bytes - end;
    if (rest)
        return reject(r->reasons, r->name,
                      str_format(r->out->arena, "byte %llu", (unsigned long long)end),
                      "bytes after the last tensor: %llu belong to none", (unsigned long long)rest);
    return true;
}

static bool read_header(Reader *r, const Json *root) {
    if (json_kind(root) != JSON_OBJECT)
        return reject(r->reasons, r->name, S("header"), "header is not a JSON object");
    ptrdiff_t first = r->out->list.n;
    bool fine = true;
    for (JsonIter it = json_iter(root); json_next(&it);) {
        if (!str_eq(it.key, S("__metadata__"))) {
            fine &= read_entry(r, it.key, it.value);
            continue;
        }
        for (JsonIter meta = json_iter(it.value); json_next(&meta);)
            if (json_kind(meta.value) != JSON_STRING)
                fine = reject(r->reasons, r->name, S("__metadata__"),
                              "metadata maps strings to strings");
    }
    return fine && gapless(r, first);
}

static bool read_file(Tensors *out, int index, Reasons *reasons) {
    TensorFile *file = &out->files.v[index];
    unsigned char length[8];
    uint64_t n = 0, size = file->file.size;
    if (size < 8 || !file_read_at(&file->file, 0, length, 8))
        return reject(reasons, file->name, S("byte 0"),
                      size ? "%llu bytes are too few for a header" : "empty file (%llu bytes)",
                      (unsigned long long)size);
    for (int i = 7; i >= 0; i--)
        n = n << 8 | length[i];
    if (n > size - 8 || n > LARGEST_HEADER)
        return reject(reasons, file->name, S("byte 0"),
                      "header length beyond %s: %llu bytes of header, %llu of file",
                      n > size - 8 ? "file" : "safetensors' 100 MB", (unsigned long long)n,
                      (unsigned long long)size);
    if (out->arena->limit && n > out->arena->limit - out->arena->used)
        return reject(reasons, file->name, S("byte 0"),
                      "a header of %llu bytes is more than --memory allows", (unsigned long long)n);
    char *text = new (out->arena, char, (ptrdiff_t)n + 1);
    if (!file_read_at(&file->file, 8, text, (size_t)n))
        return reject(reasons, file->name, S("header"),
                      "the file became shorter while it was read");
    Reasons inner = {.arena = out->arena};
    JsonDoc *doc =
        json_parse(out->arena, (Str){text, (ptrdiff_t)n}, JSON_DEPTH_RUST, file->name, &inner);
    if (!doc)
        return reject(reasons, file->name, S("header"), "header is not JSON: %.*s: %.*s",
                      STR_ARG(inner.list.v[0].place), STR_ARG(inner.list.v[0].text));
    Reader reader = {out, index, file->name, 8 + n, size - 8 - n, reasons};
    bool fine = read_header(&reader, json_root(doc));
    json_close(doc);
    return fine;
}

/* ---- all files ---- */

/* `slots` is a hash table over the files, by index + 1. */
static bool add_file(Tensors *out, Str name, int *slots, Reasons *reasons) {
    ptrdiff_t slot = (ptrdiff_t)(str_hash(name) % FILE_SLOTS);
    for (; slots[slot]; slot = (slot + 1) % FILE_SLOTS)
        if (str_eq(out->files.v[slots[slot] - 1].name, name))
            return true;
    if (out->files.n >= MOST_FILES)
        return reject(reasons, S(INDEX), name, "more than %d files", MOST_FILES);
    TensorFile file = {.name = str_copy(out->arena, name)};
    switch (file_open(out->arena, out->folder, name, &file.file)) {
    case FILE_OK:
        break;
    case FILE_MISSING:
        return reject(reasons, S(INDEX), file.name, "index names a shard that is not there");
    case FILE_OUTSIDE:
        return reject(reasons, S(INDEX), file.name,
                      "shard name leaves the directory of the checkpoint");
    case FILE_BAD:
        return reject(reasons, S(INDEX), file.name, "no regular file, or not readable");
    }
    *list_push(out->arena, &out->files) = file;
    slots[slot] = (int)out->files.n;
    return read_file(out, (int)out->files.n - 1, reasons);
}

/* ".." cannot leave through a link that file_open() resolves, but a name that tries is never
 * meant. */
static bool leaves(Str name) {
    for (Str head, rest = name; rest.n;) {
        str_cut(rest, '/', &head, &rest);
        if (str_eq(head, S("..")))
            return true;
    }
    return str_starts(name, S("/")) || str_find_byte(name, '\\') >= 0;
}

static bool open_shards(Tensors *out, const Json *map, Reasons *reasons) {
    if (json_kind(map) != JSON_OBJECT)
        return reject(reasons, S(INDEX), S("weight_map"),
                      "no weight_map that says which file holds what");
    bool fine = true;
    int *slots = new (out->arena, int, FILE_SLOTS);
    Str last = {0};
    for (JsonIter it = json_iter(map); json_next(&it);) {
        Str shard = json_str(it.value);
        if (str_eq(shard, last))
            continue;
        last = shard;
        if (!shard.n)
            fine = reject(reasons, S(INDEX), it.key, "its shard is no file name");
        else if (leaves(shard))
            fine = reject(reasons, S(INDEX), shard,
                          "shard name leaves the directory of the checkpoint");
        else
            fine &= add_file(out, shard, slots, reasons);
        if (out->files.n >= MOST_FILES || reasons->list.n > 100)
            break;
    }
    return fine;
}

static bool index_names(Tensors *out, Reasons *reasons) {
    bool fine = true;
    ptrdiff_t n = 16;
    while (n < out->list.n * 2)
        n *= 2;
    out->n_slots = n;
    out->slots = new (out->arena, int32_t, n);
    memset(out->slots, -1, sizeof *out->slots * (size_t)n);
    for (ptrdiff_t i = 0; i < out->list.n; i++) {
        const Tensor *t = &out->list.v[i];
        ptrdiff_t at = (ptrdiff_t)(str_hash(t->name) & (uint64_t)(n - 1));
        while (out->slots[at] >= 0 && !str_eq(out->list.v[out->slots[at]].name, t->name))
            at = (at + 1) & (n - 1);
        if (out->slots[at] >= 0) {
            const Tensor *first = &out->list.v[out->slots[at]];
            fine = reject(reasons, out->files.v[t->file].name, t->name,
                          "a tensor of that name is in %.*s already",
                          STR_ARG(out->files.v[first->file].name));
        } else {
            out->slots[at] = (int32_t)i;
        }
        out->total_bytes += t->bytes;
    }
    return fine;
}

/* What lies where safetensors was looked for, told apart for the user. */
static bool no_weights(Tensors *out, Reasons *reasons) {
    static const char *const others[] = {"pytorch_model.bin", "pytorch_model.bin.index.json",
                                         "consolidated.safetensors", "tf_model.h5"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        File file;
        if (file_open(out->arena, out->folder, str_from(others[i]), &file) == FILE_OK) {
            file_close(&file);
            return reject(reasons, str_from(others[i]), (Str){0},
                          "no weight file in safetensors format; only " SINGLE
                          " and its shards are read");
        }
    }
    return reject(reasons, S(SINGLE), (Str){0}, "no weight file: neither " SINGLE " nor " INDEX);
}

bool tensors_open(Arena *arena, Str folder, Tensors *out, Reasons *reasons) {
    *out = (Tensors){.arena = arena, .folder = folder};
    TensorFile single = {.name = S(SINGLE)};
    FileStatus status = file_open(arena, folder, S(SINGLE), &single.file);
    bool fine = false;
    if (status == FILE_OK) {
        *list_push(arena, &out->files) = single;
        fine = read_file(out, 0, reasons);
    } else if (status != FILE_MISSING) {
        reject(reasons, S(SINGLE), (Str){0},
               status == FILE_OUTSIDE ? "the link leaves the directory of the checkpoint"
                                      : "no regular file, or not readable");
    } else {
        Str text;
        FileStatus index = file_read(arena, folder, S(INDEX), &text, reasons);
        if (index == FILE_MISSING)
            no_weights(out, reasons);
        JsonDoc *doc =
            index == FILE_OK ? json_parse(arena, text, JSON_DEPTH_PYTHON, S(INDEX), reasons) : NULL;
        if (doc)
            fine = open_shards(out, json_get(json_root(doc), "weight_map"), reasons);
        json_close(doc);
    }
    return index_names(out, reasons) && fine;
}

void tensors_close(Tensors *tensors) {
    for (ptrdiff_t i = 0; i < tensors->files.n; i++) {
        file_unmap(&tensors->files.v[i].map);
        file_close(&tensors->files.v[i].file);
    }
}

const Tensor *tensors_find(const Tensors *tensors, Str name) {
    if (!tensors->n_slots)
        return NULL;
    ptrdiff_t at = (ptrdiff_t)(str_hash(name) & (uint64_t)(tensors->n_slots - 1));
    for (; tensors->slots[at] >= 0; at = (at + 1) & (tensors->n_slots - 1))
        if (str_eq(tensors->list.v[tensors->slots[at]].name, name))
            return &tensors->list.v[tensors->slots[at]];
    return NULL;
}

const unsigned char *tensors_data(Tensors *tensors, const Tensor *tensor, Reasons *reasons) {
    TensorFile *file = &tensors->files.v[tensor->file];
    if (!file->map.p && !file_map(&file->file, &file->map)) {
        reject(reasons, file->name, (Str){0}, "the system refused to map the file");
        return NULL;
    }
    if (tensor->at > file->map.n || tensor->bytes > file->map.n - tensor->at)
        return NULL;
    return file->map.p + tensor->at;
}

/* A library is needed by what imports it, and by arguments whose work it does: transformers refuses
 * device_map without accelerate, and 4-bit loads without bitsandbytes. Those words count wherever
 * they stand as an argument, a name or a key, because a file that passes them on needs the library
 * as well. A `pip install` that the author tells of is as good as an import. */
#include "transform/needs.h"

/* To add what needs a library: a row. */
static const struct {
    Str library, word;
} words[] = {
    {S("accelerate"), S("device_map")},          {S("accelerate"), S("max_memory")},
    {S("accelerate"), S("low_cpu_mem_usage")},   {S("accelerate"), S("load_in_4bit")},
    {S("accelerate"), S("load_in_8bit")},        {S("accelerate"), S("BitsAndBytesConfig")},
    {S("bitsandbytes"), S("load_in_4bit")},      {S("bitsandbytes"), S("load_in_8bit")},
    {S("bitsandbytes"), S("BitsAndBytesConfig")}};

static bool is_word_of(Str library, Str text) {
    for (ptrdiff_t i = 0; i < COUNT(words); i++)
        if (str_eq(words[i].word, text) && str_eq(words[i].library, library))
            return true;
    return false;
}

static bool in_import(const Tree *tree, Node node) {
    return node_ancestor(tree, node, NODE_IMPORT_STATEMENT) ||
           node_ancestor(tree, node, NODE_IMPORT_FROM_STATEMENT);
}

/* "accelerate.utils" starts with accelerate. */
static bool imports(const Tree *tree, Node node, Str module) {
    Str root, rest;
    str_cut(node_text(tree, node), '.', &root, &rest);
    return str_eq(root, module) && in_import(tree, node);
}

bool text_installs(Str text, Str library) {
    while (text.n) {
        Str line;
        str_cut(text, '\n', &line, &text);
        if (str_find(line, S("pip")) >= 0 && str_find(line, S("install")) >= 0 &&
            str_find(line, library) >= 0)
            return true;
    }
    return false;
}

bool tree_needs(Arena *arena, const Tree *tree, Str library) {
    Buf module = {.arena = arena};
    for (ptrdiff_t i = 0; i < library.n; i++)
        buf_add_byte(&module, library.p[i] == '-' ? '_' : library.p[i]);
    for (Node node = 1; node < tree->n; node++) {
        Kind kind = node_kind(tree, node);
        if (kind == NODE_DOTTED_NAME && imports(tree, node, buf_str(&module)))
            return true;
        if ((kind == NODE_IDENTIFIER || kind == NODE_STRING_CONTENT) &&
            is_word_of(library, node_text(tree, node)))
            return true;
    }
    return text_installs(tree->text, library);
}

/* Objects of JSON as tables of keys. What is not one JSON value adds none. */
#include "document/json_tree.h"
#include "document/scripts.h"

static Str python_of(const JsonTree *json, Arena *arena, JsonNode value) {
    Str raw = json_tree_raw(json, value);
    JsonTreeKind kind = json_tree_kind(json, value);
    return kind == JSON_TREE_STRING                                ? table_string(arena, raw)
           : kind == JSON_TREE_LITERAL || kind == JSON_TREE_NUMBER ? table_word(arena, raw)
                                                                   : (Str){0};
}

/* What goes with a member: up to the next one, or, of the last one, from behind the one before. */
static Span whole_of(const JsonTree *json, JsonNode object, JsonNode key, JsonNode before) {
    JsonNode value = json_tree_next(json, object, key);
    JsonNode next = json_tree_next(json, object, value);
    if (next)
        return (Span){json->rows[key].at, json->rows[next].at};
    return before ? (Span){json->rows[before].end, json->rows[value].end} : (Span){0};
}

static void add_object(ShellReader *reader, const JsonTree *json, JsonNode object) {
    Table *table = list_push(reader->arena, &reader->tables);
    *table = (Table){.syntax = TABLE_JSON}; /* root: the first one */
    JsonNode before = 0;
    for (JsonNode key = json_tree_first(json, object); key;) {
        JsonNode value = json_tree_next(json, object, key);
        *list_push(reader->arena, &table->keys) =
            (TableKey){.name = json_tree_raw(json, key),
                       .at = {json->rows[key].at + 1, json->rows[key].end - 1},
                       .value = {json->rows[value].at, json->rows[value].end},
                       .python = python_of(json, reader->arena, value),
                       .whole = whole_of(json, object, key, before)};
        before = value;
        key = json_tree_next(json, object, value);
    }
}

void json_cut(ShellReader *reader) {
    JsonTreeError error;
    JsonTree *json = json_tree_parse(reader->arena, reader->source, &error);
    if (!json) {
        reader->broken++;
        return;
    }
    if (json_tree_kind(json, 1) != JSON_TREE_OBJECT) /* a list of records */
        return;
    for (JsonNode node = 1; node < json->n; node++)
        if (json_tree_kind(json, node) == JSON_TREE_OBJECT)
            add_object(reader, json, node);
}

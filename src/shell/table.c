/* Scalars as Python writes them, so that a rule's expression on a value (`^["']auto["']$`) is asked
 * the same of all files. YAML 1.1 has more words for truth than are read here: `yes` is a word to
 * some readers and true to others. */
#include "shell/table.h"

#include "base/byte.h"

static bool is_number(Str word) {
    ptrdiff_t digits = 0, at = word.n && (word.p[0] == '-' || word.p[0] == '+');
    for (; at < word.n; at++) {
        char c = word.p[at];
        bool digit = byte_is_digit(c);
        bool sign = (c == '-' || c == '+') && (word.p[at - 1] | 0x20) == 'e';
        if (!digit && !sign && c != '.' && !(digits && (c | 0x20) == 'e'))
            return false;
        digits += digit;
    }
    return digits > 0;
}

Str table_string(Arena *arena, Str text) {
    if (str_find_byte(text, '"') >= 0 || str_find_byte(text, '\\') >= 0 ||
        str_find_byte(text, '\n') >= 0)
        return (Str){0};
    return str_format(arena, "\"%.*s\"", STR_ARG(text));
}

Str table_word(Arena *arena, Str word) {
    static const struct {
        Str word, python;
    } words[] = {{S("true"), S("True")},   {S("True"), S("True")},   {S("TRUE"), S("True")},
                 {S("false"), S("False")}, {S("False"), S("False")}, {S("FALSE"), S("False")},
                 {S("null"), S("None")},   {S("Null"), S("None")},   {S("NULL"), S("None")},
                 {S("~"), S("None")},      {S(""), S("None")}};
    for (ptrdiff_t i = 0; i < COUNT(words); i++)
        if (str_eq(word, words[i].word))
            return words[i].python;
    return is_number(word) ? word : table_string(arena, word);
}

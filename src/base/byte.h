/* What one byte of ASCII is, whatever the locale. */
#ifndef HFFIX_BASE_BYTE_H
#define HFFIX_BASE_BYTE_H

#include <stdbool.h>
#include <stdint.h>

static inline bool byte_is_digit(char c) {
    return c >= '0' && c <= '9';
}

static inline bool byte_is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static inline bool byte_is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

static inline bool byte_is_letter(char c) {
    return byte_is_lower(c) || byte_is_upper(c);
}

/* A letter, a digit or '_'. */
static inline bool byte_is_word(char c) {
    return byte_is_letter(c) || byte_is_digit(c) || c == '_';
}

/* What may stand in a Python identifier: a byte of a word, or of a character outside ASCII. */
static inline bool byte_is_identifier(char c) {
    static const uint64_t ascii[2] = {0x03FF000000000000U, 0x07FFFFFE87FFFFFEU};
    unsigned char byte = (unsigned char)c;
    return byte >= 0x80 || (ascii[byte >> 6] >> (byte & 63) & 1);
}

static inline bool byte_is_blank(char c) {
    return c == ' ' || c == '\t';
}

static inline char byte_lower(char c) {
    return byte_is_upper(c) ? (char)(c | 0x20) : c;
}

/* The value of a hexadecimal digit; -1: it is none. */
static inline int byte_hex(char c) {
    c = byte_lower(c);
    return byte_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif

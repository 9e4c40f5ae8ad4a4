/* UTF-8 as bytes: read strictly, so that what was accepted once can be written back as it was. */
#include "base/utf8.h"

int utf8_length(Str text, ptrdiff_t at) {
    const unsigned char *p = (const unsigned char *)text.p + at;
    int length = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (p[0] > 0xF4 || length > text.n - at)
        return 0;
    for (int i = 1; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    bool bad = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
               (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F);
    return bad ? 0 : length;
}

int32_t utf8_next(Str text, ptrdiff_t *at) {
    const unsigned char *p = (const unsigned char *)text.p + *at;
    int length = utf8_length(text, *at);
    *at += length ? length : 1;
    if (!length)
        return 0xFFFD;
    int32_t c = length == 1 ? p[0] : p[0] & (0xFF >> (length + 1));
    for (int i = 1; i < length; i++)
        c = c << 6 | (p[i] & 0x3F);
    return c;
}

void utf8_add(Buf *out, int32_t c) {
    if (c < 0x80) {
        buf_add_byte(out, (char)c);
        return;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3; /* continuation bytes */
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    buf_add_byte(out, (char)(lead[more] | c >> (6 * more)));
    for (int i = more - 1; i >= 0; i--)
        buf_add_byte(out, (char)(0x80 | (c >> (6 * i) & 0x3F)));
}

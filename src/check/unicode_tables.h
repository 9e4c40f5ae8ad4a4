/* Tables of Unicode that the build writes from Python's unicodedata (cmake/unicode_tables.py);
 * sorted by character. */
#ifndef HFFIX_CHECK_UNICODE_TABLES_H
#define HFFIX_CHECK_UNICODE_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* General categories, in an order in which what tokenizers ask for are ranges. */
typedef enum UnicodeCategory {
    UNICODE_LU,
    UNICODE_LL,
    UNICODE_LT,
    UNICODE_LM,
    UNICODE_LO,
    UNICODE_MN,
    UNICODE_MC,
    UNICODE_ME,
    UNICODE_ND,
    UNICODE_NL,
    UNICODE_NO,
    UNICODE_PC,
    UNICODE_PD,
    UNICODE_PS,
    UNICODE_PE,
    UNICODE_PI,
    UNICODE_PF,
    UNICODE_PO,
    UNICODE_SM,
    UNICODE_SC,
    UNICODE_SK,
    UNICODE_SO,
    UNICODE_ZS,
    UNICODE_ZL,
    UNICODE_ZP,
    UNICODE_CC,
    UNICODE_CF,
    UNICODE_CS,
    UNICODE_CO,
    UNICODE_CN
} UnicodeCategory;

typedef struct UnicodeRun {
    int32_t first; /* characters from here to the next run's first */
    uint8_t category;
} UnicodeRun;

typedef struct UnicodePair {
    int32_t character, value;
} UnicodePair;

typedef struct UnicodeTriple {
    int32_t character, second, third;
} UnicodeTriple;

extern const UnicodeRun unicode_categories[];
extern const UnicodePair unicode_classes[];      /* canonical combining class, where it is not 0 */
extern const UnicodePair unicode_lower_case[];   /* the one character of lower case */
extern const UnicodeTriple unicode_canonical[];  /* offset and length in the pool; without Hangul */
extern const UnicodeTriple unicode_compatible[]; /* likewise */
extern const UnicodeTriple unicode_compositions[]; /* character and second give third */
extern const int32_t unicode_pool[];
extern const ptrdiff_t unicode_categories_n, unicode_classes_n, unicode_lower_case_n,
    unicode_canonical_n, unicode_compatible_n, unicode_compositions_n, unicode_pool_n;

#endif

/* The parameters between a signature's parentheses, read anew for each question: they are few. */
#include "transform/signature.h"

static Str signature_list(Str signature) {
    ptrdiff_t open = str_find_byte(signature, '(');
    ptrdiff_t close = str_rfind_byte(signature, ')');
    return open < 0 ? (Str){0} : str_slice(signature, open + 1, close);
}

Str signature_name(Str signature, int position) {
    Str head, tail = signature_list(signature);
    for (int i = 0; tail.n; i++) {
        str_cut(tail, ',', &head, &tail);
        if (i == position)
            return str_trim(head);
    }
    return (Str){0};
}

int signature_position(Str signature, Str name) {
    Str head, tail = signature_list(signature);
    for (int i = 0; tail.n; i++) {
        str_cut(tail, ',', &head, &tail);
        if (str_eq(str_trim(head), name))
            return i;
    }
    return -1;
}

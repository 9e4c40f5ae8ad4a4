/* Reading a file whole, and the Python in it. Which kind of file it is, its ending tells. */
#include "document/document.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "document/magic.h"
#include "document/markdown.h"
#include "document/notebook.h"
#include "document/package.h"
#include "document/piece.h"
#include "document/rst.h"
#include "document/scripts.h"
#include "document/strings_shell.h"

/* To add a kind of page: a row, and a function that finds its blocks. */
static const struct PageKind {
    Str ending;
    void (*find)(Blocks *blocks);
} page_kinds[] = {
    {{".md", 3}, markdown_find},
    {{".mdx", 4}, markdown_find},
    {{".markdown", 9}, markdown_find},
    {{".rst", 4}, rst_find},
};

enum {
    FIRST_READ = 32 << 10, /* most Python files fit */
    MAX_BYTES = 64 << 20   /* as source_read() */
};

static bool load_fails(Diagnostics *diagnostics, Str path, int reason) {
    diag_add(diagnostics, SEVERITY_ERROR, path, 0, 0, "cannot be read: %s", strerror(reason));
    return false;
}

static bool load_too_big(Diagnostics *diagnostics, Str path) {
    diag_add(diagnostics, SEVERITY_ERROR, path, 0, 0,
             "larger than 64 MiB; such files are not read");
    return false;
}

/* Reads until `size` bytes are there or the file ends. -1 with errno set. */
static ptrdiff_t read_full(int file, char *into, ptrdiff_t size) {
    ptrdiff_t n = 0;
    while (n < size) {
        ssize_t got = read(file, into + n, (size_t)(size - n));
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return -1;
        n += got > 0 ? got : 0;
    }
    return n;
}

/* What a pipe still holds, behind the bytes that were read already. */
static bool load_stream(int file, Buf *buf, Str path, Diagnostics *diagnostics) {
    char block[FIRST_READ];
    ptrdiff_t n;
    while ((n = read_full(file, block, sizeof block)) > 0) {
        if (buf->n + n > MAX_BYTES)
            return load_too_big(diagnostics, path);
        buf_add(buf, (Str){block, n});
    }
    return n == 0 || load_fails(diagnostics, path, errno);
}

/* A file that is larger than the first read. It is opened anew once the memory is there, so that no
 * open file is lost when the arena is exhausted. */
static bool load_large(Arena *arena, const char *name, Str path, off_t size, Str *bytes,
                       Diagnostics *diagnostics) {
    if (size > MAX_BYTES)
        return load_too_big(diagnostics, path);
    char *into = new (arena, char, (ptrdiff_t)size + 1);
    int file = open(name, O_RDONLY | O_CLOEXEC);
    ptrdiff_t n = file < 0 ? -1 : read_full(file, into, (ptrdiff_t)size + 1);
    int reason = errno;
    if (file >= 0)
        close(file);
    if (n < 0)
        return load_fails(diagnostics, path, reason);
    if (n > size) {
        diag_add(diagnostics, SEVERITY_ERROR, path, 0, 0, "changed while it was read");
        return false;
    }
    *bytes = (Str){into, n};
    return true;
}

bool document_load(Arena *arena, Str path, Str *bytes, Diagnostics *diagnostics) {
    bool standard_input = str_eq(path, S("-"));
    char *name = str_c(arena, path);
    int file = standard_input ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return load_fails(diagnostics, path, errno);
    /* The stack first: a small file costs no fstat, and its memory is asked for at its true
     * size. */
    char block[FIRST_READ];
    ptrdiff_t n = read_full(file, block, sizeof block);
    int reason = errno;
    struct stat status = {0};
    bool whole = n < FIRST_READ, regular = !whole && !standard_input && fstat(file, &status) == 0 &&
                                           S_ISREG(status.st_mode);
    Buf buf = {.arena = arena};
    bool ok = true;
    if (!whole && !regular) {
        buf_add(&buf, (Str){block, n});
        ok = load_stream(file, &buf, path, diagnostics);
    }
    if (!standard_input)
        close(file);
    if (n < 0)
        return load_fails(diagnostics, path, reason);
    if (regular)
        return load_large(arena, name, path, status.st_size, bytes, diagnostics);
    *bytes = whole ? str_copy(arena, (Str){block, n}) : buf_str(&buf);
    return ok;
}

static const struct PageKind *page_kind(Str path) {
    for (ptrdiff_t i = 0; i < COUNT(page_kinds); i++)
        if (str_ends(path, page_kinds[i].ending))
            return &page_kinds[i];
    return NULL;
}

DocumentKind document_kind(Str path, Str bytes) {
    return str_ends(path, S(".ipynb")) ? DOCUMENT_NOTEBOOK
           : page_kind(path)           ? DOCUMENT_PAGE
           : script_cut(path, bytes)   ? DOCUMENT_SHELL
                                       : DOCUMENT_PYTHON;
}

bool document_is_one_piece(Str path, Str bytes, DocumentPiece *holds) {
    DocumentKind kind = document_kind(path, bytes);
    *holds = (DocumentPiece){.python = kind == DOCUMENT_PYTHON};
    holds->cut = kind == DOCUMENT_SHELL ? script_cut(path, bytes) : strings_cut;
    return kind == DOCUMENT_PYTHON || kind == DOCUMENT_SHELL;
}

/* ---- read ---- */

static bool read_python(Document *document, Arena *arena, Diagnostics *diagnostics) {
    Source *source = source_read(arena, document->path, document->bytes, diagnostics);
    if (!source)
        return false;
    source->package = package_of(arena, document->path);
    document->pieces = new (arena, Source *, 1);
    document->pieces[document->n++] = source;
    return true;
}

/* What is no UTF-8 text has no pieces: YAML and scripts of any kind may lie about. */
static void read_shell(Document *document, Arena *arena) {
    document->pieces = new (arena, Source *, 1);
    document->pieces[0] = piece_source(arena, document->path, document->bytes);
    document->n = document->pieces[0] != NULL;
}

static void tell_pieces(Document *document, Arena *arena) {
    document->holds = new (arena, DocumentPiece, document->n + 1);
    for (ptrdiff_t i = 0; i < document->n; i++) {
        ShellCut *cut = document->blocks ? document->blocks->list.v[i].cut : NULL;
        cut = document->notebook && i == 1 ? magics_cut : cut;
        if (!document_is_one_piece(document->path, document->bytes, &document->holds[i]))
            document->holds[i] = (DocumentPiece){.python = !cut, .cut = cut ? cut : strings_cut};
    }
}

static bool read_notebook(Document *document, Arena *arena, Diagnostics *diagnostics) {
    Notebook *notebook = notebook_read(arena, document->path, document->bytes, diagnostics);
    if (!notebook)
        return false;
    document->notebook = notebook;
    document->pieces = new (arena, Source *, 2);
    document->pieces[0] = notebook_piece(notebook);
    document->pieces[1] = notebook_shell_piece(notebook);
    document->n = document->pieces[1] ? 2 : document->pieces[0] != NULL;
    return true;
}

static void read_page(Document *document, Arena *arena) {
    Blocks *blocks = new (arena, Blocks, 1);
    *blocks = (Blocks){.arena = arena, .path = document->path, .bytes = document->bytes};
    page_kind(document->path)->find(blocks);
    blocks_share_names(blocks);
    document->doubtful = true;
    document->blocks = blocks;
    document->n = blocks->list.n;
    document->pieces = new (arena, Source *, document->n);
    for (ptrdiff_t i = 0; i < document->n; i++)
        document->pieces[i] = blocks->list.v[i].piece;
}

Document *document_read(Arena *arena, Str path, Str bytes, Diagnostics *diagnostics) {
    Document *document = new (arena, Document, 1);
    *document = (Document){.kind = document_kind(path, bytes), .path = path, .bytes = bytes};
    bool ok = true;
    switch (document->kind) {
    case DOCUMENT_PYTHON:
        ok = read_python(document, arena, diagnostics);
        break;
    case DOCUMENT_NOTEBOOK:
        ok = read_notebook(document, arena, diagnostics);
        break;
    case DOCUMENT_PAGE:
        read_page(document, arena);
        break;
    case DOCUMENT_SHELL:
        read_shell(document, arena);
        break;
    }
    tell_pieces(document, arena);
    return ok ? document : NULL;
}

/* The new text of a notebook's second piece. */
static Str shell_text(const Document *document, const Str *texts) {
    return document->n > 1 ? texts[1] : (Str){0};
}

bool document_render(const Document *document, Arena *arena, const Str *texts, Str *bytes,
                     Diagnostics *diagnostics) {
    switch (document->kind) {
    case DOCUMENT_PYTHON:
        break;
    case DOCUMENT_SHELL:
        *bytes = texts[0];
        return true;
    case DOCUMENT_NOTEBOOK:
        return notebook_render(document->notebook, arena, texts[0], shell_text(document, texts),
                               bytes, diagnostics);
    case DOCUMENT_PAGE:
        *bytes = blocks_render(document->blocks, arena, texts);
        return true;
    }
    return source_encode(document->pieces[0], arena, texts[0], bytes, diagnostics);
}

/* ---- places ---- */

static uint32_t count_characters(Str text) {
    uint32_t n = 0;
    for (ptrdiff_t i = 0; i < text.n; i++)
        n += ((unsigned char)text.p[i] & 0xC0) != 0x80;
    return n;
}

DocumentPlace document_place(const Document *document, Arena *arena, ptrdiff_t piece,
                             uint32_t line) {
    DocumentPlace place = {.line = line};
    if (document->kind == DOCUMENT_NOTEBOOK)
        place.part =
            str_format(arena, "cell %u", notebook_cell(document->notebook, line, &place.line));
    if (document->kind == DOCUMENT_PAGE) {
        const Block *block = &document->blocks->list.v[piece];
        place.line = block->line + line - 1;
        place.before = count_characters(block->prefix) + (block->session ? PROMPT_LENGTH : 0);
    }
    return place;
}

void document_file_lines(const Document *document, Arena *arena, ptrdiff_t piece, uint32_t *lines) {
    uint32_t n = document->pieces[piece]->lines;
    if (document->kind == DOCUMENT_NOTEBOOK) {
        notebook_raw_lines(document->notebook, arena, lines, n);
        return;
    }
    uint32_t first = document->kind == DOCUMENT_PAGE ? document->blocks->list.v[piece].line : 1;
    for (uint32_t i = 0; i < n; i++)
        lines[i] = first + i;
}

static bool find_in_page(const Document *document, uint32_t line, ptrdiff_t *piece,
                         uint32_t *piece_line) {
    for (ptrdiff_t i = 0; i < document->n; i++) {
        const Block *block = &document->blocks->list.v[i];
        if (line < block->line || line >= block->line + block->piece->lines)
            continue;
        *piece = i;
        *piece_line = line - block->line + 1;
        return true;
    }
    return false;
}

bool document_find(const Document *document, Str part, uint32_t line, ptrdiff_t *piece,
                   uint32_t *piece_line) {
    *piece = 0;
    *piece_line = line;
    if (document->kind == DOCUMENT_PAGE)
        return !part.n && find_in_page(document, line, piece, piece_line);
    if (document->kind == DOCUMENT_PYTHON || document->kind == DOCUMENT_SHELL)
        return !part.n && document->n && line && line <= document->pieces[0]->lines;
    uint32_t cell = 0;
    for (ptrdiff_t i = S("cell ").n; i < part.n && cell < 1000000; i++)
        cell = cell * 10 + (uint32_t)(part.p[i] - '0');
    *piece_line = notebook_line(document->notebook, cell, line);
    return *piece_line != 0;
}

void document_split_path(Str given, Str *path, Str *part) {
    Str mark = S(":cell ");
    ptrdiff_t colon = str_rfind_byte(given, ':');
    *path = given;
    *part = (Str){0};
    if (colon < 0 || !str_starts(str_slice(given, colon, given.n), mark))
        return;
    for (ptrdiff_t i = colon + mark.n; i < given.n; i++)
        if (given.p[i] < '0' || given.p[i] > '9')
            return;
    *path = str_slice(given, 0, colon);
    *part = str_slice(given, colon + 1, given.n);
}

Str document_join_path(Arena *arena, Str path, Str part) {
    return str_format(arena, "%.*s%s%.*s", STR_ARG(path), part.n ? ":" : "", STR_ARG(part));
}

void document_diff(const Document *document, Buf *out, Str path, const Str *texts, Str bytes,
                   const PieceMarks *marks, bool raw) {
    Arena *arena = out->arena;
    const Notebook *notebook = document->notebook;
    List(DiffMark) all = {0};
    for (ptrdiff_t i = 0; i < document->n; i++)
        for (ptrdiff_t k = 0; k < marks[i].n; k++) {
            DiffMark mark = marks[i].v[k];
            if (notebook)
                mark.line = raw ? notebook_raw_line(notebook, arena, mark.line) : mark.line;
            else
                mark.line = document_place(document, arena, i, mark.line).line;
            *list_push(arena, &all) = mark;
        }
    if (notebook && !raw) {
        notebook_diff(notebook, out, path, texts[0], shell_text(document, texts), all.v, all.n);
        return;
    }
    diff_print(out, path, document->bytes, bytes, all.v, all.n);
}

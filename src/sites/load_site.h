/* The places of a file that load a model, each with the configuration that it loads it with.
 *
 * What is read is what the libraries would be given: arguments by name, positionally, from splatted
 * dicts, through names and functions of the file. What cannot be followed is listed as such and
 * never guessed. Nothing on disk is looked at. */
#ifndef HFFIX_SITES_LOAD_SITE_H
#define HFFIX_SITES_LOAD_SITE_H

#include "facts/facts.h"

typedef List(Str) SiteNames;

typedef struct SiteArgument {
    Str name, json;
} SiteArgument;
typedef List(SiteArgument) SiteArguments;

/* Something that is wrong whatever the checkpoint is. */
typedef struct SiteProblem {
    bool fatal; /* the call raises, or one behind it does */
    Str text;
} SiteProblem;

typedef enum PadSide { PAD_SIDE_UNSAID, PAD_SIDE_LEFT, PAD_SIDE_RIGHT } PadSide;

/* The tokenizer that goes with the model, and what the file makes of it. */
typedef struct SiteTokenizer {
    bool found;
    Str id;              /* empty: that of the model, or not known */
    PadSide side;        /* that the file sets */
    Str pad_token;       /* that the file sets; empty: none */
    Str pad_from;        /* "eos_token" of `tokenizer.pad_token = tokenizer.eos_token` */
    int64_t pad_id;      /* that the file sets; -1: none */
    bool pad_if_missing; /* … where the tokenizer has none: it stands under an `if` */
    bool adds_token;     /* by add_special_tokens */
    bool resizes;        /* the model's embedding is resized behind it */
    bool pads;           /* some call pads */
} SiteTokenizer;

typedef struct LoadSite {
    Node call;
    uint32_t line, last_line; /* of the call */
    Str class_name;           /* "transformers.AutoModelForCausalLM"; "transformers.pipeline" */
    bool pipeline;
    Str task;    /* of a pipeline; empty: not known */
    Str id;      /* empty: not known */
    Str id_text; /* as the file writes it */
    Str revision, subfolder;
    SiteArguments arguments; /* of from_pretrained, as far as they were read */
    Str load;                /* the same as a JSON object */
    SiteNames open;          /* arguments that are there and could not be followed */
    bool opaque;             /* a splat may bring more */
    bool form_open;          /* … among `open` is one that decides the form of the weights */
    int64_t new_tokens;      /* max_new_tokens of its generate calls; -1: not said */
    SiteTokenizer tokenizer;
    List(SiteProblem) problems;
} LoadSite;

typedef struct LoadSites {
    LoadSite *v; /* in source order */
    ptrdiff_t n;
} LoadSites;

LoadSites load_sites(const FactContext *context);

/* All that was read of a site, as text: two sites with the same one load the same. */
Str load_site_form(Arena *arena, const LoadSite *site);

#endif

/* Qualified names: what an expression is called outside of the file. */
#ifndef HFFIX_PYTHON_NAMES_H
#define HFFIX_PYTHON_NAMES_H

#include "python/scope.h"

/* "transformers.AutoTokenizer.from_pretrained" for a name or attribute chain whose first name is an
 * import, by alias or not, in any scope that the place sees; through `X = transformers.AutoModel`
 * and `load = AutoModel.from_pretrained` with one binding; `getattr(module, "Name")` with a literal
 * name. A class or function of the file itself is ".Name" (a leading dot), its method
 * ".Name.method", a function in a function ".outer.inner". Empty when unknown, shadowed, or bound
 * in several ways that do not agree. A name that another
 * module of the project only imports is what it imports there (Module.reexported). A name that is
 * one of the module's wrappers is what that stands for. */
Str qualified_name(const Module *module, Node expression);

/* Whether a qualified name is the one that a pattern or a table means. They are equal, or the
 * pattern is LIBRARY.Rest, and the name LIBRARY.modules.Rest with modules in lower case between:
 * "transformers.models.auto.tokenization_auto.AutoTokenizer" is "transformers.AutoTokenizer". A
 * pattern with modules of its own matches only itself; so does a function of one plain word, unless
 * the module is called after it ("transformers.pipelines.pipeline", but not "torch.hub.load" for
 * "torch.load"). */
bool qualified_matches(Str qualified, Str pattern);

/* Text of a name or attribute chain with blanks and newlines taken out ("self.model.generate");
 * empty when the expression is anything else. */
Str dotted_name(const Module *module, Node expression);

/* Where the name stands as a word of the text at or behind `from`, and not as an attribute of
 * something else; -1: nowhere. */
ptrdiff_t find_bare_name(Str text, Str name, ptrdiff_t from);

/* Dotted name of the callee of a call, and the last part of it ("from_pretrained"). */
Node call_function(const Module *module, Node call);
Str call_last_name(const Module *module, Node call);
/* `name(…)` of a builtin: nothing in the file binds the name. */
bool is_builtin_call(const Module *module, Node expression, Str name);
/* For `object.method(…)`: the object; 0 for a call of a plain name. */
Node call_receiver(const Module *module, Node call);

/* Qualified names of the base classes of a class_definition, through classes of the same file; the
 * list lies in the module's arena. */
const Str *class_bases(const Module *module, Node class_definition, ptrdiff_t *n);

#endif

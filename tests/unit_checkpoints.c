/* What the files of checkpoints say to rules: sizes, dtypes, families, and where they are found. */
#include "facts/checkpoints.h"

#include "unit.h"

#include "tests/facts.h"
#include "unit_folder.h"

#define LLAMA                                                                          \
    "\"architectures\": [\"LlamaForCausalLM\"], \"model_type\": \"llama\", "           \
    "\"hidden_size\": 4096, \"intermediate_size\": 14336, \"num_hidden_layers\": 32, " \
    "\"num_attention_heads\": 32, \"num_key_value_heads\": 8, \"vocab_size\": 128256"

static void begin(void) {
    folder_open();
    project.hub_cache = true;
    project.checkpoints = checkpoints_open(&snippet_arena);
}

static void end(void) {
    checkpoints_close(project.checkpoints);
    project.checkpoints = NULL;
    folder_close();
}

/* Tenths of billions of parameters; -1: unknown. */
static int tenths(const char *id) {
    Answer answer = ask("billions", "pass", str_from(id));
    return answer.tri == TRI_YES ? (int)(answer.number * 10 + 0.5) : -1;
}

static char is(const char *word, const char *id) {
    return "nyu"[ask(word, "pass", str_from(id)).tri];
}

static void sizes(void) {
    begin();
    folder_write("models/plain/config.json", "{" LLAMA "}");
    folder_write("models/indexed/config.json", "{" LLAMA ", \"dtype\": \"bfloat16\"}");
    folder_write("models/indexed/model.safetensors.index.json",
                 "{\"metadata\": {\"total_size\": 26000000000}}");
    folder_write("models/counted/config.json", "{" LLAMA "}");
    folder_write("models/counted/model.safetensors.index.json",
                 "{\"metadata\": {\"total_parameters\": 3000000000, \"total_size\": 1}}");
    folder_write("models/moe-8b/config.json", "{\"model_type\": \"mixtral\"}");
    folder_write("models/llama-70b/config.json", "not JSON");
    folder_write("acme/llama-70b/config.json", "{" LLAMA "}");
    CHECK_INT(tenths("models/plain"), 80);
    CHECK_INT(tenths("./models/plain"), 80);
    CHECK_INT(tenths("models/indexed"), 130);
    CHECK_INT(tenths("models/counted"), 30);
    CHECK_INT(tenths("models/moe-8b"), -1);
    CHECK_INT(tenths("models/llama-70b"), -1);
    CHECK_INT(tenths("acme/llama-70b"), 80);
    CHECK_INT(tenths("acme2/llama-70b"), 700);
    CHECK_INT(
        tenths(str_c(&snippet_arena, str_format(&snippet_arena, "%s/models/plain", folder_path))),
        80);
    end();
}

static void answers(void) {
    begin();
    folder_write("q/config.json",
                 "{" LLAMA ", \"quantization_config\": {\"quant_method\": \"awq\"}}");
    folder_write("h/config.json", "{" LLAMA ", \"torch_dtype\": \"float16\"}");
    folder_write("h/generation_config.json", "{\"max_new_tokens\": 9, \"do_sample\": true}");
    folder_write("t/config.json", "{\"model_type\": \"t5\", \"is_encoder_decoder\": true}");
    folder_write("own/config.json",
                 "{\"model_type\": \"ours\", \"auto_map\": {\"AutoConfig\": \"c.C\"}}");
    folder_write("left/config.json", "{" LLAMA ", \"auto_map\": {\"AutoConfig\": \"c.C\"}}");
    CHECK_INT(is("quantized_checkpoint", "q"), 'y');
    CHECK_INT(is("quantized_checkpoint", "h"), 'n');
    CHECK_INT(is("quantized_checkpoint", "./none"), 'u');
    CHECK_INT(is("ships_float16", "h"), 'y');
    CHECK_INT(is("ships_float16", "q"), 'n');
    CHECK_INT(is("ships_float16", "none"), 'n');
    CHECK_INT(is("ships_generation_length", "h"), 'y');
    CHECK_INT(is("ships_generation_length", "q"), 'n');
    CHECK_INT(is("needs_remote_code", "own"), 'y');
    CHECK_INT(is("needs_remote_code", "left"), 'n');
    CHECK_INT(is("needs_remote_code", "q"), 'n');
    CHECK_INT(is("needs_remote_code", "none"), 'u');
    CHECK_INT(is("native", "q"), 'y');
    CHECK_INT(is("native", "left"), 'u');
    CHECK_INT(is("native", "own"), 'u');
    CHECK_INT(is("commit", "own"), 'u');
    ASKED("decoder_only", 'y', CAUSAL "t = $AutoTokenizer.from_pretrained('q')$\n");
    ASKED("encoder_decoder", 'y', CAUSAL "t = $AutoTokenizer.from_pretrained('./t')$\n");
    end();
}

static void hub(void) {
    begin();
    setenv("HF_HOME", "home", 1);
    unsetenv("HF_HUB_CACHE");
    unsetenv("HUGGINGFACE_HUB_CACHE");
    folder_write("home/hub/models--acme--a/refs/main", "abc123");
    folder_write("home/hub/models--acme--a/snapshots/abc123/config.json", "{" LLAMA "}");
    CHECK_INT(tenths("acme/a"), 80);
    CHECK_STR(ask("commit", "pass", S("acme/a")).text, S("\"abc123\""));
    CHECK_INT(tenths("acme/../a"), -1);
    project.hub_cache = false;
    CHECK_INT(tenths("acme/a"), -1);
    end();
    arena_close(&snippet_arena);
}

UNIT_MAIN(sizes, answers, hub)

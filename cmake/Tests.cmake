# The tests, by name:
#   unit.NAME             tests/unit_NAME.c
#   fixtures.AREA.NAME    a transform against its cases in fixtures/AREA/NAME
#   cli                   the command from outside: exit statuses, streams, writing, git, terminals
#   fixtures.complete     every transform has fixtures, and no fixture is astray
#   verify.NAME           --verify on the script fixtures/verify/NAME.py
#   check.models          the native check against the ids, tokens, logits and hashes of fixtures/models
#   check.command         hffix --check-model from outside
#   check.cases           the same of a folder that HFFIX_CHECK_CASES names
#   real_trees            old releases of real projects: no crash, still parses, a second run finds nothing, …
#   closure               all transforms over all cases: one run is enough, and none undoes another
#   catalogue             every known change of the libraries has its transform, or the reason against it
#   examples              four of five editing transforms have an example for tests/oracle.py
#   fuzz.NAME             readers against bad input (tests/fuzz)
#   structure.NAME        what the tree promises of itself, checked by tests/structure.py
# `ctest --test-dir BUILD -R NAME --output-on-failure` runs one.

if(NOT HFFIX_PYTHON)
    message(FATAL_ERROR "The tests need Python 3. -DBUILD_TESTING=OFF builds hffix without them.")
endif()

file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/unit_*.c")
foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    string(REPLACE "unit_" "" short "${name}")
    add_executable(${name} "${source}")
    target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}")
    target_link_libraries(${name} PRIVATE hffix_builtin hffix_rooms)
    target_link_options(${name} PRIVATE ${HFFIX_LTO_OTHERS_LINK})
    add_test(NAME unit.${short} COMMAND ${name} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(unit.${short} PROPERTIES TIMEOUT 120)
endforeach()

# One test for each transform, so that a transform without fixtures fails.
foreach(transform IN LISTS HFFIX_TRANSFORMS)
    cmake_path(RELATIVE_PATH transform BASE_DIRECTORY "${CMAKE_SOURCE_DIR}/transforms")
    string(REGEX REPLACE "\\.patch$" "" transform "${transform}")
    string(REPLACE "/" "." name "${transform}")
    add_test(NAME fixtures.${name}
        COMMAND "${HFFIX_PYTHON}" tests/run_fixtures.py --hffix "$<TARGET_FILE:hffix>" "${transform}"
        WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(fixtures.${name} PROPERTIES TIMEOUT 300)
endforeach()

add_test(NAME cli
    COMMAND "${HFFIX_PYTHON}" tests/run_cli.py "$<TARGET_FILE:hffix>"
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
set_tests_properties(cli PROPERTIES TIMEOUT 300)

add_test(NAME fixtures.complete
    COMMAND "${HFFIX_PYTHON}" tests/run_fixtures.py --hffix "$<TARGET_FILE:hffix>" --complete
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")

add_test(NAME closure
    COMMAND "${HFFIX_PYTHON}" tests/closure.py --hffix "$<TARGET_FILE:hffix>"
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
add_test(NAME catalogue
    COMMAND "${HFFIX_PYTHON}" tests/catalogue.py
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
add_test(NAME examples
    COMMAND "${HFFIX_PYTHON}" tests/oracle.py --list
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")

# The native check against checkpoints with the real libraries' answers, one of each architecture. They are written by
# tools/make_models.py --fixtures fixtures/models.
add_test(NAME check.models
    COMMAND "${HFFIX_PYTHON}" tests/check_cases.py --hffix "$<TARGET_FILE:hffix>" --cases=fixtures/models
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
set_tests_properties(check.models PROPERTIES TIMEOUT 120)

add_test(NAME check.command
    COMMAND "${HFFIX_PYTHON}" tests/run_check.py "$<TARGET_FILE:hffix>"
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
set_tests_properties(check.command PROPERTIES TIMEOUT 300)

# Verdicts on scripts, from the call site on: a test for each.
file(GLOB cases CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/fixtures/verify/*.py")
foreach(case IN LISTS cases)
    cmake_path(GET case STEM name)
    add_test(NAME verify.${name}
        COMMAND "${HFFIX_PYTHON}" tests/run_verify.py --hffix "$<TARGET_FILE:hffix>" "${name}"
        WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(verify.${name} PROPERTIES TIMEOUT 120)
endforeach()

# More of them, where a folder is given.
set(HFFIX_CHECK_CASES "$ENV{HFFIX_CHECK_CASES}" CACHE PATH "Checkpoints with golden.json, for the native check")
if(HFFIX_CHECK_CASES)
    add_test(NAME check.cases
        COMMAND "${HFFIX_PYTHON}" tests/check_cases.py --hffix "$<TARGET_FILE:hffix>" "--cases=${HFFIX_CHECK_CASES}"
        WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(check.cases PROPERTIES TIMEOUT 900)
endif()

# Real projects, fetched as wheels with pip. HFFIX_REAL_TREES=OFF: without a network.
option(HFFIX_REAL_TREES "Test hffix on real projects, which pip fetches" ON)
if(HFFIX_REAL_TREES)
    set(formatted --formatted)
    if(HFFIX_SANITIZE)
        set(formatted "") # the diffs are the same; one run shows how they are laid out
    endif()
    add_test(NAME real_trees
        COMMAND "${HFFIX_PYTHON}" tests/real_trees.py --hffix "$<TARGET_FILE:hffix>"
            --work "${CMAKE_BINARY_DIR}/real_trees" --downloads "${HFFIX_DEPS_CACHE}/wheels" ${formatted}
        WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(real_trees PROPERTIES TIMEOUT 1500 RUN_SERIAL ON)
endif()

find_program(HFFIX_CLANG_FORMAT NAMES clang-format DOC "clang-format 18.1: checks the form of the sources")
foreach(name IN ITEMS includes headers exits lines editorconfig format pages)
    add_test(NAME structure.${name}
        COMMAND "${HFFIX_PYTHON}" tests/structure.py ${name}
        WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(structure.${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300
        ENVIRONMENT "CC=${CMAKE_C_COMPILER};CLANG_FORMAT=${HFFIX_CLANG_FORMAT}")
endforeach()

# Fuzz targets. As tests: the seeds and a few thousand inputs made of them, always the same (tests/fuzz/driver.c). With
# HFFIX_FUZZ, which needs clang: under libFuzzer for HFFIX_FUZZ_SECONDS, as tests fuzz.NAME.
option(HFFIX_FUZZ "Fuzz targets run under libFuzzer" OFF)
set(HFFIX_FUZZ_SECONDS 60 CACHE STRING "How long each fuzz target runs")
set(HFFIX_MODELS "${CMAKE_SOURCE_DIR}/fixtures/models")
set(HFFIX_SEEDS_json "${HFFIX_MODELS}/*/*config.json")
set(HFFIX_SEEDS_tensors "${CMAKE_SOURCE_DIR}/tests/fuzz/seeds/tensors/*")
set(HFFIX_SEEDS_tokenizer "${HFFIX_MODELS}/*/tokenizer.json")
set(HFFIX_SEEDS_config "${HFFIX_MODELS}/*/config.json")
set(HFFIX_SEEDS_patch "${CMAKE_SOURCE_DIR}/transforms/*/*.patch")
set(HFFIX_SEEDS_document "${CMAKE_SOURCE_DIR}/fixtures/demo/*.py" "${CMAKE_SOURCE_DIR}/fixtures/load/bnb-config/*.ipynb"
    "${CMAKE_SOURCE_DIR}/fixtures/load/bnb-config/*.md")
if(HFFIX_FUZZ)
    target_compile_options(hffix_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
foreach(name IN ITEMS json tensors tokenizer config patch document)
    add_executable(fuzz_${name} "${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_${name}.c")
    target_include_directories(fuzz_${name} PRIVATE "${CMAKE_SOURCE_DIR}")
    target_compile_definitions(fuzz_${name} PRIVATE MODEL="${HFFIX_MODELS}/llama")
    target_link_libraries(fuzz_${name} PRIVATE hffix_builtin hffix_rooms)
    target_link_options(fuzz_${name} PRIVATE ${HFFIX_LTO_OTHERS_LINK})
    file(GLOB seeds CONFIGURE_DEPENDS ${HFFIX_SEEDS_${name}})
    if(HFFIX_FUZZ)
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
        # libFuzzer reads folders, and keeps what it finds in the first of them.
        set(folder "${CMAKE_BINARY_DIR}/fuzz/${name}")
        file(REMOVE_RECURSE "${folder}/seeds")
        file(MAKE_DIRECTORY "${folder}/seeds" "${folder}/found")
        foreach(seed IN LISTS seeds)
            string(MD5 hash "${seed}")
            configure_file("${seed}" "${folder}/seeds/${hash}" COPYONLY)
        endforeach()
        add_test(NAME fuzz.${name} COMMAND fuzz_${name} -max_total_time=${HFFIX_FUZZ_SECONDS} -timeout=20 -rss_limit_mb=2048
            -malloc_limit_mb=1024 -detect_leaks=0 -verbosity=0 -print_final_stats=1 "-artifact_prefix=${folder}/" "${folder}/found" "${folder}/seeds")
    else()
        target_sources(fuzz_${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests/fuzz/driver.c")
        set(runs 3000)
        if(name STREQUAL "document") # each runs all transforms
            set(runs 500)
        endif()
        add_test(NAME fuzz.${name} COMMAND fuzz_${name} --runs ${runs} ${seeds})
    endif()
    # A run that ends because the limit of memory is reached leaves a JSON document or a regular expression behind.
    set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 300 ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0")
endforeach()

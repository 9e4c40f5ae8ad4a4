# What hffix stands on, as the targets deps::tree-sitter, deps::grammars, deps::pcre2 and deps::yyjson.
#
# An installed tree-sitter (0.25 or newer), PCRE2 and yyjson are taken first, by pkg-config; what is missing is
# fetched as a pinned source package and built static. The grammars are always the pinned ones: kinds.def and fields.def name
# their nodes, and another version may name them differently.
#
# -DHFFIX_TREE_SITTER_SOURCE_DIR=, …_TREE_SITTER_PYTHON_…, …_TREE_SITTER_TOML_…, …_TREE_SITTER_BASH_…,
# …_PCRE2_… and …_YYJSON_… give unpacked sources instead. -DHFFIX_FETCH=ON takes the pinned packages even where a library is installed.
include(Fetch)

option(HFFIX_FETCH "Use the pinned source packages even where a library is installed" OFF)
foreach(name IN ITEMS TREE_SITTER TREE_SITTER_PYTHON TREE_SITTER_TOML TREE_SITTER_BASH PCRE2 YYJSON)
    set(HFFIX_${name}_SOURCE_DIR "" CACHE PATH "Unpacked sources, in place of an installed or fetched package")
endforeach()

find_package(PkgConfig QUIET)
set(HFFIX_LICENSES "") # FILE=NAME of what is linked in, for the installation

# Others' code is built as they wrote it: without our warnings.
function(hffix_quiet target)
    target_compile_options(${target} PRIVATE -w)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()

# ---- tree-sitter -------------------------------------------------------------------------------------------------

set(folder "${HFFIX_TREE_SITTER_SOURCE_DIR}")
if(NOT folder AND NOT HFFIX_FETCH AND PkgConfig_FOUND)
    pkg_check_modules(TREE_SITTER QUIET IMPORTED_TARGET "tree-sitter>=0.25")
endif()
if(TREE_SITTER_FOUND)
    add_library(deps::tree-sitter ALIAS PkgConfig::TREE_SITTER)
    set(HFFIX_TREE_SITTER_VERSION "${TREE_SITTER_VERSION}")
else()
    if(NOT folder)
        hffix_fetch(folder CLIENT pip NAME tree-sitter VERSION 0.26.1
            ARCHIVE tree_sitter-0.26.1.tar.gz FOLDER tree_sitter-0.26.1
            SHA256 9919cbaf02d17fa9a4cd0e6da496aecf901b758e6eacf122eee393e3ef08aacd)
    endif()
    hffix_source_version(HFFIX_TREE_SITTER_VERSION "${folder}")
    list(APPEND HFFIX_LICENSES "${folder}/LICENSE=tree-sitter")
    # The Python package keeps the C library in a folder of its own; the project itself has it in lib/.
    if(EXISTS "${folder}/tree_sitter/core/lib/src/lib.c")
        string(APPEND folder "/tree_sitter/core")
    endif()
    add_library(tree_sitter STATIC "${folder}/lib/src/lib.c")
    target_include_directories(tree_sitter SYSTEM PUBLIC "${folder}/lib/include" PRIVATE "${folder}/lib/src")
    target_compile_definitions(tree_sitter PRIVATE
        _POSIX_C_SOURCE=200112L _DEFAULT_SOURCE _BSD_SOURCE _DARWIN_C_SOURCE)
    hffix_quiet(tree_sitter)
    add_library(deps::tree-sitter ALIAS tree_sitter)
endif()

# ---- the grammars ------------------------------------------------------------------------------------------------

set(folder "${HFFIX_TREE_SITTER_PYTHON_SOURCE_DIR}")
if(NOT folder)
    hffix_fetch(folder CLIENT npm NAME tree-sitter-python VERSION 0.25.0
        ARCHIVE tree-sitter-python-0.25.0.tgz FOLDER package
        SHA256 63b76b3fa8181fd79eaad4abcdb21e2babcb504dbfc7710a89934fa456d26096)
endif()
hffix_source_version(HFFIX_TREE_SITTER_PYTHON_VERSION "${folder}")
list(APPEND HFFIX_LICENSES "${folder}/LICENSE=tree-sitter-python")
set(grammars "${folder}")

set(folder "${HFFIX_TREE_SITTER_TOML_SOURCE_DIR}")
if(NOT folder)
    hffix_fetch(folder CLIENT npm NAME @tree-sitter-grammars/tree-sitter-toml VERSION 0.7.0
        ARCHIVE tree-sitter-grammars-tree-sitter-toml-0.7.0.tgz FOLDER package
        SHA256 b3a7834caf2e5266d09fc5df0b166a665412b9688b86ac02ab172c48bdab7e13)
endif()
hffix_source_version(HFFIX_TREE_SITTER_TOML_VERSION "${folder}")
list(APPEND HFFIX_LICENSES "${folder}/LICENSE=tree-sitter-toml")
list(APPEND grammars "${folder}")

set(folder "${HFFIX_TREE_SITTER_BASH_SOURCE_DIR}")
if(NOT folder)
    hffix_fetch(folder CLIENT npm NAME tree-sitter-bash VERSION 0.25.1
        ARCHIVE tree-sitter-bash-0.25.1.tgz FOLDER package
        SHA256 d4b2819508ea97cb8953fff7e304a610d443007bd395c8f03a15de9a8ae4a6f9)
endif()
hffix_source_version(HFFIX_TREE_SITTER_BASH_VERSION "${folder}")
list(APPEND HFFIX_LICENSES "${folder}/LICENSE=tree-sitter-bash")
list(APPEND grammars "${folder}")

add_library(grammars STATIC)
foreach(folder IN LISTS grammars)
    target_sources(grammars PRIVATE "${folder}/src/parser.c" "${folder}/src/scanner.c")
    # Each brings the tree_sitter/parser.h that its parser.c was made for.
    set_source_files_properties("${folder}/src/parser.c" "${folder}/src/scanner.c"
        PROPERTIES INCLUDE_DIRECTORIES "${folder}/src")
endforeach()
hffix_quiet(grammars)
add_library(deps::grammars ALIAS grammars)

# ---- PCRE2 -------------------------------------------------------------------------------------------------------

set(folder "${HFFIX_PCRE2_SOURCE_DIR}")
if(NOT folder AND NOT HFFIX_FETCH AND PkgConfig_FOUND)
    pkg_check_modules(PCRE2 QUIET IMPORTED_TARGET libpcre2-8)
endif()
if(PCRE2_FOUND)
    add_library(deps::pcre2 ALIAS PkgConfig::PCRE2)
else()
    if(NOT folder)
        # The package is a Python binding; what is used is the PCRE2 10.47 inside it.
        hffix_fetch(folder CLIENT pip NAME pcre2 VERSION 0.7.1
            ARCHIVE pcre2-0.7.1.tar.gz FOLDER pcre2-0.7.1/src/libpcre2
            SHA256 69ced4288892e2571dd792e7bfb12371bb059f226204bf03300664177c508b64)
    endif()
    list(APPEND HFFIX_LICENSES "${folder}/LICENCE.md=pcre2")
    # A scope of its own, so that PCRE2's variables do not reach ours.
    block()
        set(BUILD_SHARED_LIBS OFF)
        set(BUILD_STATIC_LIBS ON)
        set(CMAKE_POLICY_DEFAULT_CMP0077 NEW) # option() and set(CACHE) keep the values set here
        set(CMAKE_POLICY_DEFAULT_CMP0126 NEW)
        set(PCRE2_STATIC_PIC ON)
        set(PCRE2_SUPPORT_JIT ON)
        set(PCRE2_SHOW_REPORT OFF)
        set(PCRE2_BUILD_PCRE2GREP OFF)
        set(PCRE2_BUILD_TESTS OFF)
        set(PCRE2_SUPPORT_LIBBZ2 OFF)
        set(PCRE2_SUPPORT_LIBZ OFF)
        set(PCRE2_SUPPORT_LIBREADLINE OFF)
        set(CMAKE_MESSAGE_LOG_LEVEL WARNING)
        set(CMAKE_WARN_DEPRECATED OFF)
        add_subdirectory("${folder}" "${CMAKE_BINARY_DIR}/pcre2" EXCLUDE_FROM_ALL)
    endblock()
    hffix_quiet(pcre2-8-static)
    add_library(deps::pcre2 ALIAS pcre2-8-static)
endif()

# ---- yyjson ------------------------------------------------------------------------------------------------------

set(folder "${HFFIX_YYJSON_SOURCE_DIR}")
if(NOT folder AND NOT HFFIX_FETCH AND PkgConfig_FOUND)
    pkg_check_modules(YYJSON QUIET IMPORTED_TARGET "yyjson>=0.10")
endif()
if(YYJSON_FOUND)
    add_library(deps::yyjson ALIAS PkgConfig::YYJSON)
else()
    if(NOT folder)
        # The package is a Python binding; what is used is the yyjson 0.10 inside it.
        hffix_fetch(folder CLIENT pip NAME yyjson VERSION 4.0.6
            ARCHIVE yyjson-4.0.6.tar.gz FOLDER yyjson-4.0.6
            SHA256 fcd4dc15c1e39a30bf9fa85d56903029111506860fc3080ab0d81c6c6dacaa8c)
    endif()
    list(APPEND HFFIX_LICENSES "${folder}/LICENSE=yyjson")
    # The Python package keeps the C library beside the binding; the project itself has it in src/.
    if(EXISTS "${folder}/yyjson/yyjson.c")
        string(APPEND folder "/yyjson")
    else()
        string(APPEND folder "/src")
    endif()
    add_library(yyjson STATIC "${folder}/yyjson.c")
    target_include_directories(yyjson SYSTEM PUBLIC "${folder}")
    target_compile_definitions(yyjson PRIVATE YYJSON_DISABLE_WRITER=1 YYJSON_DISABLE_UTILS=1)
    hffix_quiet(yyjson)
    add_library(deps::yyjson ALIAS yyjson)
endif()

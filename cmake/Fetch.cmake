# Pinned source packages, by their ordinary clients.
#
# A package is named with its version and the SHA-256 of its archive. The archive is asked of pip or npm, which bring
# the user's own configuration (mirrors, proxies, credentials) with them, and is used only if its hash is the pinned one.
# Archive and unpacked folder stay in HFFIX_DEPS_CACHE, so that a second configuration asks nobody.

set(HFFIX_DEPS_CACHE "${CMAKE_BINARY_DIR}/deps" CACHE PATH "Where fetched source packages are kept")

# The pip of the python3 that a shell would find; find_package(Python3) may prefer another one, without pip.
find_program(HFFIX_PYTHON NAMES python3 python DOC "Python with pip: fetches packages, runs tests")
find_program(HFFIX_NPM NAMES npm DOC "npm: fetches the grammars")

# Runs `npm pack` or `pip download` for NAME at VERSION into the folder TO.
function(hffix_download client name version to)
    if(client STREQUAL "pip")
        set(tool "${HFFIX_PYTHON}")
        set(command "${HFFIX_PYTHON}" -m pip download --quiet --disable-pip-version-check --no-input
            --no-deps --no-binary "${name}" --dest "${to}" "${name}==${version}")
    else()
        set(tool "${HFFIX_NPM}")
        set(command "${HFFIX_NPM}" pack --silent --pack-destination "${to}" "${name}@${version}")
    endif()
    if(NOT tool)
        message(FATAL_ERROR
            "${name} ${version} is neither installed nor fetched yet, and ${client} is missing.\n"
            "Install ${client}, or give the sources with the -DHFFIX_…_SOURCE_DIR= of cmake/Dependencies.cmake.")
    endif()
    message(STATUS "Fetching ${name} ${version} with ${client}")
    execute_process(COMMAND ${command} WORKING_DIRECTORY "${to}" RESULT_VARIABLE failed
        OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(failed)
        message(FATAL_ERROR "Fetching ${name} ${version} failed:\n${output}")
    endif()
endfunction()

# Sets RESULT to the folder with the unpacked sources. ARCHIVE is the name of the file that the client writes, FOLDER
# the one folder in it.
function(hffix_fetch result)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "CLIENT;NAME;VERSION;ARCHIVE;SHA256;FOLDER" "")
    set(archive "${HFFIX_DEPS_CACHE}/${arg_ARCHIVE}")
    set(unpacked "${HFFIX_DEPS_CACHE}/${arg_SHA256}")
    file(MAKE_DIRECTORY "${HFFIX_DEPS_CACHE}")
    file(LOCK "${HFFIX_DEPS_CACHE}/lock" GUARD FUNCTION TIMEOUT 600)

    if(NOT EXISTS "${unpacked}")
        if(NOT EXISTS "${archive}")
            hffix_download("${arg_CLIENT}" "${arg_NAME}" "${arg_VERSION}" "${HFFIX_DEPS_CACHE}")
        endif()
        if(NOT EXISTS "${archive}")
            message(FATAL_ERROR "${arg_CLIENT} brought no ${arg_ARCHIVE} for ${arg_NAME} ${arg_VERSION}.")
        endif()
        file(SHA256 "${archive}" got)
        if(NOT got STREQUAL arg_SHA256)
            file(RENAME "${archive}" "${archive}.refused")
            message(FATAL_ERROR
                "${arg_ARCHIVE} is not the pinned one and was not unpacked (it is now ${arg_ARCHIVE}.refused).\n"
                "  SHA-256 wanted: ${arg_SHA256}\n  SHA-256 got:    ${got}")
        endif()
        # Unpacked beside its final place and renamed, so that a broken-off configuration leaves nothing half done.
        file(REMOVE_RECURSE "${unpacked}.new")
        file(MAKE_DIRECTORY "${unpacked}.new")
        execute_process(COMMAND "${CMAKE_COMMAND}" -E tar xzf "${archive}"
            WORKING_DIRECTORY "${unpacked}.new" RESULT_VARIABLE failed)
        if(failed)
            message(FATAL_ERROR "Unpacking ${archive} failed.")
        endif()
        file(RENAME "${unpacked}.new" "${unpacked}")
    endif()
    set(${result} "${unpacked}/${arg_FOLDER}" PARENT_SCOPE)
endfunction()

# Sets RESULT to the version that a folder of sources names for itself.
function(hffix_source_version result folder)
    set(version "unknown")
    foreach(place IN ITEMS "package.json" "PKG-INFO" "Cargo.toml")
        if(EXISTS "${folder}/${place}")
            file(STRINGS "${folder}/${place}" lines
                REGEX "^(  \"version\": |Version: |version = )" LIMIT_COUNT 1)
            if(lines MATCHES "([0-9]+\\.[0-9]+\\.[0-9]+)")
                set(version "${CMAKE_MATCH_1}")
                break()
            endif()
        endif()
    endforeach()
    set(${result} "${version}" PARENT_SCOPE)
endfunction()

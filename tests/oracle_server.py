#!/usr/bin/env python3
"""Runs examples of tests/oracle.py, in the environment whose Python this is: oracle_server.py PLAN.json

The plan has `imports`, `seconds` and `runs`, each of these with `key`, `folder`, `file`, `fresh`, `out` and `err`. The
libraries are imported once; then each run gets a process of its own, which has them. A fresh run starts a new interpreter:
a script, or what sets variables that a library reads as it is imported. Of each run one line of JSON is printed.
"""

import importlib
import json
import logging
import os
import runpy
import signal
import sys
import time
import traceback
import warnings

TIMED_OUT = 124


def import_all(names):
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException:  # the example that needs it says so
            pass


def redirect(run):
    for path, standard in ((run["out"], 1), (run["err"], 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), standard)
    sys.stdout = open(1, "w", buffering=1, closefd=False)
    sys.stderr = open(2, "w", buffering=1, closefd=False)
    for logger in [logging.root, *logging.root.manager.loggerDict.values()]:
        for handler in getattr(logger, "handlers", []):
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(sys.stderr)


def run_here(file):
    warnings.simplefilter("default")
    warnings.filterwarnings("ignore", category=ResourceWarning)
    sys.argv = [file]
    sys.path[0] = os.getcwd()
    try:
        runpy.run_path(file, run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def child(run):
    os.setsid()
    redirect(run)
    os.chdir(run["folder"])
    if run["fresh"]:
        os.environ["PYTHONWARNINGS"] = "default,ignore::ResourceWarning"
        command = ["bash", "-e"] if run["file"].endswith(".sh") else ["python"]
        os.execvp(command[0], [*command, run["file"]])
    status = run_here(run["file"])
    sys.stdout.flush(), sys.stderr.flush()
    os._exit(status)


def wait(pid, seconds):
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        done, code = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(code)
        time.sleep(0.02)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return TIMED_OUT


def main():
    with open(sys.argv[1]) as file:
        plan = json.load(file)
    import_all(plan["imports"])
    for run in plan["runs"]:
        pid = os.fork()
        if pid == 0:
            child(run)
        print(json.dumps({"key": run["key"], "status": wait(pid, plan["seconds"])}), flush=True)


if __name__ == "__main__":
    main()

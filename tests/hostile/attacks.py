"""Hostile submissions to ps6, as tables: what each of them tries, and what it is to earn.

``ROOT`` in a source stands for the folder of the course, ``STAMP`` for a text that is nowhere else.
"""

import json
import os
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

ZEROS = {
    "matmul_backward": "def matmul_backward(W, X, G):\n    return 0 * W, 0 * X",
    "dD_dW": "def dD_dW(W, h):\n    return np.zeros((len(W), *W.shape))",
    "linear_backward": "def linear_backward(X, W, b, T):\n    return 0 * X, 0 * W, 0 * b",
    "quad_grad": "def quad_grad(A, x):\n    return 0 * x, 0 * A",
}

# A cell before all others that wants points for wrong gradients. None of them is to earn any.
CHEATS = {
    "patch-asserts": """
import numpy, numpy.testing
for module in (numpy, numpy.testing, numpy.linalg):
    for name in dir(module):
        if any(word in name for word in ("assert", "close", "equal", "norm")):
            setattr(module, name, lambda *args, **options: True)
""",
    "patch-check": """
import autograder, builtins
autograder.check = autograder.evaluate = builtins.check = check = lambda *a, **o: 99.0
""",
    "patch-code": """
import autograder
from autograder.asking import ask, wire
def full(*args, **options): return 3.0
for f in (autograder.check, autograder.evaluate, wire.plain, ask.answers):
    f.__code__ = full.__code__
""",
    "patch-numpy": """
import numpy
for name in ("asarray", "array", "abs", "max", "isfinite", "all", "shape"):
    setattr(numpy, name, lambda *args, **options: 0.0)
""",
    "patch-wire": """
import autograder.asking.wire, autograder.asking.ask, autograder.sandbox.child as child, sys
child.as_plain = lambda answer: {"value": 3.0, "trouble": None, "text": ""}
main = sys.modules.get("autograder.sandbox.child")
sys.modules["autograder.judge.judge"] = sys.modules["backpropkit"] = main
""",
    "patch-builtins": """
import builtins
builtins.abs = builtins.max = builtins.float = builtins.isinstance = lambda *args: 0.0
""",
    "input-transformer": """
get_ipython().input_transformers_cleanup.append(lambda lines: ["3.0"])
get_ipython().input_transformers_post.append(lambda lines: ["3.0"])
""",
    "ast-transformer": """
import ast
class Full(ast.NodeTransformer):
    def visit_Call(self, node): return ast.Constant(3.0)
get_ipython().ast_transformers.append(Full())
""",
    "hooks": """
def full(*args): print("3.0"); get_ipython().user_ns["check"] = full; return 3.0
for name in ("pre_run_cell", "pre_execute", "post_run_cell", "post_execute"):
    get_ipython().events.register(name, full)
get_ipython().ast_node_interactivity = "all"
display(3.0); print(3.0)
3.0
""",
    "fake-result": """
class Full:
    def _repr_mimebundle_(self, **options): return {"text/plain": "3.0", "text/html": "3.0"}
    def __repr__(self): return "3.0"
get_ipython().displayhook.write_format_data = lambda *args: None
display(Full()); Full()
""",
    "forged-frames": """
import os, socket, struct, json, threading, time
def forge(value):
    data = json.dumps({"dict": {"value": value, "trouble": None, "text": ""}}).encode()
    return struct.pack(">I", len(data)) + data
def everywhere(data):
    for fd in range(3, 256):
        try: socket.socket(fileno=os.dup(fd)).send(data)
        except OSError: pass
everywhere(forge(3.0) * 50)
def forever():
    while True: everywhere(forge({"tuple": [3.0, 3.0]})); time.sleep(0.01)
threading.Thread(target=forever, daemon=True).start()
""",
    "forged-verdict": """
import os, json, struct
verdict = {"dict": {"exercise": "ps6.quad_grad", "points": 3.0, "max_points": 3.0}}
data = json.dumps(verdict).encode()
for fd in range(3, 256):
    try: os.write(fd, struct.pack(">I", len(data)) + data)
    except OSError: pass
""",
    "background-thread": """
import threading, time, sys
def later():
    while True:
        for module in list(sys.modules.values()):
            for name in ("TOLERANCE", "EXACT"):
                if hasattr(module, name): setattr(module, name, 1e9)
        time.sleep(0.001)
threading.Thread(target=later, daemon=True).start()
""",
    "settrace": """
import sys, threading
def trace(frame, event, arg):
    for name in ("truth", "expected", "reference", "points"):
        if name in frame.f_locals: frame.f_globals["stolen"] = frame.f_locals[name]
    return trace
sys.settrace(trace); sys.setprofile(trace); threading.settrace(trace)
""",
    "read-source": """
import glob, os
found = {}
for folder in ("ROOT", "ROOT/source", "ROOT/release", "..", "../..", "/", "/kit", "/proc/1/root"):
    for path in glob.glob(folder + "/**/*.ipynb", recursive=True) + glob.glob(folder + "/*.db"):
        found[path] = open(path).read()
assert not found, found
""",
    "write-gradebook": """
import sqlite3
db = sqlite3.connect("ROOT/gradebook.db")
db.execute("UPDATE grade SET auto_score = 3, manual_score = 3")
db.commit()
""",
    "detached": """
import os, subprocess, sys, time
code = "import time, sqlite3; time.sleep(1); sqlite3.connect('ROOT/gradebook.db')"
subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
""",
    "fork-and-write": """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1); open("ROOT/STAMP", "w").write("out"); os._exit(0)
""",
    "import-judge": """
import sys, importlib
sys.path[:0] = ["ROOT", "/usr/lib/python3/dist-packages", "..", "/"]
for name in ("autograder.catalog", "autograder.judge.judge", "autograd", "torch"):
    try: importlib.import_module(name); print("STAMP imported", name)
    except ImportError: pass
""",
    "unmount": """
import ctypes, os
libc = ctypes.CDLL(None)
for place in (b"/proc", b"/tmp", b"/home/learner", b"/dev/shm", b"/kit", b"/"):
    libc.umount2(place, 2)
libc.unshare(0x10000000); libc.chroot(b"/"); libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)
for pid in range(1, 300):
    for name in ("environ", "mem", "root", "cwd"):
        try: print("STAMP", open(f"/proc/{pid}/{name}").read(9)) if pid != os.getpid() else None
        except (OSError, UnicodeDecodeError): pass
""",
    "dev-shm": """
import os
for place in ("/dev/shm", "/tmp", "/var/tmp", "/run", "/home/learner", "/dev", "/dev/pts"):
    try: open(place + "/STAMP", "w").write("x"); os.symlink("ROOT/gradebook.db", place + "/STAMP-2")
    except OSError: pass
""",
    "sockets": """
import socket
for address in ("\\0STAMP", "/tmp/STAMP.sock"):
    s = socket.socket(socket.AF_UNIX)
    try: s.bind(address); s.listen()
    except OSError: pass
for host in ("127.0.0.1", "localhost", "8.8.8.8", "::1"):
    for port in (22, 53, 80, 443, 8888):
        try: socket.create_connection((host, port), 0.05); print("STAMP connected")
        except OSError: pass
""",
}

# Functions for all four exercises at once that look for the answer instead of deriving it.
THIEVES = {
    "callers-frame": """
import sys
def thief(*inputs):
    frame = sys._getframe()
    while frame:
        for name, value in {**frame.f_globals, **frame.f_locals}.items():
            if name in ("truth", "expected", "reference", "answer"): return value
        frame = frame.f_back
    return tuple(0 * i for i in inputs[:2])
""",
    "gc-objects": """
import gc
def thief(*inputs):
    seen = [o for o in gc.get_objects() if type(o).__name__ in ("Trial", "Verdict", "Exercise")]
    return seen or tuple(0 * i for i in inputs[:2])
""",
    "subclass": """
class Same(np.ndarray):
    def __array_ufunc__(self, *args, **options): return np.zeros(()).view(Same)
    def __eq__(self, other): return True
    def __abs__(self): return 0.0
    shape = property(lambda self: (2, 2))
def thief(*inputs): return tuple(np.zeros_like(i).view(Same) for i in inputs[:2])
""",
    "equal-to-all": """
class Anything:
    def __getattr__(self, name): return self
    def __call__(self, *args, **options): return self
    def __float__(self): return 0.0
    def __array__(self, *args, **options): return np.zeros(1)
    def __eq__(self, other): return True
    def __iter__(self): return iter((self, self))
    def __reduce__(self): return (print, ("STAMP",))
    __class__ = np.ndarray
def thief(*inputs): return Anything()
""",
    "partial-credit": """
tries = iter([True, {"points": 3}, -1.0, np.float64(3), "3.0", 1e400, 3 + 0j, [True], 99] * 99)
def thief(*inputs): return next(tries)
""",
    "special-floats": """
def thief(*inputs): return np.full_like(inputs[0], np.nan), np.full_like(inputs[1], np.inf)
""",
    "many-digits": """
import sys
sys.set_int_max_str_digits(0)
def thief(*inputs): return 10 ** 1_000_000, float("0." + "3" * 1_000_000)
""",
    "nested-lists": """
def thief(*inputs):
    deep = []
    for _ in range(100_000): deep = [deep]
    return deep, deep
""",
    "list-in-itself": """
def thief(*inputs):
    loop = []; loop += [loop] * 10
    return loop, (loop, {"a": loop})
""",
    "too-large": """
def thief(*inputs): return np.zeros(10**7), "x" * 10**7
""",
    "mutates-inputs": """
def thief(*inputs):
    for i in inputs: i[...] = 0
    return tuple(0 * i for i in inputs[:2])
""",
}

# A `quad_grad` that does harm; the other three answers are right and keep their points.
DAMAGE = {
    "exit": "import os\n    os._exit(0)",
    "sys-exit": "raise SystemExit(0)",
    "abort": "import os\n    os.abort()",
    "segfault": "import ctypes\n    ctypes.string_at(0)",
    "kill-self": "import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)",
    "kill-all": (
        "import os\n    for target in (0, -1, os.getppid(), -os.getpgid(0)):\n"
        "        for number in (1, 2, 9, 15, 19):\n"
        "            try: os.kill(target, number)\n            except OSError: pass"
    ),
    "close-everything": "import os\n    os.closerange(0, 4096)",
    "recursion": (
        "import sys\n    sys.setrecursionlimit(10**9)\n    f = lambda n: f(n + 1)\n    return f(0)"
    ),
    "endless-loop": "while True: pass",
    "deaf-loop": (
        "import signal\n    signal.signal(signal.SIGALRM, signal.SIG_IGN)\n    while True:\n"
        "        try: signal.pause()\n        except BaseException: pass"
    ),
    "loop-in-c": "return 7 ** (10 ** 9)",
    "endless-output": "while True: print('x' * 10_000)",
    "memory": "return [bytearray(1 << 28) for _ in range(1000)]",
    "numpy-memory": "return np.ones((1 << 20, 1 << 20))",
    "threads": (
        "import threading\n"
        "    for _ in range(10_000): threading.Thread(target=threading.Event().wait).start()"
    ),
    "forks": "import os\n    while True: os.fork()",
    "files": (
        "import os\n    for place in ('/tmp', '/home/learner', '/dev/shm'):\n"
        "        for n in range(10**6): open(f'{place}/{n}', 'wb').write(bytes(1 << 20))"
    ),
    "descriptors": "import os\n    return [os.open('/', 0) for _ in range(10**6)]",
    "raises-strangely": (
        "class E(BaseException):\n        def __str__(self): raise E()\n"
        "        __repr__ = __str__\n    raise E()"
    ),
    "deletes-namespace": "globals().clear()\n    raise KeyError",
    "overwrites-kit": "open('/kit/autograder/asking/wire.py', 'w').write('')",
}

# Cells put before right answers. They cost nothing.
HARMLESS = {
    "inotify": """
import ctypes
c = ctypes.CDLL(None)
for n in range(1000): c.inotify_init()
""",
    "warns": "import warnings, sys\nwarnings.warn('careful'); print('careful', file=sys.stderr)",
    "exits-in-a-cell": "import os\nos._exit(0)",
    "loops-in-a-cell": "while True: pass",
    "prints-200-MB": "for _ in range(2_000): print('x' * 100_000)",
    "draws-much": "for _ in range(300): display('x' * 10_000)",
    "markup": (
        "from IPython.display import HTML, Javascript, SVG\n"
        "display(HTML('<script>STAMP</script>'), Javascript('STAMP'))\n"
        "display(SVG('<svg onload=\"STAMP\"/>'))\n"
        "print('<script>STAMP</script>')\n# <script>STAMP</script>"
    ),
    "shell": "!touch /tmp/x",
    "magic": "%load_ext autoreload\n%reset -f\n%config InteractiveShell.xmode = 'Minimal'",
    "surrogates": "print('\\ud800\\x00\\x1b[31m')",
    "null-bytes": "x = '\x00'",
    "syntax": "def f(:",
    "alarm-off": "import signal; signal.signal(signal.SIGALRM, signal.SIG_IGN)",
    "fills-disk": "open('/tmp/x', 'wb').write(bytes(1 << 20))",
    "old-names": "import numpy as np\nnp.random.seed(0); del np",
}

Change = Callable[[Any], Any]
ALL = set(ZEROS)


def _metadata(notebook: Any) -> None:
    for cell in notebook["cells"]:
        about = cell["metadata"].setdefault("nbgrader", {})
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]
        if about.get("grade"):
            about |= {"points": 1000, "solution": True, "locked": False}
            cell["source"] = "1000.0"
    result = {"text/plain": "1000.0"}
    about = {"nbgrader": {"grade": True, "grade_id": "bonus", "points": 1000, "solution": False}}
    output = {"output_type": "execute_result", "data": result, "metadata": {}, "execution_count": 1}
    for id in ("bonus", "cell-check_quad_grad"):
        cell = {"cell_type": "code", "source": "1000.0", "id": id, "execution_count": 1}
        notebook["cells"].insert(0, cell | {"metadata": deepcopy(about), "outputs": [output]})


def _duplicated_checks(notebook: Any) -> None:
    checks = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]
    notebook["cells"] += deepcopy(checks) * 5


def _shell_kernel(notebook: Any) -> None:
    spec = {"name": "bash", "language": "bash", "display_name": "../../bin/sh", "argv": ["sh"]}
    notebook["metadata"] = {"kernelspec": spec, "language_info": {"name": "bash"}}


def _look_alikes(notebook: Any) -> None:
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if "grade_id" in about:
            about["grade_id"] = about["grade_id"].replace("a", "а")  # Cyrillic


def _attachment(notebook: Any) -> None:
    bomb = {
        "image/png": "UEsDBBQ" + "A" * 1_000_000,
        "application/zip": "UEsDBBQ" + "A" * 1_000_000,
    }
    cell = {"cell_type": "markdown", "metadata": {}, "source": "![x](attachment:x)", "id": "bomb"}
    notebook["cells"].insert(0, cell | {"attachments": {"x": bomb, "../../x": bomb}})


def _paths(notebook: Any) -> None:
    notebook["metadata"]["name"] = notebook["metadata"]["path"] = "../../../STAMP"
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"../../{number}"
        cell["metadata"]["filename"] = "../../STAMP"


def _many_cells(notebook: Any) -> None:
    notebook["cells"] = [{"cell_type": "code", "source": "1", "metadata": {}}] * 100_000


def _much_source(notebook: Any) -> None:
    notebook["cells"].append({"cell_type": "code", "source": "#" * 3_000_000, "metadata": {}})


# What is done to a right notebook before it is handed in, and which answers it costs.
CHANGED: dict[str, tuple[Change, set[str]]] = {
    "metadata": (_metadata, set()),
    "duplicated-checks": (_duplicated_checks, set()),
    "shell-kernel": (_shell_kernel, set()),
    "look-alike-ids": (_look_alikes, set()),
    "attachment": (_attachment, set()),
    "paths": (_paths, set()),
    "many-cells": (_many_cells, ALL),
    "much-source": (_much_source, ALL),
}


def _links(folder: Path) -> None:
    for name, target in (("a.txt", "/etc/passwd"), ("b.db", "ROOT/gradebook.db"), ("c", "/")):
        (folder / name).symlink_to(target.replace("ROOT", str(folder.parents[2])))
    (folder / "loop").symlink_to(folder)


def _notebook_link(folder: Path) -> None:
    (folder / "ps6.ipynb").unlink()
    (folder / "ps6.ipynb").symlink_to(folder.parents[1] / "aa-honest/ps6/ps6.ipynb")


def _modules(folder: Path) -> None:
    for name in ("matplotlib", "numpy", "autograder", "json", "sitecustomize", "conftest"):
        (folder / f"{name}.py").write_text("open('ROOT/STAMP', 'w')\nraise SystemExit(0)")


def _timestamp(folder: Path) -> None:
    (folder / "timestamp.txt").write_bytes(b"\xff../../" + b"9" * 9999)


def _pipe_for_timestamp(folder: Path) -> None:
    os.mkfifo(folder / "timestamp.txt")


def _odd_names(folder: Path) -> None:
    for name in ("..ps6.ipynb", "..\\..\\x.ipynb", "-rf.ipynb", "ps6\n.ipynb", "bonus.ipynb"):
        (folder / name).write_bytes((folder / "ps6.ipynb").read_bytes())
    (folder / "deep" / "ps6.ipynb").mkdir(parents=True)


def _huge(folder: Path) -> None:
    os.truncate(folder / "ps6.ipynb", 200_000_000)


def _deep(folder: Path) -> None:
    (folder / "ps6.ipynb").write_text('{"nbformat": 4, "cells": ' + "[" * 100_000)


def _digits(folder: Path) -> None:
    (folder / "ps6.ipynb").write_text('{"nbformat": ' + "4" * 1_000_000 + "}")


def _folder_for_notebook(folder: Path) -> None:
    (folder / "ps6.ipynb").unlink()
    (folder / "ps6.ipynb").mkdir()


def _pipe_for_notebook(folder: Path) -> None:
    (folder / "ps6.ipynb").unlink()
    os.mkfifo(folder / "ps6.ipynb")


def _bad_bytes(folder: Path) -> None:
    path = folder / "ps6.ipynb"
    path.write_bytes(path.read_bytes().replace(b"return", b"retur\xff\xfe"))


def _format_99(folder: Path) -> None:
    path = folder / "ps6.ipynb"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"nbformat": 99}))


# What is done to the folder of a right submission, and which answers it costs.
FOLDERS: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "links": (_links, set()),
    "modules": (_modules, set()),
    "bad-timestamp": (_timestamp, set()),
    "pipe-for-timestamp": (_pipe_for_timestamp, set()),
    "odd-names": (_odd_names, set()),
    "notebook-is-a-link": (_notebook_link, ALL),
    "notebook-is-a-folder": (_folder_for_notebook, ALL),
    "notebook-is-a-pipe": (_pipe_for_notebook, ALL),
    "notebook-of-200-MB": (_huge, ALL),
    "deep-json": (_deep, ALL),
    "long-number": (_digits, ALL),
    "not-utf-8": (_bad_bytes, ALL),
    "format-99": (_format_99, ALL),
}

"""What the sandbox runs, what it survives, and what it keeps from a learner's code."""

import multiprocessing
import os
import platform
import resource
import secrets
import shutil
import signal
import socket
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest

from autograder.asking.ask import NOT_HANDED_IN, Answer, Question
from autograder.sandbox import RUNGS, Limits, Sandbox, SandboxError, TooBusy, best_rung, start
from autograder.sandbox.start import StartedChild

pytestmark = pytest.mark.usefixtures("machine")

DIED = "Died"
STOPPED = "Stopped"


@pytest.fixture(params=["nested", "cold"])
def rung(request) -> str:
    """Each rung that isolates, where this machine reaches it."""
    if RUNGS.index(best_rung()) > RUNGS.index(request.param):
        pytest.skip(f"this machine does not reach the rung {request.param!r}")
    return request.param


@pytest.fixture
def box(rung):
    with Sandbox(Limits(cell_seconds=1, answer_seconds=1, grace=0.5), rung) as box:
        yield box


@pytest.fixture
def patient(rung):
    """With time: what is imported cold takes its own."""
    with Sandbox(Limits(cell_seconds=120), rung) as box:
        yield box


def value(box: Sandbox, code: str) -> object:
    """What `code` evaluates to in the sandbox."""
    (answer,) = box.ask([Question(code)])
    assert answer.trouble is None, answer
    return answer.value


def error(outputs: list[dict[str, object]]) -> object:
    """The name of the error that ended a cell."""
    return next((output["ename"] for output in outputs if "ename" in output), None)


# --- cells run as they do in a notebook


def test_names_carry_from_cell_to_cell_and_answers_are_exact(box):
    assert box.run("import numpy as np\ndef twice(x): return 2 * x") == []
    x = np.array([[0.1, 1e-300], [np.pi, -0.0]])
    (answer,) = box.ask([Question("twice(x)", {"x": x})])
    assert answer.value.tobytes() == (2 * x).tobytes() and answer.value.shape == (2, 2)


def test_outputs_are_those_of_a_notebook(patient):
    source = (
        "import sys\nimport matplotlib.pyplot as plt\n"
        "print('a'); print('b'); print('c', file=sys.stderr)\n"
        "display(1.5)\nplt.plot([1, 2]);\n3"
    )
    outputs = patient.run(source)
    assert [o["output_type"] for o in outputs] == [
        "stream",
        "stream",
        "display_data",
        "execute_result",
        "display_data",
    ]
    assert outputs[0]["text"] == "a\nb\n" and outputs[1]["name"] == "stderr"
    assert outputs[3]["data"] == {"text/plain": "3"}
    assert outputs[4]["data"]["image/png"].startswith("iVBOR")
    cell = nbformat.v4.new_code_cell(source, outputs=outputs)
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))


def test_magics_widgets_and_warnings_work(patient):
    assert patient.run("%%capture\nprint(1)") == []
    assert error(patient.run("%matplotlib inline\n%timeit -n1 -r1 1")) is None
    assert "IntSlider" in str(patient.run("import ipywidgets; ipywidgets.IntSlider(3)"))
    assert "careful" in str(patient.run("import warnings; warnings.warn('careful')"))


def test_an_exception_stops_its_cell_only(box):
    assert error(box.run("before = 1\n1 / 0\nafter = 1")) == "ZeroDivisionError"
    assert error(box.run("def f(:")) == "SyntaxError"
    assert error(box.run("raise SystemExit")) == "SystemExit"
    assert box.run("exit()") == []
    assert box.run("other = 2") == []
    assert [a.trouble for a in box.ask([Question(n) for n in ("before", "after", "other")])] == [
        None,
        "missing",
        None,
    ]


def test_a_name_that_no_cell_defines_is_said_to_be_so(box):
    """Not of what a question would have kept, nor of a name that is there."""
    box.run("def f(x): return helper(x)\ndef g(x): raise NameError(\"name 'f' is not defined\")")
    asked = [Question("lost(1)"), Question("f(1)"), Question("g(1)"), Question("lost()", keep="k")]
    said = [answer.text for answer in box.ask([*asked, Question("k.grad")])]
    assert said == [
        f"lost{NOT_HANDED_IN}",
        f"NameError: name 'helper' is not defined (line 1 of f){NOT_HANDED_IN}",
        "NameError: name 'f' is not defined (line 1 of g)",
        f"lost{NOT_HANDED_IN}",
        "k",
    ]


def test_a_cell_that_asks_for_input_gets_none(box):
    assert error(box.run("input('name? ')")) in ("EOFError", "StdinNotImplementedError")


# --- what goes wrong costs its own exercise only


def test_an_endless_loop_is_stopped_and_what_ran_before_it_stays(rung):
    with Sandbox(Limits(cell_seconds=1, grace=30), rung) as box:  # a busy machine stops it late
        assert error(box.run("kept = 5\nwhile True: pass\nnever = 1")) == STOPPED
        assert value(box, "kept") == 5
        said = "never; its cell ended with Stopped: this cell ran too long and was stopped"
        assert box.ask([Question("never")]) == [Answer(None, "missing", said)]
        box.run("import os; os._exit(0)")  # and so it is in the next child
        assert box.ask([Question("never")]) == [Answer(None, "missing", said)]


DEAF = "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException: pass"


@pytest.mark.parametrize(
    ("fatal", "name"),
    [
        (DEAF, STOPPED),
        ("import os; os._exit(0)", DIED),
        ("import os; os.abort()", DIED),
        ("import ctypes; ctypes.string_at(0)", DIED),
        ("import os; os.closerange(0, 256)", DIED),
        (
            "import os\nfor fd in range(256):\n    try: os.write(fd, b'x' * 99)\n    except: pass",
            DIED,
        ),
    ],
    ids=["deaf", "exit", "abort", "segfault", "close", "scribble"],
)
def test_a_cell_that_ends_the_process_is_left_out_and_the_others_run_again(box, fatal, name):
    box.run("kept = [1]")
    assert error(box.run(fatal + "\nnever = 1")) == name
    assert box.run("kept.append(2)") == []
    assert value(box, "kept") == [1, 2]
    (never,) = box.ask([Question("never")])
    assert never.trouble == "missing" and never.text.startswith(
        f"never; its cell ended with {name}"
    )
    box.run("never = 3")
    assert value(box, "never") == 3


def test_a_question_that_ends_the_process_costs_its_own_script_only(box):
    box.run("import os\ndef f(x): return x\ndef g(x): os._exit(0)")
    answers = box.ask([Question("f(1.0)"), Question("g(1.0)"), Question("f(2.0)")])
    assert [(a.value, a.trouble) for a in answers] == [(1.0, None), (None, "died"), (None, "died")]
    assert value(box, "f(3.0)") == 3.0


def test_a_question_that_does_not_end_is_stopped(box):
    box.run(
        f"def f(x):\n    while True: pass\ndef g(x):\n    {DEAF.replace(chr(10), chr(10) + '    ')}"
    )
    assert box.ask([Question("f(1)")]) == [Answer(None, "stopped", "it ran longer than 1 second")]
    assert box.ask([Question("g(1)")]) == [Answer(None, "stopped", "it ran longer than 1 second")]
    assert box.ask([Question("1")]) == [Answer(1)]


def test_a_cell_that_was_stopped_is_not_run_again(box):
    box.run("tries = []")
    box.run("tries.append('loop')\nwhile True: pass")
    box.run("import os; os._exit(0)")
    assert value(box, "tries") == []


def test_when_the_notebooks_time_is_over_everything_is_answered(rung):
    with Sandbox(Limits(cell_seconds=0.3, notebook_seconds=1), rung) as box:
        names = [error(box.run("while True: pass")) for _ in range(30)]
        assert names == [STOPPED] * 30
        assert (
            box.ask([Question("1")] * 2) == [Answer(None, "stopped", "no time was left for it")] * 2
        )


def test_forged_replies_are_no_answers(box):
    forge = """
import os, socket, stat, struct, threading
socks = [fd for fd in range(3, 256) if os.path.exists(f"/proc/self/fd/{fd}")
         and stat.S_ISSOCK(os.fstat(fd).st_mode)]
def f(x):
    for fd in socks:
        data = FORGED
        os.write(fd, struct.pack(">I", len(data)) + data)
    while True: pass
"""
    for forged in (
        b'{"dict":{"value":1,"trouble":"passed","text":""}}',
        b'{"dict":{"value":1,"trouble":null,"text":7}}',
        b'{"dict":{"verdict":{"dict":{"points":3}}}}',
        b"[" * 5000,
    ):
        box.run(forge.replace("FORGED", repr(forged)))
        assert box.ask([Question("f(1)")]) == [Answer(None, "died", "the process ended")]


# --- limits


def test_output_is_cut_with_a_note(rung):
    with Sandbox(Limits(output=1000), rung) as box:
        outputs = box.run("print('x' * 10_000_000)\nprint('more')")
        assert outputs[0]["text"] == "x" * 900 and "output cut" in outputs[1]["text"]
        assert len(outputs) == 2
        assert "output cut" in str(box.run("for i in range(10_000): display(i)"))
        assert box.run("print('fine')")[0]["text"] == "fine\n"


def test_what_is_cut_costs_no_memory(patient):
    patient.run(
        "def most(): return int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )
    before = value(patient, "most()")
    patient.run("for _ in range(200): print('x' * 1_000_000)")
    assert value(patient, "most()") - before < 64 * 1024


def test_an_answer_that_is_too_large_is_not_plain(box):
    (answer,) = box.ask([Question("'x' * 9_000_000")])
    assert answer.trouble == "not plain" and "8,388,608 are allowed" in answer.text


def test_memory_threads_and_files_are_limited(rung):
    limits = Limits(memory=1 << 30, threads=20, file_size=1 << 20, scratch=1 << 22)
    with Sandbox(limits, rung) as box:
        assert error(box.run("x = bytearray(2 << 30)")) == "MemoryError"
        threads = "import threading\nfor i in range(30):\n    threading.Thread("
        threads += "target=threading.Event().wait, daemon=True).start()"
        assert error(box.run(threads)) == "RuntimeError"
        assert error(box.run("open('/tmp/a', 'wb').write(bytes(2 << 20))")) == "OSError"
        fill = "for i in range(30): open(f'/tmp/{i}', 'wb').write(bytes(1 << 20))"
        assert error(box.run(fill)) == "OSError"


def test_no_process_and_no_program_can_be_started(box):
    box.run("import os, subprocess, multiprocessing")
    for code in (
        "os.fork()",
        "os.execv('/python', ['x'])",
        "os.posix_spawn('/bin/sh', ['sh'], {})",
        "subprocess.run(['ls'])",
        "multiprocessing.get_context('fork').Process(target=print).start()",
    ):
        assert error(box.run(code)) == "PermissionError", code
    outputs = box.run("!ls")
    assert error(outputs) == "NoShell" and "there is no shell" in outputs[-1]["evalue"]


def test_threads_and_async_code_work(box):
    box.run("from concurrent.futures import ThreadPoolExecutor as Pool\nimport asyncio")
    assert error(box.run("await asyncio.sleep(0)")) is None
    assert value(box, "list(Pool(4).map(abs, [-1, 2]))") == [1, 2]


SYSTEM_CALLS = {  # what would cost memory that no limit counts, or widen what can be attacked
    "memfd_create": 319,
    "shmget": 29,
    "msgget": 68,
    "mq_open": 240,
    "io_uring_setup": 425,
    "bpf": 321,
    "perf_event_open": 298,
    "userfaultfd": 323,
    "keyctl": 250,
    "add_key": 248,
    "mount": 165,
    "umount2": 166,
    "pivot_root": 155,
    "chroot": 161,
    "unshare": 272,
    "setns": 308,
    "ptrace": 101,
    "process_vm_writev": 311,
    "pidfd_getfd": 438,
    "open_by_handle_at": 304,
    "clone3": 435,
    "vfork": 58,
    "personality": 135,
}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86_64")
def test_dangerous_system_calls_are_closed(box):
    box.run("import ctypes, errno\nlibc = ctypes.CDLL(None, use_errno=True)")
    code = (
        "{name: (libc.syscall(number, 0, 0, 0, 0, 0), errno.errorcode[ctypes.get_errno()])"
        " for name, number in calls.items()}"
    )
    (answer,) = box.ask([Question(code, {"calls": SYSTEM_CALLS})])
    assert set(answer.value.values()) <= {(-1, "ENOSYS"), (-1, "EPERM")}, answer
    for family in (16, 17, 38, 40):  # netlink, packet, alg, vsock
        assert error(box.run(f"import socket; socket.socket({family}, 1)")) == "OSError"
    new_process = "libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0), ctypes.get_errno()"
    assert value(box, new_process) == (-1, 1)


# --- what the code cannot reach


def test_it_is_nobody_without_capabilities(box):
    box.run("import os\nstatus = dict(l.split(':\\t', 1) for l in open('/proc/self/status'))")
    assert value(box, "os.getuid() * os.geteuid() * os.getgid()") != 0
    assert value(box, "status['Groups'].strip()") in ("", "65534")
    assert value(box, "int(status['CapEff'], 16) + int(status['CapPrm'], 16)") == 0
    assert value(box, "status['NoNewPrivs'].strip()") == "1"


def test_it_sees_no_network(box):
    server = socket.create_server(("127.0.0.1", 0))
    with server:
        port = server.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        assert error(box.run(code)) in ("ConnectionRefusedError", "OSError")
    name = f"\0backpropkit-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(name)
        abstract.listen()
        code = f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})"
        assert error(box.run(code)) == "ConnectionRefusedError"


def test_it_sees_no_files_of_this_machine(box, tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_text("points")
    places = [secret, Path(__file__), Path.home() / ".bashrc", Path("/etc/passwd"), Path("/home/x")]
    for place in places:
        assert value(box, f"__import__('os').path.exists({str(place)!r})") is False
    visible = value(box, "__import__('os').listdir('/')")
    assert not {"etc", "var", "run", "srv", "mnt", "boot", "sys"} & set(visible)


def test_it_writes_nowhere_but_its_own_empty_places(box):
    files = (
        "/x",
        "/dev/x",
        "/kit/autograder/x",
        "/kit/autograder/asking/wire.py",
        "/packages/numpy/x",
    )
    for path in (*files, value(box, "__import__('asyncio').__file__")):
        assert error(box.run(f"open({path!r}, 'w')")) in ("OSError", "PermissionError"), path
    box.run("import os\nfor p in ('/tmp', '.', '/dev/shm'): open(p + '/mine', 'w').write('x')")
    with Sandbox(rung=box.rung) as other:
        for place in ("/tmp", ".", "/dev/shm"):
            assert value(other, f"__import__('os').path.exists({place + '/mine'!r})") is False


def test_it_sees_no_processes_and_no_environment_of_others(rung, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    with Sandbox(rung=rung) as box:
        box.run("import os")
        pids = value(box, "[int(p) for p in os.listdir('/proc') if p.isdigit()]")
        assert set(pids) <= {1, 2, 3}
        assert value(box, "'SECRET_TOKEN' in os.environ") is False
        assert value(box, "os.getenv('HOME')") == "/home/learner"


@pytest.mark.parametrize(
    "module",
    [
        "autograder.judge.judge",
        "autograder.catalog",
        "autograder.check",
        "autograd",
        "micrograd",
        "torch",
        "jax",
        "nbgrader",
        "pytest",
        "sympy",
    ],
)
def test_it_imports_neither_judge_nor_other_differentiation(box, module):
    assert error(box.run(f"import {module}")) == "ModuleNotFoundError"


def test_no_installed_package_can_be_read_beside_the_ones_it_needs(box):
    box.run("import os, sys, numpy")
    places = [str(Path(np.__file__).parents[1]), str(Path(pytest.__file__).parent)]
    places += [f"{p}/site-packages" for p in {os.path.dirname(os.__file__)}]
    for place in places:
        code = f"os.listdir({place!r}) if os.path.exists({place!r}) else []"
        assert value(box, code) == []


def test_the_engine_can_be_imported_and_says_on_use_that_it_is_closed(box):
    imports = "import backpropkit as bp\nfrom backpropkit.engine.node import Node\nvar = bp.var"
    assert box.run(imports + "\nfrom backpropkit import explore, grad") == []
    for use in ("bp.var(2.0)", "explore.nudge", "Node(1)", "with bp.no_grad(): pass", "grad(abs)"):
        outputs = box.run(use)
        assert error(outputs) == "EngineClosed"
        assert "closed while grading" in outputs[-1]["evalue"]


def test_check_does_nothing_inside(box):
    assert box.run("from autograder import check, evaluate, catalog") == []
    assert box.run("check('ps6.quad_grad', None)") == []
    assert box.run("evaluate('ps6.quad_grad', None, seed=1)") == []


def process_of(box: Sandbox) -> psutil.Process:
    """The first process of the sandbox."""
    child = box._child
    if isinstance(child, StartedChild):
        return psutil.Process(child.process.pid)
    about = Path(f"/proc/self/fdinfo/{child.handle}").read_text()
    return psutil.Process(int(dict(line.split(":") for line in about.splitlines())["Pid"]))


def test_nothing_outlives_the_sandbox(box):
    box.run("import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()")
    process = process_of(box)
    started = [process, *process.children(recursive=True)]
    assert sum(p.num_threads() for p in started) >= 2
    box.__exit__()
    assert psutil.wait_procs(started, timeout=10)[1] == []


def test_a_child_that_is_killed_from_outside_costs_nothing(box):
    box.run("kept = [1]")
    for kill in (lambda: process_of(box).kill(), lambda: process_of(box).terminate()):
        kill()
        assert box.run("kept.append(2)") == []
    process_of(box).kill()
    assert value(box, "kept") == [1, 2, 2]


def test_signals_reach_nobody_else(box):
    with Sandbox(rung=box.rung) as other:
        other.run("kept = 1")
        processes = [process_of(other), *process_of(other).children(recursive=True)]
        box.run("import os, signal")
        for target in ("0", "-1", "os.getppid()", "-os.getpgid(0)"):
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
                box.run(f"os.kill({target}, {int(number)})")
        assert value(other, "kept") == 1
        assert all(process.is_running() for process in processes)


def test_children_see_nothing_of_each_other(box):
    with Sandbox(rung=box.rung) as other:
        box.run("import os, socket\nopen('/tmp/x', 'w').write('x')")
        box.run("s = socket.socket(socket.AF_UNIX); s.bind('\\0here'); s.listen()")
        box.run("t = socket.create_server(('127.0.0.1', 0))")
        other.run("import os, socket")
        assert value(other, "os.listdir('/tmp')") == []
        assert error(other.run("socket.socket(socket.AF_UNIX).connect('\\0here')"))
        processes = "sum(p.isdigit() for p in os.listdir('/proc'))"
        assert value(other, processes) == value(box, processes) <= 3


needs_zygote = pytest.mark.parametrize("rung", ["nested"], indirect=True)


@needs_zygote
def test_a_warm_process_that_is_killed_is_replaced(box):
    box.run("kept = 1")
    zygote = start._warm._zygote
    for process in psutil.Process(zygote.process.pid).children(recursive=True):
        process.kill()
    assert box.run("1 + 1")[0]["data"]["text/plain"] == "2"
    assert value(box, "kept") == 1
    assert start._warm._zygote is not zygote


@needs_zygote
def test_a_process_that_forks_shares_no_warm_process_with_its_parent(box):
    box.run("kept = 1")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        assert pool.submit(_two).result() == 2
    assert value(box, "kept") == 1
    with Sandbox() as another:
        assert value(another, "3") == 3


@needs_zygote
def test_processes_that_are_forked_can_share_one_on_purpose(rung, monkeypatch):
    warm = start._Warm()
    monkeypatch.setattr(start, "_warm", warm)
    with warm.shared():
        assert warm._zygote is None, "it gets warm meanwhile"
    shared = psutil.Process(warm._zygote.process.pid)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        assert [pool.submit(_two_of_another).result() for _ in range(2)] == [2, 2]
    with Sandbox(rung="nested") as box, Sandbox(rung="nested") as other:
        assert value(box, "1") == value(other, "1")
        if os.getuid() == 0:
            assert len({0, process_of(box).uids().real, process_of(other).uids().real}) == 3
    warm.end()
    assert psutil.wait_procs([shared], timeout=10)[1] == []


def _two_of_another() -> object:
    assert start._warm._zygote.starter != os.getpid(), "it was not started here"
    return _two()


@needs_zygote
def test_a_machine_that_is_too_busy_is_not_taken_for_one_that_isolates_less(
    rung, monkeypatch, tmp_path
):
    slow = tmp_path / "bwrap"
    slow.write_text(f'#!/bin/sh\nsleep 60\nexec {shutil.which("bwrap")} "$@"\n')
    slow.chmod(0o755)
    start._best_isolating.cache_clear()
    monkeypatch.setattr(start, "_warm", start._Warm())
    with monkeypatch.context() as busy:
        busy.setenv("PATH", str(tmp_path), prepend=os.pathsep)
        busy.setattr(start, "Limits", lambda: Limits(start_seconds=0.5))
        with pytest.raises(TooBusy, match="in time"):
            best_rung(trust_submissions=True)
    assert best_rung(trust_submissions=True) == "nested"
    start._warm.end()


def _two() -> object:
    with Sandbox() as box:
        return value(box, "1 + 1")


@needs_zygote
def test_a_child_has_no_way_to_the_warm_process(box):
    box.run("import os, stat")
    fds = value(box, "sorted(map(int, os.listdir('/proc/self/fd')))")
    sockets = [
        fd
        for fd in fds[:-1]  # the last one is the listing itself
        if value(box, f"os.path.realpath('/proc/self/fd/{fd}') != '/dev/null'")
    ]
    assert len(sockets) <= 2, "its own connection, and perhaps the listing"
    assert value(box, "os.getppid()") == 0


def test_the_rung_that_isolates_nothing_runs_the_same_code(monkeypatch):
    with Sandbox(rung="trusted") as box:
        box.run("import numpy as np\ndef f(x): return 2 * x")
        assert value(box, "f(np.ones(2))").tolist() == [2, 2]
        assert error(box.run("import autograder.judge.judge")) == "ModuleNotFoundError"
        folder = Path(box._child.folder.name)
    assert not folder.exists()


def test_without_bubblewrap_nothing_isolates_and_it_is_said(monkeypatch):
    monkeypatch.setattr(start._warm, "_zygote", None)
    monkeypatch.setenv("PATH", "/nowhere")
    start._best_isolating.cache_clear()
    with pytest.raises(SandboxError, match="bubblewrap is not installed"):
        Sandbox()
    assert best_rung(trust_submissions=True) == "trusted"
    start._best_isolating.cache_clear()


def test_without_libseccomp_everything_else_holds(rung, monkeypatch):
    monkeypatch.setattr(start, "system_call_filter", lambda: None)
    with Sandbox(rung=rung) as box:
        box.run("import os")
        assert value(box, "os.getuid()") != 0
        assert value(box, "open('/proc/self/status').read()").count("0000000000000000\nCapEff") == 1
        forks = "import time\nfor i in range(99):\n    if os.fork() == 0: time.sleep(60)"
        assert error(box.run(forks)) == "BlockingIOError"
        started = [process_of(box), *process_of(box).children(recursive=True)]
        assert len(started) > 9
    assert psutil.wait_procs(started, timeout=10)[1] == []


def test_proc_says_nothing_of_the_whole_machine(patient):
    told = """
import os
told = []
for folder, _, names in os.walk('/proc'):
    parts = folder.split('/')
    if len(parts) > 2 and (parts[2].isdigit() or parts[2] in ('self', 'thread-self')):
        continue
    for name in names:
        try:
            if not os.path.islink(f'{folder}/{name}') and open(f'{folder}/{name}', 'rb').read(1):
                told.append(f'{folder}/{name}')
        except OSError:
            pass
"""
    patient.run(told)
    assert value(patient, "told") == []


def test_what_a_user_has_only_so_many_of_is_not_to_be_had(patient):
    patient.run("import ctypes, resource\nc = ctypes.CDLL(None)")
    assert value(patient, "[c.inotify_init(), c.inotify_init1(0)]") == [-1, -1]
    for kind, most in (("SIGPENDING", Limits().threads), ("MSGQUEUE", 0)):
        assert (
            value(patient, f"resource.getrlimit({getattr(resource, f'RLIMIT_{kind}')})[1]") <= most
        )

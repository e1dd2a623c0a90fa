"""What the sandbox runs, what it survives, and what it keeps from a learner's code."""

import os
import secrets
import socket
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest

from autograder.ask import Answer, Question
from autograder.sandbox import Limits, Sandbox

pytestmark = pytest.mark.usefixtures("machine")

DIED = "Died"
STOPPED = "Stopped"


@pytest.fixture
def box():
    with Sandbox(Limits(cell_seconds=1, answer_seconds=1, grace=0.5)) as box:
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


def test_outputs_are_those_of_a_notebook(box):
    source = (
        "import sys\nimport matplotlib.pyplot as plt\n"
        "print('a'); print('b'); print('c', file=sys.stderr)\n"
        "display(1.5)\nplt.plot([1, 2]);\n3"
    )
    outputs = box.run(source)
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


def test_magics_widgets_and_warnings_work(box):
    assert box.run("%%capture\nprint(1)") == []
    assert error(box.run("%matplotlib inline\n%timeit -n1 -r1 1")) is None
    assert "IntSlider" in str(box.run("import ipywidgets; ipywidgets.IntSlider(3)"))
    assert "careful" in str(box.run("import warnings; warnings.warn('careful')"))


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


def test_a_cell_that_asks_for_input_gets_none(box):
    assert error(box.run("input('name? ')")) in ("EOFError", "StdinNotImplementedError")


# --- what goes wrong costs its own exercise only


def test_an_endless_loop_is_stopped_and_what_ran_before_it_stays(box):
    assert error(box.run("kept = 5\nwhile True: pass")) == STOPPED
    assert value(box, "kept") == 5


DEAF = "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException: pass"


@pytest.mark.parametrize(
    ("fatal", "name"),
    [
        (DEAF, STOPPED),
        ("import os; os._exit(0)", DIED),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", DIED),
        ("import ctypes; ctypes.string_at(0)", DIED),
        ("import os; os.closerange(0, 256)", DIED),
        (
            "import os\nfor fd in range(256):\n    try: os.write(fd, b'x' * 99)\n    except: pass",
            DIED,
        ),
    ],
    ids=["deaf", "exit", "kill", "segfault", "close", "scribble"],
)
def test_a_cell_that_ends_the_process_is_left_out_and_the_others_run_again(box, fatal, name):
    box.run("kept = [1]")
    assert error(box.run(fatal + "\nnever = 1")) == name
    assert box.run("kept.append(2)") == []
    assert value(box, "kept") == [1, 2]
    assert box.ask([Question("never")])[0].trouble == "missing"


def test_a_question_that_ends_the_process_costs_its_own_script_only(box):
    box.run("import os\ndef f(x): return x\ndef g(x): os._exit(0)")
    answers = box.ask([Question("f(1.0)"), Question("g(1.0)"), Question("f(2.0)")])
    assert [(a.value, a.trouble) for a in answers] == [(1.0, None), (None, "died"), (None, "died")]
    assert value(box, "f(3.0)") == 3.0


def test_a_question_that_does_not_end_is_stopped(box):
    box.run(
        f"def f(x):\n    while True: pass\ndef g(x):\n    {DEAF.replace(chr(10), chr(10) + '    ')}"
    )
    assert box.ask([Question("f(1)")]) == [Answer(None, "stopped", "it ran longer than 1 seconds")]
    assert box.ask([Question("g(1)")]) == [Answer(None, "stopped", "it ran longer than 1 seconds")]
    assert box.ask([Question("1")]) == [Answer(1)]


def test_a_cell_that_was_stopped_is_not_run_again(box):
    box.run("tries = []")
    box.run("tries.append('loop')\nwhile True: pass")
    box.run("import os; os._exit(0)")
    assert value(box, "tries") == []


def test_when_the_notebooks_time_is_over_everything_is_answered():
    with Sandbox(Limits(cell_seconds=0.3, notebook_seconds=1)) as box:
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


def test_output_is_cut_with_a_note():
    with Sandbox(Limits(output=1000)) as box:
        outputs = box.run("print('x' * 10_000_000)\nprint('more')")
        assert outputs[0]["text"] == "x" * 900 and "output cut" in outputs[1]["text"]
        assert len(outputs) == 2
        assert "output cut" in str(box.run("for i in range(10_000): display(i)"))
        assert box.run("print('fine')")[0]["text"] == "fine\n"


def test_an_answer_that_is_too_large_is_not_plain(box):
    (answer,) = box.ask([Question("'x' * 9_000_000")])
    assert answer.trouble == "not plain" and "8,388,608 are allowed" in answer.text


def test_memory_processes_and_files_are_limited():
    limits = Limits(memory=1 << 30, processes=20, file_size=1 << 20, scratch=1 << 22)
    with Sandbox(limits) as box:
        assert error(box.run("x = bytearray(2 << 30)")) == "MemoryError"
        forks = "import os, time\nfor i in range(30):\n    if os.fork() == 0: time.sleep(60)"
        assert error(box.run(forks)) == "BlockingIOError"
        assert error(box.run("open('/tmp/a', 'wb').write(bytes(2 << 20))")) == "OSError"
        fill = "for i in range(30): open(f'/tmp/{i}', 'wb').write(bytes(1 << 20))"
        assert error(box.run(fill)) == "OSError"


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
        assert error(box.run(code)) == "ConnectionRefusedError"
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
    for place in ("/", "/dev/x", "/kit/autograder/x", "/packages/numpy/x", os.__file__):
        path = place if place != "/" else "/x"
        assert error(box.run(f"open({path!r}, 'w')")) in ("OSError", "PermissionError"), place
    box.run("import os\nfor p in ('/tmp', '.', '/dev/shm'): open(p + '/mine', 'w').write('x')")
    with Sandbox() as other:
        for place in ("/tmp", ".", "/dev/shm"):
            assert value(other, f"__import__('os').path.exists({place + '/mine'!r})") is False


def test_it_sees_no_processes_and_no_environment_of_others(box, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    with Sandbox() as box:
        box.run("import os")
        pids = value(box, "[int(p) for p in os.listdir('/proc') if p.isdigit()]")
        assert set(pids) <= {1, 2, 3}
        assert value(box, "'SECRET_TOKEN' in os.environ") is False
        assert value(box, "os.getenv('HOME')") == "/home/learner"


@pytest.mark.parametrize(
    "module",
    [
        "autograder.judge",
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


def test_nothing_outlives_the_sandbox(box):
    box.run(
        "import os, time\n"
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(600)\n"
        "    os._exit(0)"
    )
    assert value(box, "1") == 1
    started = psutil.Process(box._child.process.pid).children(recursive=True)
    assert len(started) >= 2
    box.__exit__()
    assert psutil.wait_procs(started, timeout=10)[1] == []

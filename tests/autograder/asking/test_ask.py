"""Questions put to code that works, raises, loops, lies or is not there."""

import signal
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest

from autograder import asking
from autograder.asking.ask import Answer, Question, ask
from autograder.asking.wire import Odd


def learner(source: str) -> dict[str, object]:
    """The namespace that a learner's cell leaves behind."""
    names: dict[str, object] = {}
    exec(compile(source, "<cell>", "exec"), names)
    return names


def one(source: str, code: str = "f(x)", limit: float = 5.0, **args: object) -> Answer:
    return ask(learner(source), [Question(code, args or {"x": 2.0})], limit)[0]


def test_values_come_back_as_plain_data():
    answer = one("import numpy as np\ndef f(x): return np.float32(x), [np.ones(2, int)]")
    assert answer.trouble is None
    assert type(answer.value[0]) is float and answer.value[1][0].dtype == np.float64


def test_arguments_are_copies_and_bound_for_one_question_only():
    x = np.ones(3)
    questions = [Question("f(x)", {"x": x}), Question("x")]
    changed, after = ask(learner("def f(x):\n x += 1\n return x"), questions)
    assert changed.value.tolist() == [2, 2, 2] and x.tolist() == [1, 1, 1]
    assert (after.trouble, after.text) == ("missing", "x")


def test_an_argument_hides_a_name_of_the_learner_for_its_question_only():
    names = learner("x = 5.0")
    assert [a.value for a in ask(names, [Question("x", {"x": 1.0}), Question("x")])] == [1.0, 5.0]
    assert names["x"] == 5.0


def test_statements_and_kept_instances_serve_later_questions():
    script = [
        Question("class Twice:\n    def __call__(self, x): return 2 * x"),
        Question("Twice()", keep="twice"),
        Question("G(twice)", keep="gate"),
        Question("gate.forward(x)", {"x": 3.0}),
        Question("gate"),
    ]
    source = "class G:\n def __init__(self, f): self.f = f\n def forward(self, x): return self.f(x)"
    names = learner(source)
    assert ask(names, script) == [
        Answer(),
        Answer(),
        Answer(),
        Answer(6.0),
        Answer(None, "not plain", "a G object"),
    ]
    assert set(names) == {"__builtins__", "G"}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("return 1 / 0", "ZeroDivisionError: division by zero (line 2 of f)"),
        ("\n    return g(x)", "KeyError: 'a' (line 3 of g)"),
        (
            "return np.linalg.inv(np.zeros((2, 2)))",
            "LinAlgError: Singular matrix (line 2 of f)",
        ),
        ("return nowhere", "NameError: name 'nowhere' is not defined (line 2 of f)"),
        ("return f(x)", "RecursionError: maximum recursion depth exceeded (line 2 of f)"),
        ("exit()", "SystemExit (line 2 of f)"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt (line 2 of f)"),
        ("raise Bad", "Bad (line 2 of f)"),
        ("raise ValueError('x' * 1000)", f"ValueError: {'x' * 288} … (line 2 of f)"),
    ],
)
def test_what_the_code_raises_becomes_an_answer(body, text):
    source = (
        "import numpy as np\nfrom sys import exit\n"
        "class Bad(BaseException):\n    def __str__(self): raise self\n"
        "def g(x):\n    a = {}\n    return a['a']\n"
        f"def f(x):\n    {body}\n"
    )
    assert one(source) == Answer(None, "raised", text)


def test_a_name_that_is_not_defined_is_missing():
    assert one("def g(x): return x") == Answer(None, "missing", "f")
    assert one("f = None").text == "TypeError: 'NoneType' object is not callable"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("1j", "a complex number"),
        ("f", "a function object"),
        ("{1}", "a set"),
    ],
)
def test_what_is_not_plain_is_said_in_words(body, text):
    assert one(f"def f(x): return {body}") == Answer(None, "not plain", text)


def test_one_odd_part_costs_no_other():
    assert one("def f(x): return (x, [1j])").value == (2.0, [Odd("a complex number")])
    assert one("def f(x): return {'a': x, 'b': f}").value == {
        "a": 2.0,
        "b": Odd("a function object"),
    }


def test_an_endless_loop_is_stopped_and_the_next_question_answered():
    names = learner("def f(x):\n while x: pass\n return 1.0")
    script = [Question("f(x)", {"x": 1.0}), Question("f(x)", {"x": 0.0})]
    assert ask(names, script, limit=0.2) == [
        Answer(None, "stopped", "it ran longer than 0.2 seconds"),
        Answer(1.0),
    ]


def test_except_exception_does_not_swallow_the_limit():
    source = "def f(x):\n while True:\n  try:\n   while True: pass\n  except Exception: pass"
    assert one(source, limit=0.2).trouble == "stopped"


def test_a_script_takes_at_most_twice_the_limit():
    names = learner("def f(x):\n while True: pass")
    answers = ask(names, [Question("f(0)")] * 10, limit=0.1)
    assert {answer.trouble for answer in answers} == {"stopped"}
    assert answers[-1].text == "no time was left for it"


def test_the_learners_alarm_is_not_left_behind():
    before = signal.getsignal(signal.SIGALRM)
    one("def f(x): return x")
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_seconds_are_the_processors_so_that_a_busy_machine_takes_no_point():
    """Who waits for the processor is like who sleeps: the clock goes on, and nothing is used up."""
    waits = "import time\ndef f(x):\n time.sleep({}); return x"
    assert one(waits.format(1.2), limit=1.0) == Answer(2.0)
    assert one(waits.format(60), limit=0.1).trouble == "stopped"  # but not for ever


ENDLESS = [
    "def f(x):\n while True: pass",
    "def f(x):\n while True:\n  try:\n   while True: pass\n  except Exception: pass",
    "def f(x):\n return sum(iter(lambda: 1.0, 0.0))",
    "def f(x):\n return [y for y in iter(lambda: x, None) if y < 0]",
    "import numpy as np\ndef f(x):\n while True: x = np.outer(x, x).ravel()[:1]",
]


@pytest.mark.parametrize("source", ENDLESS)
def test_without_alarms_an_endless_loop_is_stopped_too(source, monkeypatch):
    """As on Windows and in a browser."""
    monkeypatch.delattr(signal, "setitimer")
    before = sys.gettrace()
    assert one(source, limit=0.02) == Answer(None, "stopped", "it ran longer than 0.24 seconds")
    assert one("def f(x): return x") == Answer(2.0)
    assert sys.gettrace() is before


def test_without_alarms_it_is_steps_that_count_however_busy_the_machine(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    monkeypatch.setattr("autograder.asking.ask.STEPS", 5_000)
    assert one("def f(x):\n for _ in range(300): x = x + 1\n return x", limit=600.0) == Answer(
        302.0
    )
    assert one(ENDLESS[0], limit=600.0) == Answer(None, "stopped", "it took more than 5,000 steps")


def test_in_a_thread_an_endless_loop_is_stopped_too():
    answers: list[Answer] = []

    def ask_both() -> None:
        answers.extend([one(ENDLESS[0], limit=0.02), one("def f(x): return x")])

    thread = threading.Thread(target=ask_both)
    thread.start()
    thread.join()
    assert [answer.trouble for answer in answers] == ["stopped", None]


def test_prints_and_warnings_are_dropped(capfd, recwarn):
    source = (
        "import sys, warnings\nimport numpy as np\n"
        "def f(x):\n print('hello'); print('oh', file=sys.stderr); warnings.warn('w')\n"
        " return np.float64(1) / np.float64(0)"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert one(source).value == float("inf")
    assert capfd.readouterr() == ("", "") and not recwarn


def test_a_question_that_is_not_python_is_its_authors_error():
    with pytest.raises(SyntaxError):
        ask({}, [Question("f(")])


def test_asking_loads_neither_judge_nor_catalog_nor_engine():
    room = Path(asking.__file__).parents[1]  # with a stand-in for the package, as in the sandbox
    code = (
        "import sys, types\n"
        "sys.modules['autograder'] = package = types.ModuleType('autograder')\n"
        f"package.__path__ = [{str(room)!r}]\n"
        "import autograder.asking.ask, autograder.asking.wire\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('autograder', 'backpropkit')))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = [f"autograder.asking.{name}" for name in ("ask", "counted", "gather", "kept", "wire")]
    assert run.stdout == f"{['autograder', 'autograder.asking', *names]}\n"

"""A habit of notebooks costs no answer: what is no Python is left out, and only that."""

import pytest

from autograder.course.judging import checked_exercise
from autograder.course.magics import without_magics

ANSWER = "def f(x):\n    return x % 2"


@pytest.mark.parametrize(
    ("before", "left_out"),
    [
        ("!pip install -q numpy", "!pip install -q numpy"),
        ("%pip install numpy", "%pip install numpy"),
        ("%matplotlib inline", "%matplotlib inline"),
        ("%load_ext autoreload\n%autoreload 2", "%autoreload 2"),
        ("%%time", "%%time"),
        ("%%timeit -n 1", "%%timeit"),
        ("%%capture out", "%%capture"),
        ("files = !ls", "!ls"),
        ("here = %pwd", "%pwd"),
        ("np.dot?", "np.dot?"),
        ("!!ls", "!!ls"),
    ],
)
def test_the_answer_below_stays(before, left_out):
    code, said = without_magics(f"{before}\n{ANSWER}")
    assert left_out in said
    names = {}
    exec(code, names)
    assert names["f"](3) == 1
    assert code.endswith(ANSWER)


@pytest.mark.parametrize(
    "source",
    [
        "x = (10\n  % 3)",
        "words = '''\n!pip install numpy\n%time\n'''",
        "assert 1 != 2  # 100 %",
        "print('50 %')",
        'f"{3!r}"',
    ],
)
def test_python_is_left_as_it_is(source):
    assert without_magics(source) == (source, [])


@pytest.mark.parametrize("name", ["bash", "html", "writefile helpers.py", "javascript"])
def test_a_cell_that_is_no_python_is_named(name):
    assert without_magics(f"%%{name}\nls") == ("", [f"%%{name.split()[0]}, with the whole cell"])


def test_what_is_timed_runs():
    assert without_magics("%time y = f(1)")[0] == "y = f(1)"
    assert without_magics("y = %time f(1)")[0] == "y = f(1)"


@pytest.mark.parametrize("magic", ["%%time", "!pip install numpy", "%matplotlib inline"])
def test_a_check_below_a_magic_is_a_check(magic):
    assert checked_exercise(f'{magic}\ncheck("ps6.quad_grad", quad_grad)') == "ps6.quad_grad"


def test_a_huge_cell_is_left_to_others():
    source = "!ls\n" * 100_000
    assert without_magics(source) == (source, [])

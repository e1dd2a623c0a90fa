"""What a child calls its outputs is rebuilt, and nothing active survives."""

import base64

import nbformat
import pytest

from autograder.sandbox.frames import FrameError
from autograder.sandbox.outputs import DIED, NO_TIME, STOPPED, clean

PICTURE = base64.b64encode(b"\x89PNG").decode()


def data(mime: str, value: object) -> dict[str, object]:
    return {"output_type": "display_data", "data": {mime: value}, "metadata": {"x": {}}, "more": 1}


def test_the_notes_are_valid_outputs():
    cell = nbformat.v4.new_code_cell(outputs=[DIED, NO_TIME, STOPPED])
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))


def test_text_and_pictures_are_kept_and_nothing_else():
    kept = {"text/plain": "<b>", "image/png": PICTURE}
    active = {
        "text/html": "<script>",
        "text/x-base64": PICTURE,
        "text/markdown": "<img onerror=…>",
        "text/latex": "</div><script>",
        "image/svg+xml": "<svg onload=…/>",
        "application/javascript": "alert(1)",
        "application/vnd.jupyter.widget-view+json": {"model_id": "1"},
        "image/jpeg": '"><script>',
    }
    (output,) = clean([data("text/plain", "") | {"data": kept | active}], 1000)
    assert output == {"output_type": "display_data", "data": kept, "metadata": {}}


@pytest.mark.parametrize(
    "forged",
    [
        None,
        "text",
        {"output_type": "stream", "name": "stdout", "text": "x"},
        [None],
        [{}],
        [{"output_type": "stream", "name": "stdin", "text": "x"}],
        [{"output_type": "stream", "name": "stdout", "text": 5}],
        [{"output_type": "error", "ename": "E", "evalue": "x"}],
        [{"output_type": "error", "ename": "E", "evalue": "x", "traceback": 3}],
        [{"output_type": "execute_result", "data": []}],
        [{"output_type": "update_display_data", "data": {}}],
        [{"output_type": "stream", "name": "stdout", "text": "x" * 20_000}],
        [{"output_type": "stream", "name": "stdout", "text": ""}] * 10_000,
    ],
    ids=lambda forged: repr(forged)[:60],
)
def test_what_is_no_list_of_outputs_is_refused(forged):
    with pytest.raises(FrameError):
        clean(forged, 1000)


def test_an_execution_count_is_a_number_or_nothing():
    result = {"output_type": "execute_result", "data": {"text/plain": "2"}, "metadata": {}}
    counts = [clean([result | {"execution_count": n}], 99)[0]["execution_count"] for n in (3, "3")]
    assert counts == [3, None]

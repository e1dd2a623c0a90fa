"""Pictures that a learner drew or pasted: shown where that is safe, and said where it is not."""

import base64
import io

from PIL import Image

from autograder.course.pictures import Drawn, checked
from autograder.course.written import Written


def picture(side: int, kind: str = "PNG") -> str:
    file = io.BytesIO()
    Image.new("1", (side, side)).save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def shown(text: str, kind: str = "image/png") -> dict[str, object]:
    return {"output_type": "display_data", "data": {kind: text, "text/plain": "<Figure>"}}


def test_a_plot_is_kept_as_it_is():
    stream = {"output_type": "stream", "name": "stdout", "text": "x"}
    outputs = [stream, shown(picture(640)), shown(picture(640, "JPEG"), "image/jpeg")]
    assert Drawn().bounded(outputs) == outputs


def test_what_would_end_a_browser_is_left_out_and_said():
    for text, why in (
        (picture(8_000), "8000 × 8000 dots"),
        (base64.b64encode(b"\x89PNG").decode(), "it is no picture"),
        (picture(9, "JPEG"), "it is no image/png"),
    ):
        (left,) = Drawn().bounded([shown(text)])
        assert list(left["data"]) == ["text/plain"] and why in left["data"]["text/plain"]


def test_many_large_ones_that_take_few_bytes_are_too_many():
    large = picture(7_000)  # 49 million dots in some kilobytes
    assert len(large) < 20_000 and checked(large).cost == 49_000_000 // 25
    kept = [list(output["data"]) for output in Drawn().bounded([shown(large)] * 6)]
    assert kept == [["image/png", "text/plain"]] * 4 + [["text/plain"]] * 2
    pasted = {f"{n}.png": large for n in range(6)}
    source = " ".join(f"![](attachment:{name})" for name in pasted)
    cell = Written().cell(source, pasted)
    assert cell.source.count("data:image/png;base64,") == 4
    assert cell.source.count("all together may have 8 MB") == 2

"""The memory explorer as a learner meets it: in JupyterLab, by keyboard, read from the page."""

from collections.abc import Callable

import pytest
from harness import Notebook

pytestmark = pytest.mark.slow

SCRATCH = """import numpy as np
import backpropkit as bp

def layers(depth):
    h = bp.const(np.ones(100))
    for _ in range(depth):
        h = bp.sigmoid(bp.var(0.5) * h)
    return h.sum()

bp.explore.memory(layers)"""


@pytest.mark.parametrize("width", [1280, 400])
def test_depth_and_no_grad_are_chosen_by_keyboard(
    open_notebook: Callable[..., Notebook], width: int
) -> None:
    notebook = open_notebook([SCRATCH], width=width)
    notebook.run_all()
    page, root = notebook.page, notebook.page.locator(".bp-explorer").first
    seen = 'data-bytes="{}"'.format
    root.locator(f".bp-picture:visible[{seen(8 * 1110)}]").wait_for()
    slider = root.get_by_role("slider", name="depth", exact=True)
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    root.locator(f".bp-picture:visible[{seen(8 * (100 + 101 * 13))}]").wait_for()
    assert slider.evaluate("handle => handle === document.activeElement")
    root.get_by_role("button", name="inside no_grad()").press("Enter")
    root.locator(f".bp-picture:visible[{seen(0)}]").wait_for()
    status = root.get_by_role("status").filter(has_text="There is no way back")
    status.wait_for(state="attached")
    root.get_by_role("button", name="Show as a table").press("Enter")
    row = root.get_by_role("row").filter(has=page.get_by_role("rowheader", name="13", exact=True))
    row.wait_for()
    assert row.get_by_role("cell").all_inner_texts() == ["1413", "0"]
    assert notebook.problems == []

"""What a person sees of one explorer in JupyterLab, and what they do with it."""

import json
from typing import Any


class Shown:
    """An explorer of a notebook (or page): its root, its picture, the numbers on the page."""

    def __init__(self, notebook: Any, nth: int = 0) -> None:
        self.notebook = notebook
        self.page = notebook.page
        self.root = self.page.locator(".bp-explorer").nth(nth)
        self.picture.wait_for()

    @property
    def picture(self) -> Any:
        return self.root.locator(".bp-picture:visible")

    def control(self, role: str, name: str) -> Any:
        return self.root.get_by_role(role, name=name, exact=True)

    def data(self, name: str) -> str:
        return str(self.picture.get_attribute(f"data-{name}"))

    def settle(self, name: str, wanted: object) -> None:
        """Wait until the picture says so (a list as JSON); fail with what it says instead."""
        wanted = wanted if isinstance(wanted, list) else str(wanted)
        look = """([root, name, wanted]) => {
          const all = [...root.querySelectorAll(".bp-picture")];
          const told = all.find((picture) => picture.checkVisibility())?.getAttribute(name);
          if (typeof wanted === "string" || !told) return told === wanted;
          return JSON.stringify(JSON.parse(told)) === JSON.stringify(wanted);
        }"""
        args = [self.root.element_handle(), f"data-{name}", wanted]
        try:
            self.page.wait_for_function(look, arg=args, timeout=10_000)
        except Exception:
            told = self.data(name)
            assert (told if isinstance(wanted, str) else json.loads(told)) == wanted
            raise

    def announced(self, words: str) -> None:
        """Wait until a screen reader is told."""
        status = self.root.get_by_role("status")
        status.filter(has_text=words).wait_for(state="attached", timeout=10_000)
        assert status.get_attribute("aria-live") == "polite"

    def focused(self, control: Any) -> bool:
        return bool(control.evaluate("part => part === document.activeElement"))

    def every_control_has_a_name(self) -> None:
        for role in ("slider", "combobox", "button", "textbox", "checkbox"):
            for control in self.root.get_by_role(role).all():
                snapshot = control.aria_snapshot()
                assert '"' in snapshot.splitlines()[0], snapshot

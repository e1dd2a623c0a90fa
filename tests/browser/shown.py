"""What a person sees of one explorer in JupyterLab, and what they do with it."""

from typing import Any

from harness import Notebook


class Shown:
    """The first explorer of a notebook: its root, its picture, the numbers on the page."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.page = notebook.page
        self.root = self.page.locator(".bp-explorer").first
        self.picture.wait_for()

    @property
    def picture(self) -> Any:
        return self.root.locator(".bp-picture:visible")

    def control(self, role: str, name: str) -> Any:
        return self.root.get_by_role(role, name=name, exact=True)

    def data(self, name: str) -> str:
        return str(self.picture.get_attribute(f"data-{name}"))

    def settle(self, name: str, wanted: object) -> None:
        """Wait until the picture says so; fail with what it says instead."""
        look = """([name, wanted]) => {
          const all = [...document.querySelectorAll(".bp-picture")];
          const seen = all.find((picture) => picture.checkVisibility());
          return seen && seen.getAttribute("data-" + name) === wanted;
        }"""
        try:
            self.page.wait_for_function(look, arg=[name, str(wanted)], timeout=10_000)
        except Exception:
            assert self.data(name) == str(wanted)
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

"""What a person sees of one explorer, in JupyterLab or a saved page, and what they do with it."""

import json
from typing import Any

import pytest


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
            self.page.wait_for_function(look, arg=args)
        except Exception:
            told = self.data(name)
            assert (told if isinstance(wanted, str) else json.loads(told)) == wanted
            raise

    def announced(self, words: str) -> None:
        """Wait until a screen reader is told."""
        status = self.root.get_by_role("status")
        status.filter(has_text=words).wait_for(state="attached")
        assert status.get_attribute("aria-live") == "polite"

    def focused(self, control: Any) -> bool:
        return bool(control.evaluate("part => part === document.activeElement"))

    def every_control_has_a_name(self) -> None:
        for role in ("slider", "combobox", "button", "textbox", "checkbox"):
            for control in self.root.get_by_role(role).all():
                snapshot = control.aria_snapshot()
                assert '"' in snapshot.splitlines()[0], snapshot


class Page:
    """A saved page: its controls by name, its numbers, what it asked for and complained of."""

    def __init__(self, page: Any) -> None:
        self.page, self.asked, self.problems = page, [], []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda m: self.problems.append(m.text) if m.type == "error" else None)

    def slider(self, name: str) -> Any:
        return self.page.get_by_role("slider", name=name, exact=True)

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def data(self, name: str) -> str:
        return str(self.page.locator(".bp-picture:visible").get_attribute(f"data-{name}"))

    def number(self, name: str) -> float:
        return float(self.data(name))

    def shows(self, wanted: Any) -> None:
        """The numbers of a Nudge."""
        assert self.number("actual") == pytest.approx(wanted.actual, rel=1e-12, abs=1e-15)
        assert self.number("predicted") == pytest.approx(wanted.predicted, rel=1e-12)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

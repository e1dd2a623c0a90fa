"""The palette of every picture, light and dark: Okabe and Ito's, darkened or lightened to be read.

Text colours keep a contrast of at least 4.5 : 1 on the paper and on the tint (WCAG 2.2, 1.4.3); a
test computes it. Colour never stands alone: what moves is also thick, what is predicted is dashed.
"""

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1f1f1f",
    "soft": "#595959",
    "line": "#737373",
    "move": "#a84300",  # vermillion, darkened: what was moved, and what really happened
    "tint": "#fdeee3",
    "grad": "#0068a3",  # blue, darkened: gradients, and what they predict
    "wash": "#f0f0f0",
    "value": "#006b4f",  # green, darkened: values
    "tint-grad": "#e4f1fa",
    "value-heat": "#8fd3ba",
    "grad-heat": "#9ccbea",
    "move-heat": "#f3bf95",
    "gap-heat": "#cfcfcf",
    "field": "#ffffff",
    "focus": "#8b3a72",
    "run0": "#0072b2",  # runs: blue, vermillion, green, purple, each with a mark of its own
    "run1": "#c85200",
    "run2": "#00805c",
    "run3": "#a8497f",
}
DARK = {
    "paper": "#111111",
    "ink": "#e8e8e8",
    "soft": "#b4b4b4",
    "line": "#8f8f8f",
    "move": "#ffab70",
    "tint": "#3b2412",
    "grad": "#6cbcf0",
    "wash": "#262626",
    "value": "#4fc9a4",
    "tint-grad": "#12293a",
    "value-heat": "#1c5c47",
    "grad-heat": "#1f4d6d",
    "move-heat": "#6b3b17",
    "gap-heat": "#4c4c4c",
    "field": "#1e1e1e",
    "focus": "#e9a6cf",
    "run0": "#56b4e9",
    "run1": "#ff9d5c",
    "run2": "#2ec29a",
    "run3": "#e59ac8",
}
# Of circuits drawn the classic way, and of wrong ideas beside the right numbers.
CIRCUIT_LIGHT = {"back": "#a84300", "wrong": "#8b3a72"}
CIRCUIT_DARK = {"back": "#ffab70", "wrong": "#e9a6cf"}
PAGE = {"paper": "--jp-layout-color0"}  # taken over from JupyterLab's theme where there is one


def _declare(palette: dict[str, str]) -> str:
    """The palette as CSS variables.

    >>> _declare({"paper": "#fff", "ink": "#000"})
    '--bp-paper:var(--jp-layout-color0,#fff);--bp-ink:#000'
    """
    return ";".join(
        f"--bp-{name}:var({PAGE[name]},{colour})" if name in PAGE else f"--bp-{name}:{colour}"
        for name, colour in palette.items()
    )


def theme(light: dict[str, str], dark: dict[str, str]) -> str:
    """Both palettes as a style sheet.

    The page's theme decides where there is one (JupyterLab, Notebook, Voila, exports), else the
    reader's system does. On paper it is light: browsers print no backgrounds. Pictures run from
    left to right in any page.
    """
    return f"""
.bp,.bp-explorer{{direction:ltr;{_declare(light)}}}
@media print{{.bp,.bp-explorer{{--bp-paper:#fff}}}}
@media screen and (prefers-color-scheme:dark){{.bp,.bp-explorer{{{_declare(dark)}}}}}
body[data-jp-theme-light=true] :is(.bp,.bp-explorer){{{_declare(light)}}}
@media screen{{
body:is([data-jp-theme-light=false],.vscode-dark) :is(.bp,.bp-explorer){{{_declare(dark)}}}
}}
"""


THEME = theme(LIGHT, DARK)
CIRCUIT_THEME = theme(CIRCUIT_LIGHT, CIRCUIT_DARK)

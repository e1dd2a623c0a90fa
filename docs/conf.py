"""How Sphinx builds the site: make docs

The source folder is the whole checkout, so that a link between two pages is the same on the site,
on a code host and in an editor. Lessons are run and rendered here; everything comes from PyPI, and
the site asks no other server for anything.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import backpropkit
from backpropkit.explore import STILL_FIRST, door, page, stage

os.environ[stage.SHARED] = "1"  # one script moves the explorers of all pages

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"

project = "backpropkit"
author = "the backpropkit maintainers"
project_copyright = author
version = release = backpropkit.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    # MathJax and its fonts as part of the site; sphinx.ext.mathjax alone fetches them when read
    "sphinx-mathjax-offline",
]

# --- pages ---------------------------------------------------------------------------------------
root_doc = "docs/index"
include_patterns = [
    "docs/**.md",
    "lessons/*.ipynb",
    "exercises/release/*/*.ipynb",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
]
exclude_patterns = [".*", "build", "dist", "learn", "tests", "**/.ipynb_checkpoints"]
default_role = "code"  # what stands between single backticks in a docstring

# --- Markdown and notebooks ----------------------------------------------------------------------
myst_enable_extensions = ["amsmath", "dollarmath", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_excludepatterns = [
    "exercises/release/*/*"
]  # handed out unsolved: their checks would fail
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
# what moves in the page itself, never a widget that cannot
nb_mime_priority_overrides = [
    ("html", WIDGET_VIEW, None),
    *(("html", mime, 10 * place) for place, mime in enumerate(STILL_FIRST, 1)),
]
nb_ipywidgets_js = {}

# --- the look ------------------------------------------------------------------------------------
html_theme = "furo"
html_title = "backpropkit"
html_static_path = ["static"]
templates_path = ["templates"]
html_extra_path = ["site"]
html_css_files = ["backpropkit.css"]
html_js_files = ["theme.js", ("explorers.js", {"defer": "defer"})]
html_show_sphinx = False
html_copy_source = False

# --- the reference -------------------------------------------------------------------------------
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_preserve_defaults = True  # bowl, and not all that a Surface is made of
napoleon_use_rtype = False
napoleon_use_ivar = True
add_module_names = False


def as_in_the_checkout(app, docname, source):
    """Lessons and exercises link to each other as a learner's folder holds them."""
    if docname.startswith("lessons/"):
        source[0] = source[0].replace("](../exercises/", "](../exercises/release/")
    elif docname.startswith("exercises/"):
        source[0] = source[0].replace("](../../lessons/", "](../../../lessons/")


def plain_signs(app, what, name, found, options, lines):
    """In a docstring |x| and **inputs mean what they say, and no markup of Sphinx's."""
    in_example = False
    for number, line in enumerate(lines):
        in_example = line.lstrip().startswith(">>>") or (in_example and line.strip() != "")
        if not in_example:
            pieces = line.split("`")  # every second one is code
            pieces[::2] = [re.sub(r"[|*]", r"\\\g<0>", piece) for piece in pieces[::2]]
            lines[number] = "`".join(pieces)


def several_names(app, what, name, found, options, lines):
    """Attributes of one description: Sphinx would take all but the last for its type."""
    for number, line in enumerate(lines):
        lines[number] = re.sub(r"^:ivar [\w, ]+:", lambda told: told[0].replace(", ", ","), line)


def open_in_the_browser(app, page, template, context, doctree):
    """What can be run stands in /lab/ too, where nothing need be installed."""
    if notebook := notebook_in_lab(page):
        address = context["pathto"]("lab/lab/index.html", resource=True)
        link = f'<a href="{address}?path={notebook}">Open in the browser</a>'
        context["body"] = f'<p class="bp-open">{link}</p>{context["body"]}'


def first_picture(app, page, template, context, doctree):
    """What a visitor sees first can be moved at once."""
    if page == "docs/index":
        explorer = backpropkit.explore.nudge("(a*b + c)**2", a=2, b=-3, c=4)
        explorer.state = {**explorer.state, "h": 1.0, "scale": 25.0}  # room for bars of 21 and 12
        place = '<div id="bp-first"></div>'
        assert place in context["body"]
        context["body"] = context["body"].replace(place, explorer.html(script=False))


def notebook_in_lab(page):
    """Where the notebook of a page stands in a learner's folder; the welcome for two more pages."""
    if page in ("docs/index", "docs/browser"):
        return "lessons/welcome.ipynb"
    if page.startswith(("lessons/", "exercises/release/")):
        return page.replace("exercises/release/", "exercises/") + ".ipynb"
    return None


def without_widget_state(app, page, template, context, doctree):
    """What would bring sliders back to life is half of a page, and nothing here reads it."""
    context["script_files"] = [
        script
        for script in context["script_files"]
        if getattr(script, "attributes", {}).get("type") != WIDGET_STATE
    ]


def with_the_script(app, error):
    """What moves the explorers, once for all pages."""
    if error is None and app.builder.name == "html":
        script = Path(app.outdir) / "_static" / "explorers.js"
        script.write_text(page.of_the_site(), encoding="utf-8")


def with_the_door(app, error):
    """/nudge/, where a formula is typed."""
    if error is None and app.builder.name == "html":
        door.write(Path(app.outdir) / "nudge")


def setup(app):
    app.connect("build-finished", with_the_door)
    app.connect("build-finished", with_the_script)
    app.connect("source-read", as_in_the_checkout)
    app.connect("autodoc-process-docstring", plain_signs)
    app.connect("autodoc-process-docstring", several_names)
    app.connect("html-page-context", without_widget_state)
    app.connect("html-page-context", open_in_the_browser)
    app.connect("html-page-context", first_picture)

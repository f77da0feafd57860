"""Every text the pages can say, found where it stands: `_("…")` in templates, `N("…")` and `.say("…")` in code.

What is counted has two: `_("…", "…", number=…)`, `C("…", "…")` and `.say("…", "…", number=…)`.
"""

import ast
from pathlib import Path

from jinja2 import Environment

WEB = Path(__file__).parents[2] / "host" / "gatehost" / "web"
SAYING = {"N", "noted", "C", "counted", "say", "_say"}
Text = tuple[str, ...]  # one text, or the two of what is counted


def spoken() -> set[Text]:
    """All message ids."""
    return in_templates() | in_code()


def in_templates() -> set[Text]:
    """Texts of the templates."""
    here = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True)
    found: set[Text] = set()
    for path in sorted((WEB / "templates").rglob("*.html")):
        for _, _, told in here.extract_translations(path.read_text(encoding="utf-8"), ["_"]):  # type: ignore[attr-defined]
            texts = (told,) if isinstance(told, str) else told or ()
            found.add(tuple(one for one in texts if one is not None))
    return {one for one in found if one}


def in_code() -> set[Text]:
    """Texts of the modules."""
    texts: set[Text] = set()
    for path in WEB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and name(node.func) in SAYING:
                said = [word.value for word in node.args if isinstance(word, ast.Constant)]
                texts.add(tuple(one for one in said if isinstance(one, str)))
    return {one for one in texts if one}


def name(func: ast.expr) -> str:
    """What is called."""
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""

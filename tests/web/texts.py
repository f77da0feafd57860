"""Every text the pages can say, found where it stands: `_("…")` in templates, `N("…")` and `.say("…")` in code."""

import ast
from pathlib import Path

from babel.messages.extract import extract_from_dir

WEB = Path(__file__).parents[2] / "host" / "gatehost" / "web"
SAYING = {"N", "noted", "say", "_say"}


def spoken() -> set[str]:
    """All message ids."""
    return in_templates() | in_code()


def in_templates() -> set[str]:
    """Texts of the templates."""
    found = extract_from_dir(WEB / "templates", [("**.html", "jinja2.ext:babel_extract")], keywords={"_": None})
    return {text for _, _, text, _, _ in found if isinstance(text, str)}


def in_code() -> set[str]:
    """Texts of the modules."""
    texts: set[str] = set()
    for path in WEB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and name(node.func) in SAYING:
                texts |= {
                    word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str)
                }
    return texts


def name(func: ast.expr) -> str:
    """What is called."""
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""

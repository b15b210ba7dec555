"""Stack traces in colour, by Pygments."""

from typing import Any

from markupsafe import Markup

from artifactsvc.services.stack_traces import Line

LONGEST = 200_000  # characters; above, a trace is shown without colours


def highlight_lines(lines: list[Line]) -> list[tuple[str, Markup]]:
    """Each line's kind, and its text as HTML with the classes of `pygments.css`."""
    if not lines:
        return []
    text = "\n".join(line.text for line in lines)
    if len(text) > LONGEST:
        return [(line.kind, Markup.escape(line.text)) for line in lines]
    from pygments import highlight  # only pages with a trace need it: it takes memory
    from pygments.formatters import HtmlFormatter

    coloured = highlight(text + "\n", _lexer(text), HtmlFormatter(nowrap=True)).split("\n")
    if len(coloured) < len(lines):  # the lexer took lines for one, as it may with form feeds
        return [(line.kind, Markup.escape(line.text)) for line in lines]
    return [(line.kind, Markup(html)) for line, html in zip(lines, coloured, strict=False)]  # noqa: S704 - Pygments escapes


def _lexer(text: str) -> Any:
    from pygments.lexers import PythonTracebackLexer, TextLexer, get_lexer_by_name

    options = {"stripnl": False, "ensurenl": False}
    if "Traceback (most recent call last)" in text:
        return PythonTracebackLexer(**options)
    if ".java:" in text or ".kt:" in text:
        return get_lexer_by_name("java", **options)
    if "\n    at " in text:
        return get_lexer_by_name("javascript", **options)
    if ".py" in text:
        return get_lexer_by_name("python", **options)
    return TextLexer(**options)

"""A JSON value as HTML that folds without a script: `<details>` in each other, coloured by artifact.css."""

from typing import Any

from markupsafe import Markup, escape

from artifactsvc.services.json_trees import Literal, Members

OPEN_DEPTH, OPEN_ITEMS = 3, 100  # what is deeper or longer is folded at first
STRING = 5000  # characters of a string that are shown
_CONTROLS = {code: 0x2400 + code for code in range(32) if code not in (9, 10)} | {127: 0x2421}


def tree_html(value: Any) -> Markup:
    """Parameters: `value`, of services.json_trees, no deeper than it allows."""
    out: list[str] = []
    _write(out, value, "", 0)
    return Markup("".join(out))  # noqa: S704 - everything that is not ours went through `escape`


def _write(out: list[str], value: Any, label: str, depth: int) -> None:
    """Append `value`; `label` is the HTML in front of it."""
    if type(value) is Members:
        _write_branch(out, label, depth, "{}", [(_label(name), item) for name, item in value.items], "member")
    elif type(value) is list:
        _write_branch(out, label, depth, "[]", [("", item) for item in value], "item")
    else:
        out.append(f'<div class="json-row">{label}{_leaf(value)}</div>')


def _write_branch(out: list[str], label: str, depth: int, brackets: str, items: list[tuple[str, Any]], noun: str) -> None:
    if not items:
        out.append(f'<div class="json-row">{label}<span class="json-p">{brackets}</span></div>')
        return
    unfolded = " open" if depth < OPEN_DEPTH and (len(items) <= OPEN_ITEMS or depth == 0) else ""
    count = f"{len(items)} {noun}{'s' if len(items) > 1 else ''}"
    out.append(
        f'<details{unfolded}><summary>{label}<span class="json-p">{brackets[0]}</span><span class="json-n">{count}</span></summary><div class="json-in">'
    )
    for name, item in items:
        _write(out, item, name, depth + 1)
    out.append(f'</div><div class="json-p json-end">{brackets[1]}</div></details>')


def _label(name: str) -> str:
    return f'<span class="json-k">{_text(name)}</span><span class="json-p">: </span>'


def _leaf(value: Any) -> str:
    if type(value) is Literal:
        return f'<span class="json-d">{escape(str(value)[:STRING])}</span>'
    if type(value) is str:
        more = f'<span class="json-n">… {len(value)} characters</span>' if len(value) > STRING else ""
        return f'<span class="json-s">{_text(value)}</span>{more}'
    return f'<span class="json-w">{ {True: "true", False: "false", None: "null"}[value] }</span>'


def _text(value: str) -> str:
    """In quotes, as it stands in a file, but for line ends and tabs, which are easier to read as such."""
    shown = value[:STRING].replace("\\", "\\\\").replace('"', '\\"')
    return str(escape(f'"{shown}"'.translate(_CONTROLS).encode("utf-8", "replace").decode()))

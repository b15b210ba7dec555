"""What stands for a thumbnail where there is none: a quiet symbol that says what the file is, on any background."""

from pyramid.response import Response

_LABELS = {"image": "no preview", "video": "video", "pdf": "PDF", "html": "HTML", "har": "HAR", "json": "JSON", "text": "log", "file": "file"}
_SHEET = '<path d="M168 56h44l28 28v76h-72z"/><path d="M212 56v28h28"/>'
_PICTURE = '<rect x="140" y="68" width="120" height="84" rx="6"/><circle cx="168" cy="94" r="9"/><path d="M146 146l34-32 22 20 26-28 26 28"/>'
_FILM = '<rect x="140" y="68" width="120" height="84" rx="6"/><path d="M188 92v36l32-18z"/>'
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 250" width="400" height="250">'
    '<g fill="none" stroke="#7f8a96" stroke-width="5" stroke-linejoin="round" stroke-linecap="round">{symbol}</g>'
    '<text x="200" y="204" text-anchor="middle" font-family="system-ui, sans-serif" font-size="26" font-weight="600" fill="#7f8a96">{label}</text></svg>'
)


def placeholder(kind: str) -> Response:
    """Parameters: `kind`, of services.artifact_kinds. Browsers ask again after a minute: what was missing may be there then."""
    symbol = {"image": _PICTURE, "video": _FILM}.get(kind, _SHEET)
    response = Response(_SVG.format(symbol=symbol, label=_LABELS[kind]).encode(), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "private, max-age=60"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response

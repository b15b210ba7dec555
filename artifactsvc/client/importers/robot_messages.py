"""The messages of Robot Framework's keywords: plain, or HTML with screenshots and videos linked or embedded."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote

from artifactsvc.client.importers.data_urls import from_data_url
from artifactsvc.client.importers.files import Evidence
from artifactsvc.client.report import Attachment, Skipped

_ELSEWHERE = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+:|//|#", re.IGNORECASE)


@dataclass
class Message:
    time: str
    level: str
    text: str
    references: list[str] = field(default_factory=list)  # paths and data URLs, each once


class _Html(HTMLParser):
    """The text of a piece of HTML, and what it shows."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.references: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        found = values.get("href") if tag == "a" else values.get("src") if tag in ("img", "source", "video", "audio", "iframe", "embed") else None
        if tag in ("br", "p", "div", "tr", "li"):
            self.pieces.append("\n")
        if not found:
            return
        if found.lower().startswith("data:") or not _ELSEWHERE.match(found):
            self.references[found] = None
        self.pieces.append(" [embedded file] " if found.lower().startswith("data:") else f" [{found}] ")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def message(element: ET.Element) -> Message:
    text, references = _read(element.text or "", element.get("html", "").lower() in ("true", "yes"))
    time = element.get("time") or element.get("timestamp") or ""
    return Message(time, element.get("level") or "", text, references)


def text_of(element: ET.Element) -> str:
    """A message as plain text; one that begins with `*HTML*` is HTML, as Robot Framework has it."""
    text = element.text or ""
    if text.startswith("*HTML*") or element.get("html", "").lower() in ("true", "yes"):
        return _read(text.removeprefix("*HTML*"), True)[0]
    return text


def files_of(messages: list[Message], evidence: Evidence, iteration: int) -> list[Attachment | Skipped]:
    """The files that messages link or embed, each path once."""
    found: list[Attachment | Skipped] = []
    for reference in dict.fromkeys(reference for item in messages for reference in item.references):
        if reference.lower().startswith("data:"):
            found.append(from_data_url(reference, "embedded", iteration_number=iteration))
        else:
            found.append(evidence.attach(unquote(reference), iteration_number=iteration))
    return found


def _read(text: str, html: bool) -> tuple[str, list[str]]:
    if not html:
        return text, []
    parser = _Html()
    parser.feed(text)
    parser.close()
    return re.sub(r"[ \t]*\n\s*", "\n", "".join(parser.pieces)).strip(), list(parser.references)

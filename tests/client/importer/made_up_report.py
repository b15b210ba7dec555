"""An importer as a team would add one: its report is a JSON file with the fields of ReportTest, files beside it."""

import json
import time

from artifactsvc.client.report import Attachment, ImportFailedError, ReportStep, ReportTest, Skipped


class MadeUp:
    name = "made-up"

    def finds(self, path):
        return path.name.endswith(".made-up.json")

    def read(self, path):
        try:
            items = json.loads(path.read_text())
        except ValueError as error:
            raise ImportFailedError(f"{path}: {error}") from None
        for item in items:
            if "skipped" in item:
                yield Skipped(*item["skipped"])
                continue
            time.sleep(item.pop("pause", 0))
            steps = [ReportStep(**step) for step in item.pop("steps", [])]
            files = [Attachment(**{**file, "path": path.parent / file["path"]}) for file in item.pop("attachments", [])]
            yield ReportTest(**item, steps=steps, attachments=files)

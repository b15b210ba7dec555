"""The names of published files: `stem.png`, `stem_2.png`, …"""

import os
from collections.abc import Iterator


def free_names(directory: str, stem: str, extension: str, first: int) -> Iterator[str]:
    """`stem.png`, `stem_2.png`, … from the first that may be free; a folder of thousands is not tried one by one."""
    if first == 1:
        yield stem + extension
    number, step = max(first, 2), 1
    while os.path.lexists(os.path.join(directory, f"{stem}_{number + step}{extension}")):
        number, step = number + step, step * 2
    low, high = number, number + step  # low may be taken, high was free a moment ago
    while step > 1 and high - low > 1:
        middle = (low + high) // 2
        if os.path.lexists(os.path.join(directory, f"{stem}_{middle}{extension}")):
            low = middle
        else:
            high = middle
    number = low
    while True:
        yield f"{stem}_{number}{extension}"
        number += 1

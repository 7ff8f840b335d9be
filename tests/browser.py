"""The browser that tests drive: an installed Chromium, found once, or a plain sentence."""

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "The tests drive a browser, and none was found. Install Chromium (on Debian: apt install chromium), "
    "or set BYHAND_BROWSER to the path of Chromium or Chrome."
)


def path():
    """Path of the browser, or None."""
    return os.environ.get("BYHAND_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


if __name__ == "__main__":
    if path() is None:
        sys.exit(MISSING)

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import path


@pytest.fixture(scope="session")
def browser():
    """The installed Chromium."""
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path(), args=["--no-sandbox"])
        yield chromium
        chromium.close()

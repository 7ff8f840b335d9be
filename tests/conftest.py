"""What every test shares: how many random cases, TensorFlow without the rounding of oneDNN, one browser."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, register_random, settings

from byhand.layers import initializers, set_random_seed
from tests import browser

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

# The same cases in every run, so that a change is judged by what it changed; "search" looks for new ones.
quiet = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None, "print_blob": False}
settings.register_profile("quick", max_examples=50, derandomize=True, **quiet)
settings.register_profile("deep", max_examples=250, derandomize=True, **quiet)
settings.register_profile("search", max_examples=1000, derandomize=False, **quiet)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


class ByHand:
    """The generator behind the initial weights, as Hypothesis wants it: begun anew for every example."""

    seed = staticmethod(set_random_seed)

    def getstate(self):
        return initializers.generator().bit_generator.state

    def setstate(self, state):
        initializers.generator().bit_generator.state = state


by_hand = ByHand()
register_random(by_hand)


@pytest.fixture(autouse=True)
def same_start(request):
    """No test depends on how many weights or numbers the tests before it drew, so neither on their order."""
    set_random_seed(0)
    if hasattr(request.module, "RNG"):
        request.module.RNG = np.random.default_rng(1)


@pytest.fixture(scope="session")
def chromium():
    """The installed Chromium, one for all tests of a process."""
    path = browser.path()
    if path is None:
        pytest.fail(browser.MISSING, pytrace=False)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()

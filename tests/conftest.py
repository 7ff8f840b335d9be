"""Settings every test shares: how many random cases, and TensorFlow without the rounding of its oneDNN kernels."""

import os

from hypothesis import HealthCheck, settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

quiet = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None, "print_blob": False}
settings.register_profile("quick", max_examples=50, derandomize=True, **quiet)
settings.register_profile("deep", max_examples=600, derandomize=False, **quiet)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

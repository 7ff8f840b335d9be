# Kernels speak to this machine alone; without this each of them warns at length that what they say is not encrypted.
c.IPKernelApp.log_level = "ERROR"  # noqa: F821

"""What the page recomputes is what Python traces: the same texts and numbers over the control grid, bugs included."""

import itertools
import json

import pytest

from .cases import CASES

DIFFERENCE = """
([figure, text]) => {
  const close = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
  function differ(a, b, path) {
    if (typeof a === "number" && typeof b === "number") return close(a, b) ? null : `${path}: page ${a}, Python ${b}`;
    if (!a || !b || typeof a !== "object" || typeof b !== "object") {
      return a === b ? null : `${path}: page ${JSON.stringify(a)}, Python ${JSON.stringify(b)}`;
    }
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const found = differ(a[key], b[key], `${path}.${key}`);
      if (found) return found;
    }
    return null;
  }
  for (const { params, data, bug, trace } of JSON.parse(text)) {
    const found = differ(window.cores[figure].retrace(params, data, bug), trace, "trace");
    if (found) return { params, bug, found };
  }
  return null;
}
"""
OWN = ("edits", "data", "receipt", "stills")  # what Python adds


def jobs(case):
    demo, grid, _ = CASES[case]
    rule = demo().rule
    for k, (params, data, edits) in enumerate(grid()):
        right = rule.trace(params, data, edits)
        bugs = [bug["name"] for bug in right["bugs"]]
        for bug in [None, *bugs] if k % 5 == 0 else [None]:
            trace = rule.trace(params, data, edits, bug) if bug else right
            kept = {key: value for key, value in trace.items() if key not in OWN}
            yield {"params": params, "data": data | edits, "bug": bug, "trace": kept}


@pytest.mark.parametrize("case", CASES)
def test_page_and_python_trace_alike(core, case):
    figure = CASES[case][0]().trace["figure"]
    page, compared = core(figure), 0
    for batch in batches(jobs(case), 60):
        assert page.evaluate(DIFFERENCE, [figure, json.dumps(batch)]) is None
        compared += len(batch)
    assert compared > 60


def batches(things, size):
    things = iter(things)
    while batch := list(itertools.islice(things, size)):
        yield batch

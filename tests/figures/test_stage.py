"""Each figure driven in a browser, from disk, with no network: what a reader does and what the page answers."""

import copy
import math

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from byhand.figures import explain
from byhand.figures.trace import OPERATIONS
from byhand.layers import AveragePooling1D, MaxPooling1D, Permute

from .cases import CASES

every_figure = pytest.mark.parametrize("case", CASES)
MODES = ("explore", "predict", "bug")


def cell(page, key):
    return page.locator(f'td[data-cell="{key}"]')


def key(place):
    return f"{place[0]}:{place[1]}"


def say(page):
    return page.locator(".bh-say").inner_text()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def made(trace):
    return {frame["to"][0] for frame in trace["frames"]}


def drawn(trace):
    return [name for row in trace["layout"] for name in row if name in trace["panels"]]


def first_editable(page):
    return page.locator('td[aria-readonly="false"]').first


# --- stepping


@every_figure
def test_steps_are_spoken_and_scrubbed(draw, case):
    figure = CASES[case].demo()
    page, n = draw(figure), len(figure.trace["frames"])
    assert say(page).startswith(f"{n} steps")
    press(page, "Step")
    press(page, "Step")
    assert say(page).startswith(f"step 2 of {n}: ")
    press(page, "Back")
    assert say(page).startswith(f"step 1 of {n}: ")
    slider = page.get_by_label("step", exact=True)
    slider.fill(str(n))
    assert say(page).startswith(f"step {n} of {n}: ")
    assert slider.get_attribute("aria-valuetext") == f"step {n} of {n}"
    press(page, "Step")
    assert say(page).startswith(f"step {n} of {n}: "), "there is no step after the last"
    press(page, "Reset")
    assert page.locator(".bh-to, .bh-src").count() == 0


@every_figure
def test_nothing_runs_by_itself(draw, case):
    assert draw(CASES[case].demo()).evaluate("timers") == 0


def test_play_is_a_toggle(draw):
    page = draw(CASES["lstm"].demo())
    press(page, "Play")
    assert page.evaluate("timers") == 1
    page.wait_for_function("document.querySelector('.bh-say').textContent.startsWith('step ')")
    press(page, "Pause")
    before = say(page)
    page.wait_for_timeout(1100)
    assert say(page) == before


@every_figure
def test_a_step_lights_what_it_reads_and_what_it_makes(draw, case):
    figure = CASES[case].demo()
    page = draw(figure)
    shown = drawn(figure.trace)
    for t in range(1, len(figure.trace["frames"]) + 1, 7):
        page.get_by_label("step", exact=True).fill(str(t))
        frame = figure.trace["frames"][t - 1]
        reads = {(p, i) for term in frame["terms"] for p, i in zip(term, term[1:]) if isinstance(p, str)}
        lit = page.eval_on_selector_all("td.bh-src", "tiles => tiles.map((tile) => tile.dataset.cell)")
        assert set(lit) == {key(c) for c in reads if c[0] in shown}
        to = page.eval_on_selector_all("td.bh-to", "tiles => tiles.map((tile) => tile.dataset.cell)")
        assert to == [key(frame["to"])] or frame["to"][0] not in shown


# --- sums


def unit(v):
    """Half of the last digit shown for a number of this size."""
    size = abs(v)
    if 0 < size < 0.01:
        return 0.05 * size + 1e-12
    return 0.05 if size >= 100 else 0.005 if size >= 10 else 0.0005


def plain(text):
    return float(text.replace("−", "-").strip("()"))


@pytest.mark.parametrize("view", ["forward", "backward"])
@every_figure
def test_printed_sums_add_up(core, case, view):
    figure = CASES[case].demo()
    if "view" in figure.params:
        figure.params = figure.params | {"view": view}
    page = core(figure.trace["figure"])
    spell = "([figure, trace]) => trace.frames.map((frame) => cores[figure].spell(trace, frame))"
    for frame, said in zip(figure.trace["frames"], page.evaluate(spell, [figure.trace["figure"], figure.trace])):
        if not said["parts"]:
            continue
        factors = [[plain(f) for f in part.split("×")] for part in said["parts"]]
        values = [math.prod(each) for each in factors]
        slack = sum(unit(f) * math.prod(abs(g) + unit(g) for g in each[:k] + each[k + 1 :])
                    for each in factors for k, f in enumerate(each))  # fmt: skip
        total = combined(frame, values)
        sign, shown = said["end"][0], plain(said["end"][2:])
        assert sign in "=≈", said
        assert abs(total - shown) <= (1e-9 if sign == "=" else slack + unit(shown)), said["text"]


def combined(frame, values):
    """What the operation of a frame makes of these numbers."""
    if frame["op"] in ("max", "min"):
        return OPERATIONS[frame["op"]](values, frame)
    total = sum(values) / frame.get("n", 1)
    bent = {"relu": lambda v: max(v, 0), "tanh": math.tanh, "sigmoid": lambda v: 1 / (1 + math.exp(-v))}
    bent["1/√"] = lambda v: 1 / math.sqrt(v)
    if frame["op"] in OPERATIONS and frame["op"] not in bent:
        return OPERATIONS[frame["op"]]([total], frame | {"n": 1})
    return bent.get(frame["op"], float)(total)


# --- cells


@every_figure
def test_a_result_shows_its_sum_and_an_input_its_uses(draw, case):
    figure = CASES[case].demo()
    trace = figure.trace
    page = draw(figure)
    frame = next(f for f in reversed(trace["frames"]) if f["to"][0] in drawn(trace))
    cell(page, key(frame["to"])).click()
    assert say(page).startswith(f"step {trace['frames'].index(frame) + 1} of {len(trace['frames'])}: ")
    name = next(n for n in drawn(trace) if n not in made(trace))
    users = [f for f in trace["frames"] if any(reads(term, name, 0) for term in f["terms"])]
    if name == "u":  # no sum reads a random number; it decides whether a number stays
        users = [f for f in trace["frames"] if [name, 0] in f.get("see", [])]
    cell(page, f"{name}:0").click()
    assert f"is used in {len(users)} result" in say(page)
    lit = set(page.eval_on_selector_all("td.bh-use", "tiles => tiles.map((tile) => tile.dataset.cell)"))
    met = {
        key((other, i))
        for f in users
        for term in f["terms"]
        if reads(term, name, 0)
        for other, i in zip(term, term[1:])
        if isinstance(other, str) and (other, i) != (name, 0)
    }
    assert lit == {k for k in met | {key(f["to"]) for f in users} if k.rsplit(":", 1)[0] in drawn(trace)}


def reads(term, name, index):
    return any(list(term[k : k + 2]) == [name, index] for k in range(len(term)))


def last_from_cells(trace):
    """The last frame on view that reads cells; a frame may also count with bare numbers."""
    cells_read = (f for f in reversed(trace["frames"]) if any(isinstance(p, str) for term in f["terms"] for p in term))
    return next(f for f in cells_read if f["to"][0] in drawn(trace))


@pytest.mark.parametrize("case", [case for case in CASES if case != "rearrange"])  # which copies, and has no terms
def test_hovering_a_term_marks_its_cells(draw, case):
    figure = CASES[case].demo()
    page = draw(figure)
    cell(page, key(last_from_cells(figure.trace)["to"])).click()
    page.locator(".bh-term").first.hover()
    assert page.locator("td.bh-hot").count() >= 1


@every_figure
def test_numbers_can_be_changed(draw, case):
    figure = CASES[case].demo()
    page = draw(figure)
    assert "Edited" not in page.locator(".byhand").inner_text()
    tile = first_editable(page)
    where = tile.get_attribute("data-cell")
    tile.click()
    tile.click()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    assert cell(page, where).inner_text() == "7"
    assert "Edited: recomputed in your browser by the same rule." in page.locator(".byhand").inner_text()
    assert page.evaluate("document.activeElement.dataset.cell") == where
    page.keyboard.press("Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    assert "“two” is not a number" in say(page)
    assert cell(page, where).inner_text() == "7"
    page.keyboard.press("Enter")
    page.keyboard.type("5")
    page.keyboard.press("Escape")
    assert cell(page, where).inner_text() == "7"
    press(page, "Reset")
    assert "Edited" not in page.locator(".byhand").inner_text()


@every_figure
def test_an_edit_moves_the_results_as_python_says(draw, case):
    figure = CASES[case].demo()
    page = draw(figure)
    where = first_editable(page).get_attribute("data-cell")
    name, index = where.rsplit(":", 1)
    before = {k: tile for k, tile in texts(page).items() if k.rsplit(":", 1)[0] in made(figure.trace)}
    cell(page, where).focus()
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    data = copy.deepcopy(figure.data)
    panel = figure.trace["panels"][name]
    data[name]["data"][inner(panel, int(index))] = 9
    again = figure.rule.trace(figure.params, figure.data, {name: data[name]})
    after = texts(page)
    assert any(after[k] != before[k] for k in before)
    for shown in drawn(again):
        for i, v in enumerate(again["panels"][shown]["data"]):
            if "pad" not in again["panels"][shown]:
                assert plain(after[f"{shown}:{i}"]) == pytest.approx(v, abs=2 * unit(v)), (shown, i)


def texts(page):
    return dict(
        page.eval_on_selector_all("td[data-cell]", "tiles => tiles.map((t) => [t.dataset.cell, t.textContent])")
    )


def inner(panel, index):
    """A place in a padded panel as a place in its data."""
    shape, pad = panel["shape"], panel.get("pad") or [[0, 0]] * len(panel["shape"])
    at = []
    for n in reversed(shape):
        index, k = divmod(index, n)
        at.insert(0, k)
    flat = 0
    for k, n, (before, after) in zip(at, shape, pad):
        flat = flat * (n - before - after) + k - before
    return flat


# --- controls


@every_figure
def test_refused_settings_say_why_and_keep_the_picture(draw, case):
    refused = CASES[case].refused
    if not refused:
        pytest.skip("every setting of this figure makes a picture")
    page = draw(CASES[case].demo())
    for label, option in refused[:-1]:
        page.get_by_label(label, exact=True).select_option(label=option)
    before = texts(page)
    label, option = refused[-1]
    control = page.get_by_label(label, exact=True)
    old = control.input_value()
    control.select_option(label=option)
    assert len(say(page)) > 20
    assert texts(page) == before
    assert page.get_by_label(label, exact=True).get_attribute("aria-invalid") == "true"
    page.get_by_label(label, exact=True).select_option(old)
    assert page.get_by_label(label, exact=True).get_attribute("aria-invalid") is None


@every_figure
def test_every_control_has_a_name_and_every_option_answers(draw, case):
    page = draw(CASES[case].demo())
    for k in range(page.locator(".bh-controls select").count()):
        select = page.locator(".bh-controls select").nth(k)
        assert select.locator("xpath=..").inner_text().strip()
        for option in select.locator("option").all():
            value = option.get_attribute("value")
            page.locator(".bh-controls select").nth(k).select_option(value)
            assert page.locator("td[data-cell]").count() > 0
        press(page, "Reset")


@every_figure
def test_code_is_copied(draw, case):
    page = draw(CASES[case].demo(), permissions=["clipboard-read", "clipboard-write"])
    press(page, "Copy as NumPy")
    page.wait_for_function("document.querySelector('.bh-say').textContent.startsWith('Copied')")
    assert "from byhand.layers import" in page.evaluate("navigator.clipboard.readText()")
    press(page, "Copy as Keras")
    page.wait_for_function("document.querySelector('.bh-say').textContent.includes('Keras')")
    assert "keras" in page.evaluate("navigator.clipboard.readText()")


# --- keyboard


@every_figure
def test_keyboard_alone_is_enough(draw, case):
    figure = CASES[case].demo()
    page = draw(figure)
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.dataset.cell || document.activeElement.textContent"))
        if ":" in str(seen[-1]):
            break
    name = seen[-1].rsplit(":", 1)[0]
    assert name == drawn(figure.trace)[0]
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.dataset.cell") != seen[-1] or figure.trace["panels"][name][
        "shape"
    ] == [1]
    page.keyboard.press("Control+Home")
    assert page.evaluate("document.activeElement.dataset.cell") == f"{name}:0"
    assert page.locator(f'td[data-cell^="{name}:"][tabindex="0"]').count() == 1
    page.keyboard.press(".")
    assert say(page).startswith("step ")
    page.keyboard.press("Escape")
    assert page.locator(".bh-to").count() == 0


@every_figure
def test_keys_do_not_reach_the_notebook_around(draw, case):
    page = draw(CASES[case].demo())
    page.evaluate("window.keys = []; document.addEventListener('keydown', (event) => window.keys.push(event.key))")
    first_editable(page).focus()
    for name in ("b", "d", ".", "ArrowDown", "Enter", "3", "Enter", "Control+b"):
        page.keyboard.press(name)
    assert [name for name in page.evaluate("keys") if name not in ("Control", "b")] == []
    assert page.evaluate("keys.filter((name) => name === 'b').length") == 1, "keys with Ctrl are the page's own"


# --- predict


def wrong_everywhere(trace, panels=None):
    """The same trace with other numbers in these panels, or in every cell that frames make."""
    other = copy.deepcopy(trace)
    for name in made(trace) if panels is None else panels:
        panel = other["panels"][name]
        panel["data"] = [-v - 1000 * (k + 1) for k, v in enumerate(panel["data"])]
    return other


def smaller(trace):
    """The same trace with one cell in every panel that frames make, and as many steps."""
    other = copy.deepcopy(trace)
    for name in made(trace):
        panel = other["panels"][name]
        panel["shape"], panel["data"] = [1] * len(panel["shape"]), panel["data"][:1]
        panel.pop("names", None)
    other["frames"] = [frame for frame in other["frames"] if frame["to"][1] == 0]
    for frame in other["frames"]:  # a result of one cell is read in one place
        frame["terms"] = [t for t in frame["terms"] if all(name not in made(trace) or i == 0 for name, i in pairs(t))]
    return other


def pairs(term):
    return [(name, i) for name, i in zip(term, term[1:]) if isinstance(name, str)]


def asked(figure, asks):
    figure.trace = figure.trace | {"asks": asks}
    return figure


@every_figure
def test_an_open_question_does_not_depend_on_its_answer(draw, case):
    """Two figures that differ in nothing but the hidden results give the same page, down to the last attribute."""
    demo = CASES[case].demo
    for ask in demo().trace["asks"]:
        pages = []
        for change in (False, True):
            figure = asked(demo(mode="predict"), [ask])
            if change and ask["kind"] == "shape":
                figure.trace = smaller(figure.trace)
            elif change:
                figure.trace = wrong_everywhere(figure.trace, ask.get("hide"))
            pages.append(draw(figure).locator(".byhand").evaluate("root => root.outerHTML"))
        assert len(set(pages)) == 1, ask["prompt"]


@every_figure
def test_questions_that_every_figure_has_do_not_leak(draw, case):
    pages = []
    for change in (dict, wrong_everywhere):
        figure = asked(CASES[case].demo(mode="predict"), [])
        figure.trace = change(figure.trace)
        page = draw(figure)
        one = page.locator(".byhand").evaluate("root => root.outerHTML")
        page.get_by_label("your answer").fill("123456")
        press(page, "Check")
        assert say(page).startswith("Not quite: ")
        press(page, "Next question")
        pages.append((one, page.locator(".byhand").evaluate("root => root.outerHTML")))
    assert pages[0] == pages[1]


@every_figure
def test_the_caption_of_a_veiled_panel_tells_no_size(draw, case):
    page = draw(CASES[case].demo(mode="predict"))
    captions = page.locator(".bh-panel:has(.bh-veil) .bh-quiet").all_inner_texts()
    assert captions or CASES[case].demo().trace["asks"][0]["kind"] != "shape"
    assert not [text for text in captions if any(map(str.isdigit, text))]


@every_figure
def test_answers_are_graded_and_explained(draw, case):
    figure = CASES[case].demo(mode="predict")
    trace = figure.trace
    page = draw(figure)
    right = 0
    for ask in trace["asks"]:
        assert page.locator(".bh-ask").inner_text().startswith(ask["prompt"])
        assert not page.locator(".bh-time").is_visible()
        if ask["kind"] == "choice":
            offered = page.locator(".bh-ask button").all_inner_texts()[: len(ask["options"])]
            assert offered == sorted(ask["options"], key=lambda text: f"{text},")
            press(page, ask["options"][ask["answer"]])
        elif ask["kind"] == "cell":
            cell(page, key(ask["answer"][0])).click()
        else:
            answer = ask["answer"] if ask["kind"] == "number" else ", ".join(map(str, ask["answer"]))
            page.get_by_label("your answer").fill(str(answer))
            page.keyboard.press("Enter")
        right += 1
        assert say(page) == f"Right. {ask['why']}"
        assert f"{right} of {right} right" in page.locator(".bh-ask").inner_text()
        assert page.locator(".bh-time").is_visible()
        press(page, "Next question")
    page.get_by_label("your answer").fill("many")
    page.keyboard.press("Enter")
    assert "is not a number" in say(page)


@pytest.mark.parametrize("case", ["pool2d", "conv2d"])
def test_a_slip_of_the_pen_is_no_answer(draw, case):
    page = draw(CASES[case].demo(mode="predict"))
    page.get_by_label("your answer").fill("two by two")
    page.keyboard.press("Enter")
    assert "is not a shape" in say(page)
    assert page.get_by_label("your answer").is_visible()


@every_figure
def test_only_a_cell_that_was_asked_for_is_an_answer(draw, case):
    figure = CASES[case].demo(mode="predict")
    asks = [ask for ask in figure.trace["asks"] if ask["kind"] == "cell"]
    if not asks:
        pytest.skip("no question of this figure asks for a cell")
    page = draw(asked(figure, asks))
    meant = {name for name, _ in asks[0]["answer"]}
    other = next(name for name in drawn(figure.trace) if name not in meant)
    cell(page, f"{other}:0").click()
    assert say(page) == f"The question asks for a cell of {' or '.join(sorted(meant))}."
    assert "right" not in page.locator(".bh-ask").inner_text()
    cell(page, key(asks[0]["answer"][0])).click()
    assert "1 of 1 right" in page.locator(".bh-ask").inner_text()


@every_figure
def test_what_was_answered_is_not_asked_again(draw, case):
    page = draw(CASES[case].demo(mode="predict"))
    questions = [page.locator(".bh-ask p").first.inner_text()]
    give_any_answer(page)
    press(page, "Explore")
    press(page, "Predict")
    while len(questions) < 8:
        questions.append(page.locator(".bh-ask p").first.inner_text())
        give_any_answer(page)
        press(page, "Next question")
    assert all(a != b for a, b in zip(questions, questions[1:]))
    assert questions.count(questions[0]) == 1


def give_any_answer(page):
    if page.get_by_label("your answer").count():
        page.get_by_label("your answer").fill("1")
        page.keyboard.press("Enter")
    elif page.locator(".bh-ask button").count():
        page.locator(".bh-ask button").first.click()
    else:
        for tile in page.locator("td[data-cell]").all():
            tile.click()
            if page.get_by_role("button", name="Next question").count():
                return


def test_brackets_stand_where_they_are_needed(core):
    trace = explain(MaxPooling1D(2, padding="same"), np.reshape([-1, -2, -4, -3, -7], (1, 5, 1))).trace
    said = core("pool").evaluate("(trace) => trace.frames.map((f) => cores.pool.spell(trace, f).text)", trace)
    assert said[0] == "y[0] = max(−1, −2) = −1"
    mean = explain(AveragePooling1D(2), np.reshape([-1, -2], (1, 2, 1))).trace
    said = core("pool").evaluate("(trace) => cores.pool.spell(trace, trace.frames[0]).text", mean)
    assert said == "y[0] = ((−1) + (−2)) / 2 = −1.5"


def test_no_question_about_uses_of_what_is_never_used(core):
    layer = MaxPooling1D(2)
    trace = explain(layer, np.reshape([1, 2, 3, 4], (1, 4, 1)), view="backward").trace
    asks = core("pool").evaluate("(trace) => [0, 1, 2].flatMap((turn) => cores.pool.questions(trace, turn))", trace)
    assert not [a["prompt"] for a in asks if a["prompt"].startswith("In how many results is x")]


# --- find the bug


@every_figure
def test_every_bug_is_found_by_a_cell_and_named(draw, case):
    """All bugs are played, in whatever order they come: with which one a page begins is chance."""
    figure = CASES[case].demo(mode="bug")
    trace = figure.trace
    known = {b["label"]: figure.rule.trace(figure.params, figure.data, {}, b["name"]) for b in trace["bugs"]}
    truth = texts(draw(CASES[case].demo()))
    to_find = {label for label, wrong in known.items() if not alike(wrong, truth)}
    page = draw(figure)
    found = [play_bug(page, trace, truth, known) for _ in to_find]
    assert to_find and set(found) == to_find


def play_bug(page, trace, truth, known):
    """A given cell, a right one, the one that betrays the bug, a wrong reason if there is one, the reason."""
    assert "One rule is wrong." in page.locator(".bh-ask").inner_text()
    assert not page.locator(".bh-time").is_visible()
    shown = texts(page)
    wrong = [k for k in truth if shown[k] != truth[k]]
    assert wrong and all(k.rsplit(":", 1)[0] in made(trace) for k in wrong)
    given = next(name for name in drawn(trace) if name not in made(trace))
    cell(page, f"{given}:0").click()
    assert say(page).endswith("is given. A wrong rule shows in a number that was made.")
    fine = [k for k in truth if k not in wrong and k.rsplit(":", 1)[0] in made(trace)]
    if fine and trace["figure"] == "conv":
        cell(page, fine[0]).click()
        assert say(page).startswith("That cell is right: ")
    cell(page, wrong[-1]).click()
    assert f"should be {truth[wrong[-1]]}, shows {shown[wrong[-1]]}" in say(page)
    offered = [t.removeprefix("Because ") for t in page.locator(".bh-ask button").all_inner_texts()]
    reasons = [label for label in offered if label in known]
    (bug,) = [label for label in reasons if alike(known[label], shown)]
    if len(reasons) > 1:
        press(page, f"Because {next(label for label in reasons if label != bug)}")
        assert say(page).startswith("No: ")
    press(page, f"Because {bug}")
    assert say(page).endswith(f"because {bug}.")
    assert page.locator(".bh-time").is_visible()
    press(page, "Next bug")
    return bug


def test_a_wrong_rule_that_shows_the_same_numbers_is_not_offered(draw):
    """dims counted from 0 and an order that stays: by (2, 1) both make the same y."""
    page = draw(explain(Permute((2, 1)), np.arange(6).reshape(1, 2, 3), mode="bug"))
    for _ in range(2):
        cell(page, "y:1").click()
        offered = " ".join(page.locator(".bh-ask button").all_inner_texts())
        assert ("order in memory stays" in offered) != ("counted from 0" in offered)
        assert "reversed" in offered, "a rule that changes nothing may be guessed"
        press(page, "Because " + ("only the shape changes and the order in memory stays" if "memory" in offered
                                  else "dims are counted from 0"))  # fmt: skip
        press(page, "Next bug")


def test_an_input_lights_what_stands_beside_its_uses(draw):
    page = draw(explain(Permute((2, 1)), np.arange(6).reshape(1, 2, 3)))
    cell(page, "x:1").click()
    lit = "tiles => tiles.map((tile) => tile.dataset.cell)"
    assert page.eval_on_selector_all("td.bh-use", lit) == ["m:2"]
    assert page.eval_on_selector_all("td.bh-see", lit) == ["y:2"]


def alike(trace, shown):
    numbers = {
        f"{name}:{i}": v
        for name in made(trace) & set(drawn(trace))
        for i, v in enumerate(trace["panels"][name]["data"])
    }
    return all(abs(plain(shown[k]) - v) <= 2 * unit(v) for k, v in numbers.items())


# --- for everyone


@pytest.mark.parametrize("mode", MODES)
@every_figure
def test_axe_finds_nothing_serious(draw, case, mode):
    page = draw(CASES[case].demo(mode=mode, t=0 if mode != "explore" else 2))
    found = Axe().run(page, context=".byhand").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []


@every_figure
def test_dark_is_readable(draw, case):
    page = draw(CASES[case].demo(t=2), color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    found = Axe().run(page, context=".byhand").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []


def test_the_verdict_is_in_sight_where_the_figure_is_longer_than_a_phone(draw):
    page = draw(CASES["batchnorm"].demo(mode="predict"), width=375, height=600)
    page.get_by_label("your answer").fill("17")
    press(page, "Check")
    assert say(page).startswith("Not quite")
    page.get_by_role("button", name="Next question").scroll_into_view_if_needed()
    low = page.locator(".bh-say").evaluate("line => line.getBoundingClientRect().bottom")
    assert page.evaluate("document.documentElement.scrollHeight") > 1200 and low <= 600


@pytest.mark.parametrize("mode", MODES)
@every_figure
def test_phone_does_not_overflow(draw, case, mode):
    page = draw(CASES[case].demo(mode=mode), width=375, height=800, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    sizes = "all => all.map((e) => e.getBoundingClientRect()).map((r) => [r.width, r.height]).filter(([w]) => w)"
    found = page.eval_on_selector_all("button, select, td[data-cell]", sizes)
    assert min(min(size) for size in found) >= 24


@every_figure
def test_a_number_is_changed_by_touch(draw, case):
    page = draw(CASES[case].demo(), width=375, height=800, has_touch=True, is_mobile=True)
    tile = first_editable(page)
    where = tile.get_attribute("data-cell")
    tile.tap()
    assert page.locator("td input").count() == 0, "the first tap selects"
    cell(page, where).tap()
    page.locator("td input").fill("4")
    page.keyboard.press("Enter")
    assert cell(page, where).inner_text() == "4"


@every_figure
def test_twice_as_large_does_not_overflow(draw, case):
    page = draw(CASES[case].demo(), width=640, height=400, device_scale_factor=2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


@every_figure
def test_reduced_motion_moves_nothing(draw, case):
    page = draw(CASES[case].demo(), reduced_motion="reduce")
    press(page, "Step")
    assert page.evaluate("timers") == 0
    moving = """() => [...document.querySelectorAll(".byhand *")].filter((e) => {
      const s = getComputedStyle(e);
      return s.animationName !== "none" || s.transitionDuration !== "0s";
    }).length"""
    assert page.evaluate(moving) == 0


@every_figure
def test_forced_colours_keep_the_outlines(draw, case):
    figure = CASES[case].demo()
    page = draw(figure, forced_colors="active")
    frame = last_from_cells(figure.trace)
    cell(page, key(frame["to"])).click()
    style = "tile => [getComputedStyle(tile).borderTopStyle, getComputedStyle(tile).borderTopColor]"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert page.locator("td.bh-to").first.evaluate(style)[0] == "double"
    assert page.locator("td.bh-src").first.evaluate(style)[0] == "solid"
    assert page.locator("td.bh-src").first.evaluate(style)[1] != ground


@every_figure
def test_names_of_grids_are_unique(draw, case):
    page = draw(CASES[case].demo())
    names = page.eval_on_selector_all("table", "tables => tables.map((t) => t.getAttribute('aria-label'))")
    assert names and len(names) == len(set(names))
    assert page.locator(".byhand").locator("h1, h2, h3, h4, [id]").count() == 0

"""The calculator in a browser: fields, sentences, keyboard, copies; for everyone."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from ipywidgets.embed import embed_data

from byhand import layers as L
from byhand.figures.calculator import Calculator, module
from byhand.figures.widget import source

from .test_calculator import demo


def cells(page, line):
    """The texts of one line of the table, from 1."""
    return page.locator(f".bh-lines tbody tr:nth-child({line}) :is(td)").all_inner_texts()


def together(page):
    return page.locator(".bh-lines tfoot td").all_inner_texts()


def say(page):
    return page.locator(".bh-say").inner_text()


def wrong(page):
    """The sentences at fields that are on view."""
    return [text for text in page.locator(".bh-wrong:not(td)").all_inner_texts() if text]


def field(page, name):
    return page.get_by_label(name, exact=True)


def test_it_begins_with_the_stack(draw):
    page = draw(demo())
    assert cells(page, 1) == ["(28, 28, 6)", "156", "117,600", "4,704", "5", "1"]
    assert cells(page, 8) == ["(10,)", "850", "840", "10", "32", "–"]
    assert together(page)[1:4] == ["61,706", "416,520", "8,494"]
    assert page.locator(".bh-calculator pre").inner_text() == 'layers.Conv2D(6, 5, padding="same", activation="tanh")'
    assert say(page) == "Line 1 gives (28, 28, 6) and has 156 parameters; the stack has 61,706 parameters."


def test_a_change_runs_through_the_lines_below(draw):
    page = draw(demo())
    page.get_by_role("combobox", name="padding").select_option("valid")
    assert cells(page, 5)[0] == "(256,)" and cells(page, 6)[1] == "30,840"
    assert say(page).endswith("the stack has 44,426 parameters.")
    field(page, "filters").fill("12")
    assert cells(page, 1)[0] == "(24, 24, 12)", "typing counts at once"
    field(page, "use_bias").uncheck()
    assert "5×5×1×12 = 300" in page.locator(".bh-rules").inner_text()


@pytest.mark.parametrize(
    "name, typed, sentence",
    [
        ("filters", "0", "filters is a whole number of at least 1; “0” is none."),
        ("filters", "-1", "filters is a whole number of at least 1; “-1” is none."),
        ("filters", "many", "filters is a whole number of at least 1; “many” is none."),
        ("filters", "", "filters is a whole number of at least 1; the field is empty."),
        ("kernel_size", "3, 3, 3", "of at least 1, or 2 of them (height, width); “3, 3, 3” is none."),
        ("kernel_size", "15", "kernel_size 15 does not fit into the 14 of height; take less, or padding \"same\"."),
        ("groups", "5", "5 groups do not divide the 16 filters."),
        ("groups", "4", "4 groups do not divide the 6 channels that come in."),
    ],
)  # fmt: skip
def test_a_bad_value_gets_one_sentence_at_its_field(draw, name, typed, sentence):
    page = draw(demo(at=2))
    field(page, name).fill(typed)
    [said] = wrong(page)
    assert said.endswith(sentence)
    assert field(page, name).get_attribute("aria-invalid") == "true"
    described = field(page, name).get_attribute("aria-describedby")
    assert page.locator(f"[id='{described}']").inner_text() == said
    assert cells(page, 3) == [said] and cells(page, 4) == ["waits for what stands above"]
    assert together(page)[1] == "–" and page.get_by_role("button", name="Copy the model").is_disabled()
    page.keyboard.press("Tab")
    assert say(page) == f"Line 3: {said}"
    field(page, name).fill("1")
    assert wrong(page) == [] and field(page, name).get_attribute("aria-invalid") is None
    assert together(page)[1] != "–"


def test_stride_and_dilation_do_not_go_together(draw):
    page = draw(demo(at=2))
    field(page, "strides").fill("2")
    field(page, "dilation_rate").fill("2")
    assert wrong(page) == ["strides and dilation_rate cannot both be above 1; leave one of them at 1."]


def test_a_bad_input_gets_a_sentence_too(draw):
    page = draw(demo())
    shape = page.get_by_label("input shape, without the batch")
    for typed in ("", "0, 28, 1", "photo", "28 28 1", "1,1,1,1,1"):
        shape.fill(typed)
        assert wrong(page)[0].startswith("The input is one to four whole numbers of at least 1, such as 28, 28, 1")
        assert cells(page, 1) == ["waits for what stands above"]
    shape.fill("28×28×3")
    assert wrong(page) == [] and cells(page, 1)[1] == "456"


def test_an_error_elsewhere_is_told_in_its_line(draw):
    page = draw(demo())
    page.get_by_label("input shape, without the batch").fill("10, 10, 1")
    page.get_by_role("button", name="line 1, Conv2D").focus()
    assert cells(page, 4) == ['pool_size 2 does not fit into the 1 of height; take less, or padding "same".']
    assert wrong(page) == [] and say(page) == f"Line 4: {cells(page, 4)[0]}"


def test_lines_come_go_and_move(draw):
    page = draw(demo())
    page.get_by_role("button", name="Add a layer below").click()
    assert page.locator(".bh-lines tbody tr").count() == 9
    assert page.evaluate("document.activeElement.tagName") == "SELECT", "the new layer is chosen next"
    page.locator("[data-focus=layer]").select_option("MaxPooling2D")
    assert cells(page, 2)[0] == "(14, 14, 6)"
    field(page, "strides").fill("1")
    assert cells(page, 2)[0] == "(27, 27, 6)"
    page.get_by_role("button", name="Move down").click()
    assert page.locator(".bh-lines tbody tr:nth-child(3) button").inner_text() == "MaxPooling2D(2, strides=1)"
    assert page.locator(".bh-lines [aria-pressed=true]").inner_text() == "MaxPooling2D(2, strides=1)"
    for _ in range(2):
        page.get_by_role("button", name="Move up").press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "SELECT", "at the top there is no further up"
    page.get_by_role("button", name="Remove").click()
    assert together(page)[1] == "61,706"
    for _ in range(8):
        page.get_by_role("button", name="Remove").click()
    assert page.locator(".bh-lines tbody tr").count() == 0 and say(page) == "The stack is empty."
    page.get_by_role("button", name="Add a layer").click()
    assert cells(page, 1)[0] == "(26, 26, 8)"
    page.get_by_role("button", name="Reset").click()
    assert together(page)[1] == "61,706"


EVERYWHERE = ("Flatten", "Dense", "ReLU", "Dropout", "BatchNormalization", "Reshape")


def test_every_layer_can_be_chosen_and_begins_without_a_fault(draw):
    for rank, shape in {1: (30, 4), 2: (30, 30, 4), 3: (12, 12, 12, 4)}.items():
        page = draw(Calculator(shape, [L.Flatten()]))
        which = page.locator("[data-focus=layer]")
        names = which.locator("option").all_inner_texts()
        assert len(names) == 39
        for name in [n for n in names if f"{rank}D" in n or n in EVERYWHERE]:
            which.select_option(name)
            assert wrong(page) == [], name
            assert cells(page, 1)[0].startswith("("), name
        which.select_option("Conv1D" if rank > 1 else "Conv2D")
        assert wrong(page)[0].endswith(f"it gets {shape}.")


def test_a_layer_keeps_the_settings_that_still_mean_the_same(draw):
    page = draw(demo(at=2))
    field(page, "kernel_size").fill("3, 1")
    page.locator("[data-focus=layer]").select_option("SeparableConv2D")
    assert field(page, "kernel_size").input_value() == "3, 1" and field(page, "filters").input_value() == "16"
    page.locator("[data-focus=layer]").select_option("Conv1D")
    assert field(page, "kernel_size").input_value() == "3"


def test_a_tuple_of_one_size_stays_a_tuple(draw):
    page = draw(Calculator((6, 4), [L.Reshape((-1,)), L.Permute((1,)), L.RepeatVector(2), L.Conv1D(3, 2)]))
    field(page, "target_shape").fill("24")
    assert cells(page, 1)[0] == "(24,)" and cells(page, 4) == ["(1, 3)", "147", "144", "3", "–", "–"]
    assert page.locator(".bh-calculator pre").inner_text() == "layers.Reshape((24,))"
    field(page, "target_shape").fill("5, -1")
    assert wrong(page) == ["The 24 numbers of (6, 4) do not fill (5, -1)."]
    page.get_by_role("button", name="line 3, RepeatVector").click()
    field(page, "n").fill("0")
    assert cells(page, 4) == ["waits for what stands above"]


def test_reset_opens_the_line_that_was_open_first(draw):
    page = draw(Calculator((3,), [L.Dense(4), L.Dense(2)], at=1))
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Reset").click()
    assert page.locator(".bh-lines [aria-pressed=true]").inner_text() == "Dense(2)"


def test_bars_are_shares_of_the_sum(draw):
    page = draw(demo())
    share = "td => td.style.getPropertyValue('--v')"
    assert page.locator(".bh-lines tbody tr:nth-child(6) td").nth(1).evaluate(share) == "78%"
    field(page, "filters").fill("0")
    assert page.locator(".bh-lines td[style*='%']").count() == 0


def test_presets_are_whole(draw):
    page = draw(demo())
    begin = page.get_by_label("Begin with")
    names = [name for name in begin.locator("option").all_inner_texts() if name != "another stack"]
    assert begin.input_value() == names[0]
    for name in names:
        begin.select_option(name)
        assert wrong(page) == [] and "–" not in together(page)[1:4]
    begin.select_option("a small network for 64 × 64 photos")
    assert together(page)[1] == "1,068,682"
    field(page, "filters").fill("31")
    assert begin.input_value() == "another stack"


def test_copies_are_keras_code(draw):
    page = draw(demo(at=2), permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy this line").click()
    page.wait_for_function("document.querySelector('.bh-say').textContent.startsWith('Copied')")
    assert say(page) == "Copied the line as Keras code."
    assert page.evaluate("navigator.clipboard.readText()") == 'layers.Conv2D(16, 5, activation="tanh")'
    page.get_by_role("combobox", name="activation").select_option("relu")
    page.get_by_role("button", name="Copy the model").click()
    page.wait_for_function("document.querySelector('.bh-say').textContent.includes('model')")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert '    layers.Conv2D(16, 5, activation="relu"),\n' in copied
    assert '    layers.Dense(120, activation="tanh"),\n' in copied


def test_no_activation_is_a_choice_too(draw):
    page = draw(demo(at=5))
    activation = page.get_by_role("combobox", name="activation")
    assert activation.input_value() == "tanh"
    activation.select_option("None")
    assert page.locator(".bh-calculator pre").inner_text() == "layers.Dense(120)"
    page.get_by_role("button", name="line 8, Dense").click()
    assert page.get_by_role("combobox", name="activation").input_value() == "softmax"


def test_the_keyboard_does_all(draw):
    page = draw(demo())
    page.get_by_label("input shape, without the batch").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.line") == "2"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.line") == "2", "the place is kept"
    assert say(page).startswith("Line 3 gives (10, 10, 16)")
    field(page, "kernel_size").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    assert page.evaluate("document.activeElement.value") == "3" and cells(page, 3)[0] == "(12, 12, 16)"


def test_what_is_typed_stays_as_it_was_typed(draw):
    page = draw(demo(at=2))
    field(page, "kernel_size").fill("")
    field(page, "kernel_size").press_sequentially("(3, 5")
    assert field(page, "kernel_size").input_value() == "(3, 5" and wrong(page)
    field(page, "kernel_size").press_sequentially(")")
    assert field(page, "kernel_size").input_value() == "(3, 5)" and cells(page, 3)[0] == "(12, 10, 16)"


SERIOUS = ("serious", "critical")


@pytest.mark.parametrize("typed, look", [("5", {}), ("0", {"color_scheme": "dark"}), ("0", {"width": 375})])
def test_axe_finds_nothing_serious(draw, typed, look):
    page = draw(demo(at=2), **look)
    field(page, "kernel_size").fill(typed)
    found = Axe().run(page, context=".byhand").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in SERIOUS] == []


@pytest.mark.parametrize("at", [0, 2, 7])
def test_phone_does_not_overflow(draw, at):
    page = draw(demo(at=at), width=375, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    sizes = "all => all.map((e) => e.getBoundingClientRect()).map((r) => [r.width, r.height]).filter(([w]) => w)"
    found = page.eval_on_selector_all("button, select, input[type=text]", sizes)
    assert min(min(size) for size in found) >= 24


def test_two_views_are_one_calculator(built):
    figure = demo()
    data = embed_data(views=[figure], drop_defaults=False)
    page, said, asked = built(data["view_specs"] * 2, data["manager_state"]["state"])
    page.wait_for_function("document.querySelectorAll('.bh-calculator').length === 2")
    page.get_by_label("filters").first.fill("7")
    totals = page.locator(".bh-lines tfoot tr").all_inner_texts()
    assert totals[0] == totals[1] and "61,706" not in totals[0]
    assert page.get_by_label("filters").nth(1).input_value() == "7"
    ids = page.eval_on_selector_all("[id]", "all => all.map((e) => e.id)")
    assert len(ids) == len(set(ids)) and said == [] and asked == []


def test_a_stored_notebook_sorts_the_settings_by_name(built):
    data = embed_data(views=[demo()], drop_defaults=False)
    state = json.loads(json.dumps(data["manager_state"]["state"], sort_keys=True))
    page, said, _ = built(data["view_specs"], state)
    page.wait_for_selector(".bh-calculator")
    assert page.get_by_label("Begin with").input_value() == "LeNet-5 with plain pooling" and said == []


def test_python_reads_and_sets_what_is_on_view():
    figure = demo()
    assert sum(line.parameters for line in figure.follow()) == 61_706
    figure.stack = {"input": [8, 8, 1], "lines": [{"layer": "Conv2D", "filters": "many", "kernel_size": 3}]}
    with pytest.raises(ValueError, match="many"):
        list(figure.follow())
    assert figure.stack["lines"][0]["strides"] == 1, "what is not said is the default"
    assert "many" in figure.still(), "a page without script shows the sentence"
    with pytest.raises(Exception, match="does not know GRU"):
        figure.stack = {"input": [8, 1], "lines": [{"layer": "GRU"}]}
    with pytest.raises(ValueError, match="does not fit"):
        Calculator((8, 8, 1), [L.Conv2D(4, 9)])
    with pytest.raises(TypeError, match="does not know LSTM"):
        Calculator((8, 1), [L.LSTM(4)])


def test_the_still_is_a_table_with_every_line():
    still = demo().still()
    for text in ("Conv2D(16, 5, ", "61,706", "416,520", "(10, 10, 16)", 'scope="row"', "<caption>Input (28, 28, 1)"):
        assert text in still
    assert still == demo().still()


def test_it_stays_small_and_names_no_other_place():
    assert len(module().encode()) <= 64 * 1024 and len(source("calculator.css").encode()) <= 3072
    assert "http" not in module()

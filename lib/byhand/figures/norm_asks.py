"""What the figure of normalisation asks, the bugs it knows and its controls."""

from .trace import choice
from .windows import size_text

LAYERS = ["BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization"]
AXES = {
    "BatchNormalization": [[[-1]], [[-1], [-2]], [[-1], [-3]]],
    "LayerNormalization": [[[-1]], [[-1], [-2], [-2, -1]], [[-1], [-3, -2], [-3, -2, -1]]],
    "GroupNormalization": [[[-1]]] * 3,
    "RMSNormalization": [[[-1]], [[-1], [-2, -1]], [[-1], [-3, -2, -1]]],
}
SPACES = [[], [2], [3], [2, 2]]
SPACE_LABELS = ["a table", "2 steps", "3 steps", "2 by 2 pixels"]


def controls(p):
    batch_norm = p["kind"] == "BatchNormalization"
    views = ["forward", "moving", "backward"] if batch_norm else ["forward", "backward"]
    made = [choice("view", "view", views, look="switch")]
    if batch_norm and p["view"] != "moving":
        made.append(choice("training", "used in", [True, False], labels=["training", "inference"], look="switch"))
    made.append(choice("kind", "layer", LAYERS))
    made.append(choice("axis", "axis", AXES[p["kind"]][len(p["space"])]))
    if p["kind"] == "GroupNormalization":
        made.append(choice("groups", "groups", [1, 2, 4]))
    made.append(choice("batch", "samples", [1, 2, 3, 4, 5]))
    made.append(choice("space", "positions", SPACES, labels=SPACE_LABELS))
    made.append(choice("channels", "channels", [1, 2, 3, 4]))
    if p["view"] == "moving":
        made.append(choice("momentum", "momentum", [0, 0.5, 0.9, 0.99]))
        made.append(choice("batches", "batches", [1, 2, 3, 4, 6]))
    return made


# --- questions --------------------------------------------------------------------------------------------------------


def asks(p, plan, panels):
    make = {"forward": forward_asks, "moving": moving_asks, "backward": backward_asks}[p["view"]]
    return make(p, plan, panels)


def pick(prompt, options, answer, why, **more):
    return {"kind": "choice", "prompt": prompt, "options": options, "answer": answer, "why": why, **more}


def forward_asks(p, plan, panels):
    stats = [
        name for name in ("mean", "variance", "mean square", "moving mean", "moving variance", "s") if name in panels
    ]
    whole = [name for name in ("d", "xhat", "y") if name in panels]
    learned = [name for name in ("gamma", "beta", "scale") if name in panels]
    what = "mean squares" if plan.rms else "pairs of mean and variance"
    per = one_for(plan, p)
    n = len(plan.members[0])
    batch = plan.batch_norm and p["training"]
    found = [
        {
            "kind": "number",
            "prompt": f"x has shape {size_text(plan.shape)}. How many {what} does this layer use?",
            "answer": plan.count,
            "why": f"One for each {per}: {plan.count}. Each is taken over {n} {'number' if n == 1 else 'numbers'}."
            if not plan.moves
            else f"One for each {per}: {plan.count}, kept from training.",
            "hide": whole,
            "veil": stats,
        },
        {
            "kind": "shape",
            "prompt": f"What is the shape of {learned[0]}?",
            "answer": plan.own,
            "why": f"It has the size of x along {along(p)}" + (", as the statistics have." if plan.batch_norm else ".")
            if p["kind"] != "GroupNormalization"
            else "One number for each channel, whatever the groups.",
            "veil": [*learned, *stats, *whole],
        },
        pick(
            "One number of x changes. Which numbers of y can change with it?",
            who(plan, "y"),
            reach(plan),
            "The statistics are fixed: every number goes its own way."
            if plan.moves
            else ALONE[plan.rms]
            if n == 1
            else "The mean square changes, and with it all that it standardises."
            if plan.rms
            else "Mean and variance change, and with them all that they standardise.",
            hide=stats + whole,
        ),
        pick(
            "A sample joins the batch. Does y of the other samples change?",
            ["yes", "no"],
            0 if batch else 1,
            "The statistics run over the batch, and it is another batch now."
            if batch
            else "Kept statistics do not care for the batch."
            if plan.moves
            else "Each sample is standardised by itself.",
            hide=[],
        ),
    ]
    if not plan.moves:
        name = "mean square" if plan.rms else "variance"
        square = "The mean of the squares" if plan.rms else "The mean of the squared distances"
        found.insert(
            2,
            {
                "kind": "number",
                "prompt": f"What is the {name} of the first group?",
                "answer": panels[name]["data"][0],
                "at": [name, 0],
                "why": f"{square}: the sum divided by {n}, not by {n - 1}." if n > 1 else f"{square}: one number.",
            },
        )
    return found


ALONE = "It is alone in its group, so it is its own mean: y is beta, whatever x is.", "It is alone in its group."


def who(plan, name):
    """What one changed number can change in panel `name`; `reach` says which of these is so."""
    return ["none", "the one at the same place", "all of its group"] + ([f"all of {name}"] if plan.count > 1 else [])


def reach(plan):
    alone = len(plan.members[0]) == 1
    return 1 if plan.moves else 2 if not alone else int(plan.rms)


def along(p):
    return ("axis " if len(p["axis"]) == 1 else "axes ") + " and ".join(map(str, p["axis"]))


def one_for(plan, p):
    """In words, what has statistics of its own."""
    if plan.batch_norm:
        return plan.own_axes[0]
    if p["kind"] == "GroupNormalization":
        return "sample and group of channels"
    return " and ".join(axis for axis in plan.axes if axis not in plan.own_axes)


def moving_asks(p, plan, panels):
    last = (p["batches"] - 1) * plan.count
    batches = "batch" if p["batches"] == 1 else "batches"
    return [
        {
            "kind": "number",
            "prompt": "What is the moving mean of the first channel after the first batch?",
            "answer": panels["mean after"]["data"][0],
            "at": ["mean after", 0],
            "why": "Momentum times what was there, and the rest times the mean of the batch.",
        },
        {
            "kind": "number",
            "prompt": f"What is the first number of y after {p['batches']} {batches}?",
            "answer": panels["y"]["data"][0],
            "at": ["y", 0],
            "why": "Inference takes the last moving mean and variance, whatever stands beside the sample.",
            "hide": ["y"],
        },
        pick(
            "Momentum comes closer to 1. The moving statistics follow the batches then",
            ["faster", "more slowly"],
            1,
            "More of what was there is kept, and less of the batch comes in.",
            hide=[],
        ),
        pick(
            "Which mean does the layer take off in training?",
            ["that of the batch", "the moving mean", "a mixture of both"],
            0,
            "In training the moving statistics are only brought up to date. Inference uses them.",
            hide=[],
        ),
        {
            "kind": "cell",
            "prompt": "Which moving mean does inference read for the first channel?",
            "answer": [["mean after", last]],
            "why": "The one after the last batch.",
            "hide": ["y", "s"],
        },
    ]


def backward_asks(p, plan, panels):
    learn, n = "dscale" if plan.rms else "dgamma", len(plan.members[0])
    all_made = [name for name in ("dxhat", "a", "b", "dX", "dgamma", "dbeta", "dscale") if name in panels]
    users = len(plan.places) // max(1, max(plan.places) + 1)
    found = [
        {
            "kind": "shape",
            "prompt": f"What is the shape of {learn}?",
            "answer": plan.own,
            "why": f"That of {learn[1:]}: a gradient has the shape of what it belongs to.",
            "veil": [*all_made, learn[1:]],
        },
        {
            "kind": "number",
            "prompt": f"How many products are summed in each number of {learn}?",
            "answer": users,
            "why": "As many as there are numbers of y that it helped to make.",
            "at": [learn, 0],
        },
        pick(
            "One number of dY changes. Which numbers of dX can change with it?",
            who(plan, "dX"),
            reach(plan),
            "The statistics are fixed: nothing comes back through them."
            if plan.moves
            else ALONE[plan.rms]
            if n == 1
            else "The gradient also comes back through the statistics, which all of the group made.",
        ),
    ]
    if not plan.moves and not plan.rms and n > 1:
        found.append(
            {
                "kind": "number",
                "prompt": "What is the sum of dX over one group?",
                "answer": 0,
                "why": "The same number added to a whole group changes nothing in y.",
            }
        )
    return found


# --- wrong rules ------------------------------------------------------------------------------------------------------


def bugs(p, plan):
    n, many = len(plan.members[0]), plan.count > 1
    square = "mean square" if plan.rms else "variance"
    share = max(plan.places) > 0
    if p["view"] == "moving":
        known = [
            ("momentum", "momentum stands at the batch instead of at what was there", p["momentum"] != 0.5),
            ("last", "what was there before is forgotten", p["momentum"] > 0),
            ("start", "each batch is mixed with the start instead of with what came before", p["batches"] > 1),
            ("zero", "the moving variance starts at 0", p["momentum"] > 0),
            ("batch", "inference takes the statistics of the last batch", True),
        ]
    elif p["view"] == "backward":
        known = [
            ("constant", "the statistics are taken for constants", not plan.moves),
            ("shift", "the gradient through the mean is left out", not plan.moves and not plan.rms),
            ("along", f"the gradient through the {square} is left out", not plan.moves),
            ("gamma", f"{'scale' if plan.rms else 'gamma'} is left out on the way back", True),
            ("mean", "the learned numbers get a mean instead of a sum", True),
            ("plain", f"xhat is left out of d{'scale' if plan.rms else 'gamma'}", True),
        ]
    else:
        known = [
            ("sample", "the sum of squares is divided by n − 1", not plan.moves and n > 1),
            ("all", "the statistics are taken over all of x", not plan.moves and not plan.rms and many),
            ("axis", "the statistics are taken over the wrong axis", not plan.moves and not plan.rms and plan.crossed),
            ("moving", "the moving statistics are used in training", plan.batch_norm and not plan.moves),
            ("batch", "the statistics of the batch are used in inference", plan.moves),
            ("plain", "the mean is not taken off", not plan.rms),
            ("swap", "gamma and beta are swapped", not plan.rms),
            ("beta", "beta is left out", not plan.rms),
            ("share", "the first learned number serves all", share),
        ]
    return [{"name": name, "label": label} for name, label, there in known if there]

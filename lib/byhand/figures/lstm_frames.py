"""The steps of an LSTM, one frame a number: the way forward, and the way back through time."""

GATES = ["i", "f", "g", "o"]
ORDER = {"order": [0, 2, 3, 1], "swap": [1, 0, 2, 3]}  # which block of z each gate reads, if a bug says otherwise


def forced(params):
    """{place of the gate among i, f, g, o: (forced value, first step)}"""
    named = {0: "force_i", 1: "force_f", 3: "force_o"}
    return {k: (params[name], params["force_from"]) for k, name in named.items() if params[name] != "free"}


def old(name, t, j, u):
    """The cell of state `name` that step t finds: the first state before step 0."""
    return [name, (t - 1) * u + j] if t else [name + "0", j]


def forward_frames(params, bug):
    T, C, u = (params[k] for k in ("steps", "features", "units"))
    order, hold, frames = ORDER.get(bug, [0, 1, 2, 3]), forced(params), []

    def add(name, index, op, terms, phase, **more):
        frames.append({"to": [name, index], "op": op, "terms": terms, "phase": phase, **more})

    for t in range(T):
        z = t * 4 * u  # the first of this step's cells in z and in gates
        for k in range(4 * u):
            terms = [["x", t * C + a, "W", a * 4 * u + k] for a in range(C)]
            terms += [[*old("h", t, a, u), "U", a * 4 * u + k] for a in range(u)]
            add("z", z + k, "dot", terms if bug == "bias" and k // u == 1 else [*terms, ["b", k]], "z")
        for k in range(4 * u):
            gate, j = divmod(k, u)
            value, first = hold.get(gate, (None, T + 1))
            op = "tanh" if gate == 2 and bug != "squash" else "sigmoid"
            if t + 1 >= first:
                add("gates", z + k, "set", [], "gates", value=value)
            else:
                add("gates", z + k, op, [["z", z + order[gate] * u + j]], "gates")
        for j in range(u):
            i, f, g = (["gates", z + gate * u + j] for gate in range(3))
            add("c", t * u + j, "sum", [f + old("c", t, j, u), i + g], "cell")
        for j in range(u):
            read = old("c", t, j, u) if bug == "late" else ["c", t * u + j]
            add("tanh(c)", t * u + j, "copy" if bug == "plain" else "tanh", [read], "output")
        for j in range(u):
            add("h", t * u + j, "dot", [["gates", z + 3 * u + j, "tanh(c)", t * u + j]], "output")
    return frames


def back_frames(params, bug):
    T, C, u = (params[k] for k in ("steps", "features", "units"))
    hold, frames = forced(params), []

    def add(name, index, terms, phase, op="dot", **more):
        frames.append({"to": [name, index], "op": op, "terms": terms, "phase": phase, **more})

    for t in reversed(range(T)):
        last, z = t == T - 1, t * 4 * u
        for j in range(u):
            through = [["dz", z + 4 * u + k, "U", j * 4 * u + k] for k in range(4 * u)]
            add("dh", t * u + j, [["dy", j]] if last else [] if bug == "cut" else through, "into h")
        for j in range(u):
            slope = [] if bug == "slope" else ["slope(c)", t * u + j]
            terms = [["dh", t * u + j, "gates", z + 3 * u + j, *slope]]
            if not last and bug != "line":
                terms.append(["dc", (t + 1) * u + j, "gates", (z if bug == "step" else z + 4 * u) + u + j])
            note = {} if bug == "slope" else {"note": "the third factor is the slope of tanh"}
            add("dc", t * u + j, terms, "into c", **note)
        for k in range(4 * u):
            gate, j = divmod(k, u)
            dc, dh = ["dc", t * u + j], ["dh", t * u + j]
            i, g = (["gates", z + place * u + j] for place in (0, 2))
            met = [dc + g, dc + old("c", t, j, u), dc + i, [*dh, "tanh(c)", t * u + j]][gate]
            value, first = hold.get(gate, (None, T + 1))
            if t + 1 >= first:
                add("dz", z + k, [], "into z", "set", value=0, note="a forced gate does not listen to z")
            elif bug == "gate":
                add("dz", z + k, [met], "into z")
            else:
                note = f"the last factor is the slope of {'tanh' if gate == 2 else 'sigmoid'}"
                add("dz", z + k, [[*met, "slope", z + k]], "into z", note=note)
        for a in range(C):
            add("dx", t * C + a, [["dz", z + k, "W", a * 4 * u + k] for k in range(4 * u)], "into x")
    return frames

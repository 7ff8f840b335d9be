"""The steps of a normalisation, one frame a number, and what each wrong rule does to them."""


def names(plan):
    """The panels of the mean (None without one) and of the variance that x is standardised with."""
    if plan.rms:
        return None, "mean square"
    return ("moving mean", "moving variance") if plan.moves else ("mean", "variance")


def average(to, terms, n):
    return {"to": to, "op": "mean", "terms": terms, "n": n}


def forward_frames(p, plan, bug):
    """Group after group: its mean, its distances, its variance, then its cells of xhat and of y."""
    frames = []
    for g, members in enumerate(plan.members):
        if plan.moves:
            frames += distances(plan, g, members, "mean" if bug == "batch" else "moving mean", bug)
        else:
            frames += statistics(plan, g, members, bug)
        _, variance = names(plan)
        read = "variance" if bug == "batch" else variance
        s = {"to": ["s", g], "op": "1/√", "terms": [[read, g], [p["epsilon"]]], "phase": "s"}
        frames.append(s)
        source = "x" if plan.rms else "d"
        for i in members:
            frames.append({"to": ["xhat", i], "op": "dot", "terms": [[source, i, "s", g]], "phase": "xhat"})
        for i in members:
            frames.append({"to": ["y", i], "op": "dot", "terms": output_terms(plan, i, bug), "phase": "y"})
    return frames


def distances(plan, g, members, mean, bug):
    return [
        {
            "to": ["d", i],
            "op": "sum",
            "terms": [["x", i]] if bug == "plain" else [["x", i], [mean, g, -1]],
            "phase": "distance",
        }
        for i in members
    ]


def statistics(plan, g, members, bug):
    """Mean, distances and variance of one group; without a mean, the mean square."""
    among = counted(plan, g, bug)
    n = len(among)
    if plan.rms:
        terms = [["x", i, "x", i] for i in among]
        return [average(["mean square", g], terms, n - 1 if bug == "sample" else n) | {"phase": "mean square"}]
    mean = average(["mean", g], [["x", i] for i in among], n)
    if bug == "moving":
        mean = {"to": ["mean", g], "op": "copy", "terms": [["moving mean", g]]}
    centred = distances(plan, g, members, "mean", bug)
    variance = average(["variance", g], [["d", i, "d", i] for i in members], n - 1 if bug == "sample" else n)
    if among != members:  # distances of other groups may not be there yet: the mean of squares without the square
        terms = [["x", i, "x", i] for i in among] + [["mean", g, "mean", g, -n]]
        variance = average(["variance", g], terms, n)
    if bug == "moving":
        variance = {"to": ["variance", g], "op": "copy", "terms": [["moving variance", g]]}
    return [mean | {"phase": "mean"}, *centred, variance | {"phase": "variance"}]


def counted(plan, g, bug):
    """The cells whose mean and variance group g takes."""
    if bug == "all":
        return list(range(len(plan.groups)))
    if bug == "axis":
        return plan.crossed[g]
    return plan.members[g]


def output_terms(plan, i, bug):
    place = plan.places[i]
    if plan.rms:
        return [["scale", 0 if bug == "share" else place, "xhat", i]]
    scale, shift = ("beta", "gamma") if bug == "swap" else ("gamma", "beta")
    place = 0 if bug == "share" else place
    return [[scale, place, "xhat", i]] + ([] if bug == "beta" else [[shift, place]])


def moving_frames(p, plan, bug):
    """The moving statistics batch after batch, then one new sample in inference."""
    frames, K = [], plan.count
    keep, take = p["momentum"], round(1 - p["momentum"], 10)
    if bug == "momentum":
        keep, take = take, keep
    for t in range(p["batches"]):
        for name in ("mean", "variance"):
            for k in range(K):
                before = [f"{name} after", (t - 1) * K + k] if t and bug != "start" else [f"moving {name}", k]
                terms = [[*before, keep], [f"batch {name}", t * K + k, take]]
                if bug == "last":
                    terms = terms[1:]
                if bug == "zero" and not t:
                    terms = terms[1:]
                frames.append({"to": [f"{name} after", t * K + k], "op": "sum", "terms": terms, "phase": "moving"})
    last = (p["batches"] - 1) * K
    for k in range(K):
        read = ["batch variance" if bug == "batch" else "variance after", last + k]
        frames.append({"to": ["s", k], "op": "1/√", "terms": [read, [p["epsilon"]]], "phase": "inference"})
    for k in range(K):
        mean = ["batch mean" if bug == "batch" else "mean after", last + k]
        terms = [["gamma", k, "new x", k, "s", k], ["gamma", k, *mean, "s", k, -1], ["beta", k]]
        frames.append({"to": ["y", k], "op": "dot", "terms": terms, "phase": "inference"})
    return frames


def back_frames(p, plan, bug):
    """Group after group: dxhat, what all of it shares, dX; then what the learned numbers get."""
    frames, scale = [], "scale" if plan.rms else "gamma"
    for g, members in enumerate(plan.members):
        n = len(members)
        for i in members:
            terms = [["dY", i] + ([] if bug == "gamma" else [scale, plan.places[i]])]
            frames.append({"to": ["dxhat", i], "op": "dot", "terms": terms, "phase": "dxhat"})
        if not plan.moves and not plan.rms:
            frames.append(average(["a", g], [["dxhat", i] for i in members], n) | {"phase": "shared"})
        if not plan.moves:
            frames.append(average(["b", g], [["dxhat", i, "xhat", i] for i in members], n) | {"phase": "shared"})
        for i in members:
            frames.append({"to": ["dX", i], "op": "dot", "terms": dx_terms(plan, g, i, bug), "phase": "dX"})
    size = 1
    for n in plan.own:
        size *= n
    for place in range(size):
        users = [i for i, at in enumerate(plan.places) if at == place]
        with_x = [["dY", i] if bug == "plain" else ["dY", i, "xhat", i] for i in users]
        whole = {"op": "mean", "n": len(users)} if bug == "mean" else {"op": "dot"}
        frames.append({"to": ["dscale" if plan.rms else "dgamma", place], "terms": with_x, "phase": "learned"} | whole)
        if not plan.rms:
            terms = [["dY", i] for i in users]
            frames.append({"to": ["dbeta", place], "terms": terms, "phase": "learned"} | whole)
    return frames


def dx_terms(plan, g, i, bug):
    terms = [["s", g, "dxhat", i]]
    if plan.moves or bug == "constant":
        return terms
    if not plan.rms and bug != "shift":
        terms.append(["s", g, "a", g, -1])
    if bug != "along":
        terms.append(["s", g, "xhat", i, "b", g, -1])
    return terms

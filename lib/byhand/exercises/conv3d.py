"""Exercises of the chapter Conv3D and unshared weights."""

import numpy as np

from .exercise import Exercise

# --- colours ----------------------------------------------------------------------------------------------------------

COLOURS = """A photo of 32 by 32 pixels in 3 colours goes into Conv2D(8, 3) as (32, 32, 3). The same photo goes into
Conv3D(8, 3) as (3, 32, 32, 1), with the colours for frames. Both use padding "valid". How many parameters has each,
and how many frames has the output of Conv3D?

    answer = (parameters of Conv2D, parameters of Conv3D, frames)"""


# --- detector ---------------------------------------------------------------------------------------------------------


def detector(step):
    """Make a kernel that finds a light spot that moves by `step` pixels from one frame to the next.

    def detector(step): step is 2 or 1 (to the right), -1 or -2 (to the left).
    Returns an array (2, 1, 3): frames, rows, columns. Slid over two frames it must give its largest number where the
    spot moved by `step`, and a smaller one wherever a spot rests, moves otherwise, appears or disappears, where
    everything is as light as a spot, and where the light is switched on. The ground is not always black.
    """
    before = max(0, -step)
    kernel = np.zeros((2, 1, 3))
    kernel[:, 0, before] = 1, -1
    kernel[:, 0, before + step] = -1, 1
    return kernel


def detector_cases(rng):
    return int(rng.choice([-2, -1, 1, 2])), int(rng.integers(0, 4)), int(rng.integers(1, 5))


def spot(column):
    row = np.zeros(9)
    row[column] = 1
    return row


SCENES = {
    "a spot that moves by -2": (spot(5), spot(3)),
    "a spot that moves by -1": (spot(5), spot(4)),
    "a spot that rests": (spot(4), spot(4)),
    "a spot that moves by 1": (spot(4), spot(5)),
    "a spot that moves by 2": (spot(4), spot(6)),
    "a spot that appears": (np.zeros(9), spot(4)),
    "a spot that disappears": (spot(4), np.zeros(9)),
    "even light": (np.ones(9), np.ones(9)),
    "light switched on": (np.zeros(9), np.ones(9)),
}


def strongest(detector, step, ground, light):
    """Which scene the kernel answers to most loudly, on ground and with a spot as light as this."""
    kernel = np.asarray(detector(step), float)
    if kernel.shape != (2, 1, 3):
        return f"a kernel of shape {kernel.shape}"
    loudest = {}
    for name, frames in SCENES.items():
        clip = ground + light * np.stack(frames)
        loudest[name] = max(np.sum(clip[:, c : c + 3] * kernel[:, 0]) for c in range(7))
    best = max(loudest.values())
    first = [name for name, loud in loudest.items() if loud > best - 1e-6 * max(1, abs(best))]
    return first[0] if len(first) == 1 else "several scenes alike: " + ", ".join(first)


def light_only(step):
    return np.maximum(detector(step), 0)


def one_step(step):
    return detector(1 if step > 0 else -1)


def change_only(step):
    kernel = np.zeros((2, 1, 3))
    kernel[:, 0, 1] = -1, 1
    return kernel


# --- memory -----------------------------------------------------------------------------------------------------------

MEMORY = """Conv3D(16, (2, 5, 5), strides=(1, 2, 2), padding="same") sees a batch of 8 clips, each of 16 frames of
64 by 64 pixels in 3 colours, as float32. How many MiB does the batch take, how many the output, and how many
parameters has the layer? 1 MiB = 1024 * 1024 bytes.

    answer = (MiB of the batch, MiB of the output, parameters)"""


# --- unshared ---------------------------------------------------------------------------------------------------------


def unshared(x, kernel, s):
    """A convolution along one direction with a kernel of its own for every position, stride s, no bias.

    def unshared(x, kernel, s): x (n, C), kernel (positions, k, C, F), stride s. Position o reads x from o * s on.
    Returns (positions, F). Loops are welcome.
    """
    positions, k, _, filters = kernel.shape
    y = np.zeros((positions, filters))
    for o in range(positions):
        for f in range(filters):
            y[o, f] = np.sum(x[o * s : o * s + k] * kernel[o, :, :, f])
    return y


def unshared_cases(rng):
    positions, k, c, f, s = (int(n) for n in rng.integers(1, [5, 4, 4, 4, 4]))
    x = rng.integers(0, 6, size=((positions - 1) * s + k + int(rng.integers(0, s)), c)).astype(float)
    return x, rng.integers(-2, 4, size=(positions, k, c, f)).astype(float), s


def of_position(kernel, o):
    """The kernel of position o, for all positions."""
    return np.repeat(kernel[o : o + 1], len(kernel), axis=0)


# --- who_shares -------------------------------------------------------------------------------------------------------

WHO_SHARES = """Four tasks. For each say whether a layer with "shared" or one with "unshared" weights fits better.
A: find a cough anywhere in an hour of sound.  B: 24 hourly numbers of a day at one station, where 8 o'clock means
something else than midnight.  C: find a face anywhere in a holiday photo.  D: passport photos, all cut so that the eyes
stand at the same place, and there are millions of them.

    answer = (A, B, C, D), each "shared" or "unshared" """

S, U = "shared", "unshared"

EXERCISES = {
    "colours": Exercise(
        task=COLOURS,
        solution=(224, 224, 1),
        wrong=(
            ("A filter of Conv2D spans all 3 colours: 3 * 3 * 3 weights and a bias.", (80, 224, 1)),
            ("A box 3 deep fits into 3 frames once: 3 - 3 + 1.", (224, 224, 3)),
            ("The biases are missing, one for each of the 8 filters.", (216, 216, 1)),
            ("As frames the colours are no channels any more: the kernel of Conv3D is (3, 3, 3, 1, 8).", (224, 656, 1)),
            ("Conv3D(8, 3) is 3 deep as well as high and wide.", (224, 80, 1)),
        ),
        hints=(
            "A filter of Conv2D has height * width * channels weights, and a bias.",
            "A filter of Conv3D has depth * height * width * channels weights, and a bias. There is one channel left.",
            "How many times does a box 3 deep fit into 3 frames?",
        ),
    ),
    "detector": Exercise(
        solution=detector,
        cases=detector_cases,
        outcome=strongest,
        tolerance=None,
        wrong=(
            ("No weight is negative: where everything is light, it answers though nothing moves.", light_only),
            ("step is ignored: this is the kernel of the page, for 1.", lambda step: detector(1)),
            ("Every weight is 0, and so is every answer.", lambda step: np.zeros((2, 1, 3))),
            ("The direction is right, the speed is not: how far apart must the two places be?", one_step),
            ("This finds the movement the other way: slice 0 meets the earlier frame.", lambda step: detector(-step)),
            ("This answers to any change: slice 0 must say where the spot was before.", change_only),
            ("Shape (2, 3) has one axis too few: frames, rows, columns.", lambda step: detector(step)[:, 0]),
            ("Shape (1, 2, 3): frames come first, then rows.", lambda step: detector(step).swapaxes(0, 1)),
        ),
        hints=(
            "Which column of the window holds the spot before, which after? They lie `step` apart.",
            "A positive weight for the spot before in slice 0, and one for the spot after in slice 1.",
            "A spot that rests must cancel: give both columns the opposite weight in the other slice.",
        ),
    ),
    "memory": Exercise(
        task=MEMORY,
        solution=(6.0, 8.0, 2416),
        wrong=(
            ("That is one clip. The batch has 8.", (0.75, 1, 2416)),
            ("A number of float32 takes 4 bytes.", (1.5, 2, 2416)),
            ("That is KiB. A MiB is 1024 of them.", (6144, 8192, 2416)),
            ("That is millions of bytes. A MiB has 1024 * 1024 of them.", (6.291456, 8.388608, 2416)),
            ("That is valid: 15 frames of 30 by 30. With same they are 16 of 32 by 32.", (6, 6.591796875, 2416)),
            ("The stride of 2 halves height and width of the output.", (6, 32, 2416)),
            ("The first stride is 1: the output keeps its 16 frames.", (6, 4, 2416)),
            ("The output has 16 channels, one for each filter.", (6, 1.5, 2416)),
            ("The biases are missing, one for each of the 16 filters.", (6, 8, 2400)),
            ("The kernel is a box: 2 * 5 * 5 places.", (6, 8, 1216)),
            ("Every filter spans all 3 colours.", (6, 8, 816)),
        ),
        hints=(
            "The batch: 8 * 16 * 64 * 64 * 3 numbers of 4 bytes.",
            'The output with "same": 16 frames, 64 / 2 rows, 64 / 2 columns, 16 channels.',
            "One filter: 2 * 5 * 5 * 3 weights and a bias.",
        ),
    ),
    "unshared": Exercise(
        solution=unshared,
        cases=unshared_cases,
        wrong=(
            (
                "Every position uses the kernel of the first. That is sharing.",
                lambda x, k, s: unshared(x, of_position(k, 0), s),
            ),
            (
                "Every position uses the kernel of the last. That is sharing.",
                lambda x, k, s: unshared(x, of_position(k, -1), s),
            ),
            ("The kernels stand in reverse order.", lambda x, k, s: unshared(x, k[::-1], s)),
            ("The stride is left out: position o reads from o * s on.", lambda x, k, s: unshared(x, k, 1)),
            ("The kernel is turned. It is laid on as it is.", lambda x, k, s: unshared(x, k[:, ::-1], s)),
            ("Only the first channel is read.", lambda x, k, s: unshared(x[:, :1], k[:, :, :1], s)),
            (
                "Every filter gives the numbers of the first one.",
                lambda x, k, s: unshared(x, k[..., :1].repeat(k.shape[3], axis=3), s),
            ),
            ("Positions come first: the result is (positions, F).", lambda x, k, s: unshared(x, k, s).T),
            ("Windows are averaged. This layer adds up.", lambda x, k, s: unshared(x, k, s) / k[0, ..., 0].size),
        ),
        hints=(
            "Make zeros of shape (positions, F): the kernel tells both.",
            "Position o sees x[o * s : o * s + k], which has shape (k, C).",
            "So has kernel[o, :, :, f]. Multiply and add everything up.",
        ),
    ),
    "who_shares": Exercise(
        task=WHO_SHARES,
        solution=(S, U, S, U),
        wrong=(
            ("A: a cough sounds the same at any minute; one kernel serves them all.", (U, U, S, U)),
            ("B: the position carries the meaning here, and there are only 24 of them.", (S, S, S, U)),
            ("C: the face may stand anywhere, so every position needs the same kernel.", (S, U, U, U)),
            ("D: always the same thing at the same place, and enough pictures to learn from.", (S, U, S, S)),
            ("Turned round: shared weights are for what may stand anywhere.", (U, S, U, S)),
            ("Unshared weights fit where a position has a meaning of its own: twice here.", (S, S, S, S)),
            ("What may stand anywhere wants one kernel for all places: twice here.", (U, U, U, U)),
        ),
        hints=(
            "Shared weights say: what is worth finding here is worth finding anywhere.",
            "In which of the four does the position itself carry a meaning?",
        ),
    ),
}

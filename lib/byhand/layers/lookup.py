"""From a string to an object: how Keras finds initializers, regularizers and constraints by name."""

import inspect
import re


def snake_case(name):
    """The lower-case form Keras gives a class name: GlorotUniform is glorot_uniform, Conv2D conv2d, ReLU re_lu."""
    return re.sub(r"(?<=.)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "_", name).lower()


def by_name(*classes, **aliases):
    """Each class under its own name, its lower-case form and the given aliases."""
    return {**{c.__name__: c for c in classes}, **{snake_case(c.__name__): c for c in classes}, **aliases}


def find(what, known, identifier):
    """The object for a name, class or object; None stays None. ValueError, listing what is known, for anything else."""
    if identifier is None:
        return None
    found = known.get(identifier) if isinstance(identifier, str) else identifier
    if not callable(found):
        names = ", ".join(name for name in known if name == name.lower())
        raise ValueError(f"no {what} is called {identifier!r}; known: {names}")
    if not inspect.isclass(found):
        return found
    try:
        return found()
    except TypeError as error:
        raise ValueError(f"the {what} {identifier!r} needs arguments: write {found.__name__}(...)") from error

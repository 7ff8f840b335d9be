"""A time limit for code of the reader, without timers of the system, so that it works on every one."""

import _thread
import contextlib
import signal
import threading
import time


class StillRunning(Exception):
    """The code did not end in time."""


@contextlib.contextmanager
def time_limit(seconds):
    """Raise StillRunning in the block after `seconds`.

    Stops Python code of the main thread; a single long call into compiled code ends first. Elsewhere, and where no
    thread can be started, there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    done, fired = threading.Event(), threading.Event()

    def watch():
        if done.wait(seconds):
            return
        # Again and again: the code may catch an interrupt.
        while not done.wait(0.2):
            fired.set()
            _thread.interrupt_main()

    watcher = threading.Thread(target=watch, daemon=True)
    try:
        watcher.start()
    except RuntimeError:
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    if not callable(before):  # ignored, as in a process begun in the background: interrupt_main would do nothing
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        if not fired.is_set():
            raise
    finally:
        release(watcher, done)
        if not callable(before):
            signal.signal(signal.SIGINT, before or signal.SIG_DFL)
    if fired.is_set():
        raise StillRunning


def release(watcher, done):
    """End the watcher and swallow an interrupt that is already on its way; it would hit the next cell."""
    while True:
        try:
            done.set()
            watcher.join()
            time.sleep(0.001)
            return
        except KeyboardInterrupt:
            continue

"""What the Python referees share: they answer lines with microseconds of processor time and of the clock."""

import sys
import time


def answer_questions(folder, work_of, units_of):
    """Answers every line: `work_of(words)` gives a function of no arguments, or None when it cannot be done here."""
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.split()
        write = words[0] == "write"
        words = words[1:] if write else words
        work = work_of(words)
        if work is None:
            print("absent", flush=True)
            continue
        cpu, wall = time.process_time(), time.perf_counter()
        result = work()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        if write:
            import numpy as np

            np.ascontiguousarray(result, dtype=np.float32).tofile(f"{folder}/result.f32")
        units = units_of(words)
        print(cpu / units * 1e6, wall / units * 1e6, flush=True)

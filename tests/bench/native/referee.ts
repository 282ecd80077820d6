import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Another program that does the same work: it answers every question with the CPU microseconds an image took. */
export class Referee implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args);
    this.#child.stderr.resume();
    this.#child.stdin.on("error", () => undefined); // a referee that died answers with nothing, below
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Waits until the referee has planned its work; false when it died instead. */
  async ready(): Promise<boolean> {
    return (await this.#lines.next()).value === "ready";
  }

  /** Microseconds an image, or undefined when the referee cannot do this. */
  async ask(question: string): Promise<number | undefined> {
    this.#child.stdin.write(`${question}\n`);
    const answer = Number((await this.#lines.next()).value ?? "absent");
    return Number.isFinite(answer) ? answer : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    this.#reader.close();
    this.#child.kill();
  }
}

/** The FFTW referee, compiled now; undefined when there is no compiler or no libfftw3-dev. */
export function compileFftw(): string | undefined {
  const program = join(mkdtempSync(join(tmpdir(), "stratum-bench-")), "fftw");
  try {
    execFileSync("cc", ["-O3", "-march=native", source("fftw.c"), "-o", program, "-lfftw3f", "-lm"], {
      stdio: "ignore",
    });
    return program;
  } catch {
    return undefined;
  }
}

/** A Python that has NumPy, or undefined; the system's first, whose packages are built for the machine. */
export function findPython(): string | undefined {
  return ["/usr/bin/python3", "python3"].find((python) => {
    try {
      execFileSync(python, ["-c", "import numpy, scipy.fft"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}

/** A referee's source, whether this runs from tests/ or from dist/tests/. */
export function source(name: string): string {
  const places = ["./referees/", "../../../../tests/bench/native/referees/"].map((folder) =>
    fileURLToPath(new URL(folder + name, import.meta.url)),
  );
  return places.find((place) => existsSync(place)) ?? name;
}

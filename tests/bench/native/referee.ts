import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Cost } from "./cost.ts";

/**
 * Another program that does the same work. A question is a line; the answer is a line with the microseconds of processor
 * time and of the clock that a unit of the work took, or `absent`. A question after `write` leaves its result in a file.
 */
export class Referee implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  readonly #folder: string;
  #complaint = "";

  /** @param folder - where the referee reads its data and leaves its results. */
  constructor(command: string, args: readonly (string | number)[], folder: string) {
    this.#folder = folder;
    this.#child = spawn(command, [...args.map(String), folder]);
    this.#child.stderr.on("data", (text) => {
      this.#complaint = `${this.#complaint}${String(text)}`.slice(-400);
    });
    this.#child.stdin.on("error", () => undefined); // a referee that died answers with nothing, below
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Waits until the referee has planned its work. @throws {Error} when it died instead. */
  async ready(): Promise<this> {
    if ((await this.#lines.next()).value === "ready") return this;
    throw new Error(`Expected a referee, it died: ${this.#complaint}`);
  }

  /** What a unit of the work costs, or undefined when the referee cannot do this. */
  async ask(question: string): Promise<Cost | undefined> {
    this.#child.stdin.write(`${question}\n`);
    const answer = await this.#lines.next();
    if (answer.done === true) throw new Error(`Expected an answer to ${question}: ${this.#complaint}`);
    const [cpu, wall] = answer.value.split(" ").map(Number);
    if (cpu === undefined || wall === undefined || !Number.isFinite(cpu + wall)) return undefined;
    return { cpu, wall };
  }

  /** The result of the work, in single precision, or undefined when the referee cannot do this. */
  async resultOf(question: string): Promise<Float32Array | undefined> {
    if ((await this.ask(`write ${question}`)) === undefined) return undefined;
    return Float32Array.from(floatsOf(join(this.#folder, "result.f32")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    this.#reader.close();
    this.#child.kill();
  }
}

function floatsOf(path: string): Float32Array {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** A folder to hand data to referees in, gone at the end. */
export class SharedFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "stratum-bench-"));

  write(name: string, numbers: NodeJS.ArrayBufferView): void {
    writeFileSync(join(this.path, name), numbers);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** The FFTW referee, compiled now into `folder`; undefined, said aloud, without a compiler or libfftw3-dev. */
export function compileFftw(folder: string): string | undefined {
  const program = join(folder, "fftw");
  try {
    execFileSync("cc", ["-O3", "-march=native", source("fftw.c"), "-o", program, "-lfftw3f", "-lm"], {
      stdio: "ignore",
    });
    return program;
  } catch {
    console.log("SKIPPED: FFTW (needs a C compiler and libfftw3-dev)");
    return undefined;
  }
}

/** A Python that has `modules`, the system's first, whose packages are built for the machine; says aloud what is missing. */
export function findPython(required: readonly string[], wanted: readonly string[]): string | undefined {
  const given = process.env["STRATUM_BENCH_PYTHON"];
  const candidates = given === undefined ? ["/usr/bin/python3", "python3"] : [given];
  const has = (python: string, modules: readonly string[]) => {
    try {
      execFileSync(python, ["-c", `import ${modules.join(", ")}`], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  };
  const python = candidates.find((candidate) => has(candidate, required));
  if (python === undefined) {
    console.log(`SKIPPED: ${[...required, ...wanted].join(", ")} (need python3 with ${required.join(", ")})`);
    return undefined;
  }
  for (const module of wanted) {
    if (!has(python, [module])) console.log(`SKIPPED: ${module} (not in ${python})`);
  }
  return python;
}

/** A referee's source, whether this runs from tests/ or from dist/tests/. */
export function source(name: string): string {
  const places = ["./referees/", "../../../../tests/bench/native/referees/"].map((folder) =>
    fileURLToPath(new URL(folder + name, import.meta.url)),
  );
  return places.find((place) => existsSync(place)) ?? name;
}

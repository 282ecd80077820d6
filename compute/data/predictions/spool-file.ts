import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The temporary folder cannot take what has to wait in it: it is full, or not ours to write to. */
export class SpoolError extends Error {
  override readonly name = "SpoolError";

  constructor(cause: unknown) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "an error";
    super(
      `Expected room in the temporary folder, got ${code}; free some space or set TMPDIR to another folder`,
      {
        cause,
      },
    );
  }
}

/** A temporary file without a name: written at the end, read anywhere, gone when closed or when the process dies. */
export class SpoolFile {
  readonly #handle: FileHandle;
  #length = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** @param directory - where it lies; default the system's temporary folder. Readable by its owner only. @throws {SpoolError} */
  static async create(directory = tmpdir()): Promise<SpoolFile> {
    const folder = await mkdtemp(join(directory, "stratum-spool-")).catch(refused);
    try {
      return new SpoolFile(await open(join(folder, "rows"), "wx+", 0o600).catch(refused));
    } finally {
      // The open handle keeps the bytes; the name is not needed.
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Appends the bytes; resolves to the position of the first one. @throws {SpoolError} */
  async append(bytes: Uint8Array): Promise<number> {
    const position = this.#length;
    this.#length += bytes.length;
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.#handle
        .write(bytes, written, bytes.length - written, position + written)
        .catch(refused);
      written += bytesWritten;
    }
    return position;
  }

  /** Fills `into` from `position` on. @throws {Error} when the file is shorter. */
  async readAt(into: Uint8Array, position: number): Promise<void> {
    let filled = 0;
    while (filled < into.length) {
      const { bytesRead } = await this.#handle.read(into, filled, into.length - filled, position + filled);
      if (bytesRead === 0) throw new Error(`Expected ${into.length} spooled bytes, got ${filled}`);
      filled += bytesRead;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function refused(error: unknown): never {
  throw new SpoolError(error);
}

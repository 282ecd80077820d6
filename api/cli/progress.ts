import cliProgress from "cli-progress";

/** Shows how far long work has got; writes to the error stream, so that output can be piped. */
export interface Progress {
  update(done: number, total: number | undefined, note: string): void;
  /** Prints a line that stays, above the bar on a terminal. */
  line(text: string): void;
  stop(): void;
}

/** A bar on a terminal, nothing elsewhere. */
export function startProgress(title: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { update() {}, line: (text) => void stream.write(`${text}\n`), stop() {} };
  const bar = new cliProgress.SingleBar({
    format: `${title} {bar} {percentage}% | {note} | {eta_formatted} left`,
    stream,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 50,
  });
  let started = false;
  return {
    update(done, total, note) {
      if (total === undefined || total === 0) return;
      if (!started) bar.start(total, 0, { note });
      started = true;
      bar.update(done, { note });
    },
    line(text) {
      // The bar draws itself anew on the next line.
      stream.write(`\r\u001b[2K${text}\n`);
    },
    stop() {
      if (started) bar.stop();
    },
  };
}

import cliProgress from "cli-progress";

/** Shows how far long work has got; writes to the error stream, so that output can be piped. */
export interface Progress {
  update(done: number, total: number | undefined, note: string): void;
  stop(): void;
}

/** A bar on a terminal, nothing elsewhere. */
export function startProgress(title: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { update() {}, stop() {} };
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
    stop() {
      if (started) bar.stop();
    },
  };
}

/** A compute child for tests: counts, one step a message, and dies in the way it is told to. */
interface Order {
  readonly from: number;
  readonly steps: number;
  readonly stepMs: number;
  /** At this step it dies by a signal, or falls silent. */
  readonly dieAfter?: number;
  readonly dieAt?: { readonly step: number; readonly by: NodeJS.Signals | "silence" };
}

// A child must not outlive its parent.
process.once("disconnect", () => process.exit(1));
process.once("message", (order: Order) => void count(order));

async function count({ from, steps, stepMs, dieAt, dieAfter }: Order): Promise<void> {
  for (let step = from; step < steps; step += 1) {
    if (dieAt?.step === step) {
      if (dieAt.by === "silence") return;
      process.kill(process.pid, dieAt.by);
    }
    if (step - from === dieAfter) process.kill(process.pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, stepMs));
    await new Promise((resolve) => process.send?.({ step, value: (step * 7919) % 1009 }, resolve));
  }
  process.disconnect();
}

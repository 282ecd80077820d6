import { describe, expect, test } from "vitest";
import { ProgressMeter } from "../../../api/runs/run-progress.ts";

function meterAt() {
  const clock = { now: 0 };
  return { clock, meter: new ProgressMeter(() => clock.now) };
}

describe("a progress meter", () => {
  test("tells rate and time left from the last half minute", () => {
    const { clock, meter } = meterAt();
    for (let second = 0; second <= 100; second += 1) {
      clock.now = second * 1000;
      // Ten a second for a minute, then forty.
      meter.note(second <= 60 ? 10 * second : 600 + 40 * (second - 60), 4_000);
    }
    expect(meter.due()).toEqual({ done: 2_200, total: 4_000, perSecond: 40, secondsLeft: 45 });
  });

  test("tells at most one a second, and nothing twice", () => {
    const { clock, meter } = meterAt();
    meter.note(1, 10);
    expect(meter.due()).toEqual({ done: 1, total: 10, perSecond: null, secondsLeft: null });
    clock.now = 900;
    meter.note(2, 10);
    expect(meter.due()).toBeUndefined();
    clock.now = 1_000;
    expect(meter.due()).toMatchObject({ done: 2 });
    clock.now = 5_000;
    expect(meter.due()).toBeUndefined();
  });

  test("tells less often in a long run: a day leaves fewer than ten thousand events", () => {
    const { clock, meter } = meterAt();
    let told = 0;
    for (let second = 0; second < 86_400; second += 1) {
      clock.now = second * 1000;
      meter.note(second, 86_400);
      if (meter.due() !== undefined) told += 1;
    }
    expect(told).toBeLessThan(10_000);
    expect(told).toBeGreaterThan(5_000);
  });
});

import { expect, test } from "vitest";
import { DiskPace } from "../../../compute/child/disk-pace.ts";

/** A pace over files that take so many milliseconds each, and how many of `count` were read on this thread. */
function readsHere(milliseconds: (file: number) => number, count: number): number {
  let clock = 0;
  const pace = new DiskPace(() => clock);
  let here = 0;
  for (let file = 0; file < count; file += 1) {
    if (pace.isSlow()) continue;
    here += pace.timed(() => {
      clock += milliseconds(file);
      return 1;
    });
  }
  return here;
}

test("files that come fast are read on the thread that decodes them, also where one was waited for", () => {
  expect(readsHere(() => 0.02, 1_000)).toBe(1_000);
  expect(readsHere((file) => (file === 500 ? 5 : 0.02), 1_000)).toBe(1_000);
});

test("files that are waited for are read elsewhere, but for one in 65 that times the disk", () => {
  const here = readsHere(() => 20, 6_500);
  expect(here).toBe(100);
});

test("a disk that becomes fast is read here again", () => {
  const here = readsHere((file) => (file < 100 ? 20 : 0.02), 1_000);
  expect(here).toBeGreaterThan(800);
});

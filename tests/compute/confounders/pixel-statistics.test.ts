import { describe, expect, test } from "vitest";
import {
  pixelStatistics,
  requireStatistic,
  statisticNames,
} from "../../../compute/confounders/pixel-statistics.ts";

const image = { pixels: Uint8Array.of(0, 51, 51, 102, 204, 255), black: 0, white: 255 };

describe("numbers about grey levels", () => {
  test("are shares of equal parts of the brightness, the last closed at white", () => {
    const shares = pixelStatistics(image, { kind: "histogram", bins: 4 });
    expect([...shares].map((share) => Math.round(share * 6))).toEqual([3, 1, 0, 2]);
  });

  test("are the mean above each threshold, 0 where nothing is", () => {
    const statistic = { kind: "thresholds", thresholds: [0, 0.5, 0.999_999] } as const;
    expect(statisticNames(statistic)).toHaveLength(3);
    const [mean0, mean5, mean9] = pixelStatistics(image, statistic);
    expect(mean0).toBeCloseTo((0.2 + 0.2 + 0.4 + 0.8 + 1) / 5, 12);
    expect(mean5).toBeCloseTo(0.9, 12);
    expect(mean9).toBe(1);
    const dark = { ...image, pixels: new Uint8Array(4) };
    expect([...pixelStatistics(dark, statistic)]).toEqual([0, 0, 0]);
  });

  test("do not know where pixels lie, and cut off at black and white", () => {
    const statistic = { kind: "histogram", bins: 8 } as const;
    const turned = { ...image, pixels: image.pixels.toReversed() };
    expect(pixelStatistics(turned, statistic)).toEqual(pixelStatistics(image, statistic));
    const beyond = { pixels: Float32Array.of(-5, 9), black: 0, white: 1 };
    expect([...pixelStatistics(beyond, { kind: "histogram", bins: 2 })]).toEqual([0.5, 0.5]);
  });

  test.each([
    { kind: "histogram", bins: 1 },
    { kind: "thresholds", thresholds: [] },
    { kind: "thresholds", thresholds: [1] },
  ] as const)("refuse %o", (statistic) => {
    expect(() => requireStatistic(statistic)).toThrow(/2 to 65536 bins/);
  });
});

import { numberOf, numbersOf } from "../gradients/rule.ts";
import { axesOf } from "../graph/shapes.ts";
import type { LoweringRule } from "./rule.ts";

/** Means over places, or over images and places, of each channel. */
const mean: LoweringRule = (layouts, { inputs, outputs, attributes }) => {
  const [x] = inputs;
  const [y] = outputs;
  if (x === undefined || y === undefined || !layouts.isBlocked(x)) return false;
  const axes = axesOf(numbersOf(attributes, "axes", []), x.rank).join();
  if (axes !== "2,3" && axes !== "0,2,3") return false;
  const [count = 0, channels = 0] = x.shape;
  const each = layouts.apply("GlobalAveragePool", [layouts.blocked(x)], [count, channels, 1, 1]);
  const made = axes === "2,3" ? each : each.reshape([count, channels]).mean([0]);
  layouts.keepPlain(y, made.reshape(y.shape));
  return true;
};

/** A number a channel of each image, for all of its places. */
const expand: LoweringRule = (layouts, { inputs, outputs }) => {
  const [x] = inputs;
  const [y] = outputs;
  if (x === undefined || y === undefined || !layouts.fits(y)) return false;
  const [count = 0, channels = 0, rows = 0, cols = 0] = y.shape;
  if (rows * cols === 1 || x.shape.join() !== [count, channels, 1, 1].join()) return false;
  const lines = [count, channels / layouts.block];
  const made = layouts
    .plain(x)
    .reshape([...lines, 1, layouts.block])
    .expand([...lines, rows * cols, layouts.block]);
  layouts.keep(y, made.reshape(y.shape));
  return true;
};

/** Whole blocks of channels one after the other. */
const concatenate: LoweringRule = (layouts, { op, inputs, outputs, attributes }) => {
  const given = inputs.flatMap((tensor) => (tensor === undefined ? [] : [tensor]));
  const [y] = outputs;
  if (y === undefined || numberOf(attributes, "axis", 0) !== 1) return false;
  if (!given.every((tensor) => layouts.fits(tensor)) || !given.some((tensor) => layouts.isBlocked(tensor))) {
    return false;
  }
  const { shape, type } = y;
  const parts = given.map((tensor) => layouts.blocked(tensor));
  layouts.keep(y, layouts.into.apply(op, parts, { shape, type }, { attributes }));
  return true;
};

/** Some whole blocks of channels. */
const slice: LoweringRule = (layouts, { op, inputs, outputs }) => {
  const [x, ...places] = inputs;
  const [y] = outputs;
  if (x === undefined || y === undefined || !layouts.isBlocked(x) || !layouts.fits(y)) return false;
  const [starts, ends, axes, steps] = places.map((place) => place && layouts.from.numbersOf(place));
  const onChannels = axes?.length === 1 && axes[0] === 1 && starts?.length === 1 && ends !== undefined;
  if (!onChannels || (steps?.[0] ?? 1) !== 1 || (starts[0] ?? -1) < 0) return false;
  if ((starts[0] ?? 0) % layouts.block !== 0) return false;
  const given = [layouts.blocked(x), ...places.map((place) => place && layouts.plain(place))];
  layouts.keep(y, layouts.into.apply(op, given, { shape: y.shape, type: y.type }));
  return true;
};

/** Channels last: a reordering of its own. */
export const transpose: LoweringRule = (layouts, { inputs, outputs, attributes }) => {
  const [x] = inputs;
  const [y] = outputs;
  if (x === undefined || y === undefined || !layouts.isBlocked(x) || layouts.hasPlain(x)) return false;
  if (numbersOf(attributes, "perm", []).join() !== "0,2,3,1") return false;
  const options = { channels: x.shape[1] ?? 0, channels_last: 1 };
  layouts.keepPlain(y, layouts.apply("ReorderOutput", [layouts.blocked(x)], y.shape, options));
  return true;
};

/** Operations that reduce, join or cut images by channel. */
export const reductionRules: Readonly<Record<string, LoweringRule>> = {
  ReduceMean: mean,
  Expand: expand,
  Concat: concatenate,
  Slice: slice,
  Transpose: transpose,
};

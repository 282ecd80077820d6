import { ImageError } from "../image-error.ts";
import { BitReader } from "./bit-reader.ts";
import type { HuffmanTable } from "./huffman-table.ts";
import { type JpegTables, zigzag } from "./jpeg-tables.ts";
import type { ScanHeader } from "./scan-header.ts";

/** One component of a frame and the coefficients read of it so far. */
export interface DctComponent {
  readonly across: number;
  readonly down: number;
  readonly table: number;
  /** Blocks that hold pixels. */
  readonly blocksWide: number;
  readonly blocksHigh: number;
  /** Blocks of a row in memory, with those that fill up the last interleaved unit. */
  readonly stride: number;
  /** 64 a block in row order, not yet multiplied by their factors. */
  readonly coefficients: Int16Array;
}

/** Reads one block of a component; `at` is its first coefficient. */
type BlockReader = (bits: BitReader, component: DctComponent, at: number, part: Part) => void;

interface Part {
  readonly component: DctComponent;
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
  /** The last DC value. */
  predictor: number;
}

/**
 * Reads the coefficients of one sequential or progressive scan (ISO/IEC 10918-1 annexes F and G).
 *
 * @param unitsWide - interleaved units in a row and in a column of the frame.
 * @returns where the marker behind the scan is.
 * @throws {ImageError} IMAGE_TRUNCATED, IMAGE_CORRUPT
 */
export function readDctScan(
  bytes: Uint8Array,
  start: number,
  header: ScanHeader,
  tables: JpegTables,
  frame: {
    readonly components: readonly DctComponent[];
    readonly isProgressive: boolean;
    readonly unitsWide: number;
    readonly unitsHigh: number;
  },
): number {
  const read = blockReaderOf(header, frame.isProgressive);
  const parts = header.parts.map(({ component, dc, ac }): Part => {
    const found = frame.components[component];
    if (found === undefined) throw badScan();
    return { component: found, dc: tables.dc[dc], ac: tables.ac[ac], predictor: 0 };
  });
  const bits = new BitReader(bytes, start);
  const [only, second] = parts;
  const isAlone = second === undefined && only !== undefined;
  // A scan of one component holds its own blocks; one of several holds units of all, filled up at the edges.
  const wide = isAlone ? only.component.blocksWide : frame.unitsWide;
  const units = wide * (isAlone ? only.component.blocksHigh : frame.unitsHigh);
  for (let unit = 0; unit < units; unit += 1) {
    if (tables.restartInterval > 0 && unit > 0 && unit % tables.restartInterval === 0) {
      bits.restart(unit / tables.restartInterval - 1);
      for (const part of parts) part.predictor = 0;
      read.restart();
    }
    const row = Math.floor(unit / wide);
    const col = unit - row * wide;
    if (isAlone) {
      read.block(bits, only.component, 64 * (row * only.component.stride + col), only);
    } else {
      for (const part of parts) {
        const { across, down, stride } = part.component;
        for (let block = 0; block < across * down; block += 1) {
          const blockRow = row * down + Math.floor(block / across);
          read.block(bits, part.component, 64 * (blockRow * stride + col * across + (block % across)), part);
        }
      }
    }
    if ((unit & 63) === 0) bits.requireInside();
  }
  return bits.end();
}

/** @throws {ImageError} IMAGE_CORRUPT for a scan that the process does not know */
function blockReaderOf(
  { parts, first, last, high, low }: ScanHeader,
  isProgressive: boolean,
): { readonly block: BlockReader; readonly restart: () => void } {
  const none = (): void => undefined;
  if (!isProgressive) {
    if (first !== 0 || last !== 63 || high !== 0 || low !== 0) throw badScan();
    return { block: readSequential, restart: none };
  }
  if (low > 13 || (high !== 0 && high !== low + 1)) throw badScan();
  if (first === 0) {
    if (last !== 0) throw badScan();
    return { block: high === 0 ? firstDc(low) : refineDc(low), restart: none };
  }
  if (first > last || last > 63 || parts.length !== 1) throw badScan();
  const run = { left: 0 };
  const restart = (): void => {
    run.left = 0;
  };
  return { block: high === 0 ? firstAc(first, last, low, run) : refineAc(first, last, low, run), restart };
}

const readSequential: BlockReader = (bits, { coefficients }, at, part) => {
  const ac = requireTable(part.ac);
  part.predictor += bits.difference(categoryOf(bits.symbol(requireTable(part.dc))));
  coefficients[at] = part.predictor;
  for (let k = 1; k < 64; k += 1) {
    const symbol = bits.symbol(ac);
    const size = symbol & 15;
    const run = symbol >> 4;
    if (size === 0) {
      if (run !== 15) return;
      k += 15;
      continue;
    }
    k += run;
    if (k > 63) throw badRun();
    coefficients[at + (zigzag[k] as number)] = bits.difference(size); // k is below 64
  }
};

const firstDc =
  (low: number): BlockReader =>
  (bits, { coefficients }, at, part) => {
    part.predictor += bits.difference(categoryOf(bits.symbol(requireTable(part.dc))));
    coefficients[at] = part.predictor << low;
  };

const refineDc =
  (low: number): BlockReader =>
  (bits, { coefficients }, at) => {
    if (bits.bits(1) === 1) coefficients[at] = (coefficients[at] ?? 0) | (1 << low);
  };

const firstAc =
  (first: number, last: number, low: number, run: { left: number }): BlockReader =>
  (bits, { coefficients }, at, part) => {
    if (run.left > 0) {
      run.left -= 1;
      return;
    }
    const ac = requireTable(part.ac);
    for (let k = first; k <= last; k += 1) {
      const symbol = bits.symbol(ac);
      const size = symbol & 15;
      const zeros = symbol >> 4;
      if (size === 0) {
        if (zeros !== 15) {
          run.left = (1 << zeros) + bits.bits(zeros) - 1;
          return;
        }
        k += 15;
        continue;
      }
      k += zeros;
      if (k > last) throw badRun();
      coefficients[at + (zigzag[k] as number)] = bits.difference(size) * (1 << low); // k is below 64
    }
  };

/** One more bit of coefficients that are not zero, and new ones among them (G.1.2.3). */
const refineAc =
  (first: number, last: number, low: number, run: { left: number }): BlockReader =>
  (bits, { coefficients }, at, part) => {
    const ac = requireTable(part.ac);
    const step = 1 << low;
    /** Passes over `zeros` coefficients that are zero, refining the others; stops at the next zero one. */
    const skip = (from: number, zeros: number): number => {
      let left = zeros;
      let k = from;
      for (; k <= last; k += 1) {
        const place = at + (zigzag[k] as number); // k is below 64
        const value = coefficients[place] as number; // inside the block
        if (value === 0) {
          if (left === 0) break;
          left -= 1;
        } else if (bits.bits(1) === 1 && (Math.abs(value) & step) === 0) {
          coefficients[place] = value < 0 ? value - step : value + step;
        }
      }
      return k;
    };
    let k = first;
    while (k <= last && run.left === 0) {
      const symbol = bits.symbol(ac);
      const size = symbol & 15;
      const zeros = symbol >> 4;
      if (size > 1) throw badRun();
      if (size === 0 && zeros < 15) {
        run.left = (1 << zeros) + bits.bits(zeros);
        break;
      }
      const value = size === 0 ? 0 : bits.bits(1) === 1 ? step : -step;
      k = skip(k, zeros);
      if (value !== 0) {
        if (k > last) throw badRun();
        coefficients[at + (zigzag[k] as number)] = value; // k is below 64
      }
      k += 1;
    }
    if (run.left > 0) {
      skip(k, 64);
      run.left -= 1;
    }
  };

function categoryOf(symbol: number): number {
  if (symbol > 15) throw badRun();
  return symbol;
}

function requireTable(table: HuffmanTable | undefined): HuffmanTable {
  if (table === undefined)
    throw new ImageError("IMAGE_CORRUPT", "Expected the Huffman table of a scan, got none");
  return table;
}

function badScan(): ImageError {
  return new ImageError("IMAGE_CORRUPT", "Expected a JPEG scan of the frame's process, got another");
}

function badRun(): ImageError {
  return new ImageError(
    "IMAGE_CORRUPT",
    "Expected coefficients inside a block, got more; the JPEG is damaged",
  );
}

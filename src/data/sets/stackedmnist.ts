/**
 * StackedMNIST (Metz et al. 2017): three random digits as the channels of one image, 1,000 classes, for counting modes.
 *
 * The class of channels (a, b, c) is 100 a + 10 b + c: the number one reads, first channel first. Everything that labels channels
 * must use {@link stackedLabel}, so that data and samples are counted in one order.
 */
import { streams } from "../../runtime/streams.js";
import { allRows } from "../dataset.js";
import { type ImageDataset, type ImageOptions, pixelDataset } from "../images.js";
import { SPLIT_SEED } from "../partition.js";
import type { PixelSource } from "../rows.js";

/** The class of three digits, first channel first: `stackedLabel(1, 2, 3) === 123`. */
export const stackedLabel = (a: number, b: number, c: number): number => 100 * a + 10 * b + c;

/** The three digits of a class, first channel first. */
export const stackedDigits = (label: number): [number, number, number] => [
  Math.floor(label / 100),
  Math.floor(label / 10) % 10,
  label % 10,
];

/** Builds images of three channels from images of one as they are needed: storing them would triple the memory. */
class StackedPixels implements PixelSource {
  readonly shape: readonly [number, number, number];
  readonly max = 255;

  /** @param triples `[n, 3]`: rows of the base images. */
  constructor(
    private readonly base: Uint8Array,
    private readonly height: number,
    private readonly width: number,
    private readonly triples: Int32Array,
  ) {
    this.shape = [3, height, width];
  }

  copy(row: number, out: Uint8Array, offset: number): void {
    const plane = this.height * this.width;
    for (let c = 0; c < 3; c++) {
      const from = this.triples[3 * row + c]! * plane;
      out.set(this.base.subarray(from, from + plane), offset + c * plane);
    }
  }
}

/**
 * Stacks a set of digits: as many stacked images in each split as there are digits in it, drawn with a fixed seed, each from
 * digits of that split alone.
 */
export async function stackDigits(base: ImageDataset, name: string, options: ImageOptions): Promise<ImageDataset> {
  const [, height, width] = base.shape as readonly [number, number, number];
  const rng = streams(options.splitSeed ?? SPLIT_SEED).for("stacks of digits");
  const parts = [base.splits.train, base.splits.validation, base.splits.test];
  const size = parts.reduce((n, p) => n + p.size, 0);
  const digits = new Uint8Array(size * height * width);
  const triples = new Int32Array(3 * size);
  const labels = new Int32Array(size);
  const rows: Int32Array[] = [];
  let start = 0;
  for (const part of parts) {
    digits.set(part.pixels(allRows(part.size)), start * height * width);
    for (let i = start; i < start + part.size; i++) {
      const drawn = [rng.below(part.size), rng.below(part.size), rng.below(part.size)] as const;
      triples.set(
        drawn.map((r) => start + r),
        3 * i,
      );
      labels[i] = stackedLabel(part.y![drawn[0]]!, part.y![drawn[1]]!, part.y![drawn[2]]!);
    }
    rows.push(allRows(start + part.size).subarray(start));
    start += part.size;
  }
  return pixelDataset(
    {
      name,
      shape: [3, 28, 28],
      classes: Array.from({ length: 1000 }, (_, label) => String(label).padStart(3, "0")),
      labels,
      rows: { train: rows[0]!, validation: rows[1]!, test: rows[2]! },
      store: new StackedPixels(digits, height, width, triples),
      content: [digits, triples],
      notes: base.notes,
    },
    options,
  );
}

/** Images side by side: samples, data, chains. */
import type { NdArray } from "../runtime/array.js";
import { type Rgb, rgbOf } from "./colormap.js";
import { FigureError } from "./error.js";
import { encodePng, type Pixels } from "./raster.js";
import { INK, PALETTE } from "./theme.js";

export interface ImageGridOptions {
  /** Values of black and white; default [-1, 1]. */
  readonly range?: readonly [number, number];
  /** Default the square root of the number of images, rounded up. */
  readonly columns?: number;
  /** Pixels between the images; default 2. */
  readonly padding?: number;
  /** Whole number of screen pixels for each image pixel; default what makes images about 64 pixels tall. */
  readonly scale?: number;
}

export type ChainGridOptions = Omit<ImageGridOptions, "columns">;

const PAPER = rgbOf(INK.paper);
/** Pixels that are NaN: a colour that no grey image holds. */
const BROKEN = rgbOf(PALETTE[3]);

/**
 * Images [N, C, H, W] (C = 1 or 3) or [N, H, W] as one PNG, row by row. Values outside the range are clamped, NaN is
 * drawn pink.
 * @throws FigureError for other shapes, a scale or number of columns that is not a positive whole number, or an image
 * without pixels.
 */
export function imageGrid(images: NdArray, options: ImageGridOptions = {}): Uint8Array {
  const count = images.shape[0] ?? 0;
  const columns = options.columns ?? Math.max(1, Math.ceil(Math.sqrt(count)));
  if (!(Number.isInteger(columns) && columns > 0)) throw new FigureError(`imageGrid: ${columns} columns`);
  const rows = Math.max(1, Math.ceil(count / columns));
  const tiles = Array.from({ length: rows }, (_, r) =>
    Array.from({ length: Math.min(columns, Math.max(1, count)) }, (_, c): Tile | undefined =>
      r * columns + c < count ? { images, index: r * columns + c } : undefined,
    ),
  );
  return drawTiles(tiles, images, options, "imageGrid");
}

/**
 * Chains of images as one PNG: a row for each chain, a column for each of `steps`, the images [N, C, H, W] (or
 * [N, H, W]) of all N chains at one time.
 * @throws FigureError where the steps differ in shape, and as `imageGrid`.
 */
export function chainGrid(steps: readonly NdArray[], options: ChainGridOptions = {}): Uint8Array {
  const first = steps[0];
  if (first === undefined) throw new FigureError("chainGrid: no steps");
  for (const step of steps)
    if (step.shape.join() !== first.shape.join())
      throw new FigureError(`chainGrid: steps of shapes [${first.shape.join(", ")}] and [${step.shape.join(", ")}]`);
  const chains = first.shape[0] ?? 0;
  const tiles = Array.from({ length: Math.max(1, chains) }, (_, index) =>
    steps.map((images): Tile | undefined => (index < chains ? { images, index } : undefined)),
  );
  return drawTiles(tiles, first, options, "chainGrid");
}

interface Tile {
  readonly images: NdArray;
  readonly index: number;
}

function drawTiles(
  tiles: readonly (readonly (Tile | undefined)[])[],
  like: NdArray,
  options: ImageGridOptions,
  where: string,
): Uint8Array {
  const shape = like.shape;
  const [channels, height, width] = shape.length === 3 ? [1, shape[1]!, shape[2]!] : [shape[1]!, shape[2]!, shape[3]!];
  if ((shape.length !== 3 && shape.length !== 4) || (channels !== 1 && channels !== 3))
    throw new FigureError(`${where}: images must be [N, H, W] or [N, 1 or 3, H, W], not [${shape.join(", ")}]`);
  if (!(height > 0 && width > 0)) throw new FigureError(`${where}: images of ${height} × ${width} pixels`);
  const { range = [-1, 1], padding = 2, scale = Math.max(1, Math.round(64 / height)) } = options;
  if (!(Number.isInteger(scale) && scale > 0)) throw new FigureError(`${where}: scale ${scale}`);
  if (!(Number.isInteger(padding) && padding >= 0)) throw new FigureError(`${where}: padding ${padding}`);

  const [cellWidth, cellHeight] = [width * scale + padding, height * scale + padding];
  const columns = tiles[0]!.length;
  const picture = blank(columns * cellWidth + padding, tiles.length * cellHeight + padding);
  tiles.forEach((row, r) => {
    row.forEach((tile, c) => {
      if (tile === undefined) return;
      const { data } = tile.images;
      const plane = height * width;
      const start = tile.index * channels * plane;
      paint(picture, padding + c * cellWidth, padding + r * cellHeight, width, height, scale, (i, j) => {
        const at = start + i * width + j;
        const red = toByte(data[at]!, range);
        if (channels === 1) return Number.isNaN(red) ? BROKEN : [red, red, red];
        const rgb: Rgb = [red, toByte(data[at + plane]!, range), toByte(data[at + 2 * plane]!, range)];
        return rgb.some(Number.isNaN) ? BROKEN : rgb;
      });
    });
  });
  return encodePng(picture);
}

function blank(width: number, height: number): Pixels {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < data.length; i++) data[i] = PAPER[i % 3]!;
  return { width, height, channels: 3, data };
}

const toByte = (value: number, [black, white]: readonly [number, number]): number =>
  Math.round(255 * Math.min(1, Math.max(0, (value - black) / (white - black))));

function paint(
  picture: Pixels,
  left: number,
  top: number,
  width: number,
  height: number,
  scale: number,
  colour: (i: number, j: number) => Rgb,
): void {
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) {
      const rgb = colour(i, j);
      for (let a = 0; a < scale; a++)
        for (let b = 0; b < scale; b++)
          picture.data.set(rgb, 3 * ((top + i * scale + a) * picture.width + left + j * scale + b));
    }
}

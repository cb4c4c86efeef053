/**
 * Pictures as pixels. Decoding and shrinking are libvips' (through sharp): of animations the first frame, turned as EXIF says. Enlarging is
 * ours, as of data sets: libvips' lies half a pixel off.
 */
import { readFile } from "node:fs/promises";
import { type BadFile, badFiles, DataError, reason, show } from "../error.js";
import { resizeImages } from "../resize.js";
import type { Picture, PictureFolder } from "./image-folder.js";

/** Pictures decoded at the same time. */
const AT_ONCE = 8;

export interface Decoded {
  /** `[n, channels, size, size]`; black where a picture is bad. */
  readonly pixels: Uint8Array;
  /** What is wrong with those that cannot be used, by their place. */
  readonly bad: ReadonlyMap<number, string>;
}

/**
 * Decodes pictures: the largest centred square, resized to `size`.
 * @param channels 3 for colour, 1 for grey; alpha is dropped.
 */
export async function decodePictures(
  pictures: readonly Picture[],
  size: number,
  channels: 1 | 3,
  onProgress?: (done: number, total: number) => void,
): Promise<Decoded> {
  const plane = size * size;
  const pixels = new Uint8Array(pictures.length * channels * plane);
  const bad = new Map<number, string>();
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (next < pictures.length) {
      const i = next++;
      const bytes = await decode(pictures[i]!.path, size, channels);
      if (typeof bytes === "string") bad.set(i, bytes);
      else pixels.set(bytes, i * channels * plane);
      onProgress?.(++done, pictures.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { pixels, bad };
}

/**
 * The pixels of pictures, all of which must be good.
 * @param from the folders that they were listed in.
 * @throws DataError naming what cannot be used: pictures that are truncated or none, and whatever was bad in the folders.
 */
export async function readPictures(
  from: readonly Pick<PictureFolder, "folder" | "bad">[],
  pictures: readonly Picture[],
  size: number,
  channels: 1 | 3,
  onProgress?: (done: number, total: number) => void,
): Promise<Uint8Array> {
  const { pixels, bad } = await decodePictures(pictures, size, channels, onProgress);
  const decoded = [...bad].sort(([a], [b]) => a - b).map(([i, problem]) => ({ path: pictures[i]!.path, problem }));
  const all: readonly BadFile[] = [...from.flatMap((part) => part.bad), ...decoded];
  if (all.length > 0) throw badFiles(from[0]!.folder, all);
  return pixels;
}

/** Loaded when the first picture is read: it is native code. */
const decoder = async () => (await import("sharp")).default;

/** The pixels `[channels, size, size]`; text where it cannot be decoded, saying why. */
async function decode(path: string, size: number, channels: 1 | 3): Promise<Uint8Array | string> {
  let content: Uint8Array;
  try {
    content = await readFile(path);
  } catch (cause) {
    return `cannot be read (${reason(cause)})`;
  }
  if (content.length === 0) return "empty: it has 0 bytes";
  const sharp = await decoder();
  try {
    const picture = sharp(content, { failOn: "truncated" });
    const { width, height } = await picture.metadata();
    const side = Math.min(width, height, size);
    const image = picture
      .autoOrient()
      .resize(side, side, { fit: "cover", position: "centre", kernel: "linear", fastShrinkOnLoad: false })
      .removeAlpha()
      .toColourspace(channels === 3 ? "srgb" : "b-w");
    const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    if (info.channels !== channels) return `${info.channels} channels, ${show(channels)} expected`;
    const planes = channelByChannel(data, channels);
    return side === size ? planes : resizeImages(planes, [channels, side, side], size);
  } catch (cause) {
    return `truncated, or no picture (${reason(cause)})`;
  }
}

/** From pixel by pixel. */
function channelByChannel(pixels: Uint8Array, channels: number): Uint8Array {
  const plane = pixels.length / channels;
  const out = new Uint8Array(pixels.length);
  for (let c = 0; c < channels; c++) for (let p = 0; p < plane; p++) out[c * plane + p] = pixels[p * channels + c]!;
  return out;
}

/** A picture in grey, at its own size: a byte for each pixel, row by row. @throws DataError where it cannot be read */
export async function greyPicture(path: string): Promise<{ width: number; height: number; pixels: Uint8Array }> {
  const sharp = await decoder();
  try {
    const image = sharp(await readFile(path), { failOn: "truncated" })
      .removeAlpha()
      .toColourspace("b-w");
    const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, pixels: data };
  } catch (cause) {
    throw new DataError(path, `no picture that can be read (${reason(cause)})`, undefined, { cause });
  }
}

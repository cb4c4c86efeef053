/** Folders of pictures, one sub-folder per class. Decoding and resizing are libvips' (through sharp). */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { FIXED } from "../../runtime/streams.js";
import { DataError, reason, show } from "../error.js";

const PICTURE = /\.(jpe?g|png|webp)$/i;
/** Pictures decoded at the same time. */
const AT_ONCE = 8;

/** A picture and its class, -1 for none. */
export interface Picture {
  readonly path: string;
  readonly label: number;
}

export interface PictureFolder {
  readonly pictures: readonly Picture[];
  /** Names of the sub-folders, sorted; null for a folder of pictures without sub-folders. */
  readonly classes: readonly string[] | null;
}

/**
 * Lists the pictures (jpg, jpeg, png, webp) of a folder, in order of class and name.
 * @param expected classes of another folder (the training one), which this one must have as well.
 * @throws DataError where there is no such folder, no picture, or an unexpected class.
 */
export function listPictures(folder: string, expected?: readonly string[]): PictureFolder {
  const entries = entriesOf(folder);
  const folders = entries.filter((e) => e.isDirectory()).map((e) => e.name);
  const classes = folders.filter((name) => entriesOf(join(folder, name)).some((e) => PICTURE.test(e.name))).sort();
  const loose = entries.filter((e) => e.isFile() && PICTURE.test(e.name)).map((e) => e.name);
  if (classes.length > 0 && loose.length > 0)
    throw new DataError(
      folder,
      `pictures both in it (${loose[0]}) and in sub-folders (${classes[0]})`,
      "move them to one",
    );
  if (classes.length === 0 && loose.length === 0)
    throw new DataError(
      folder,
      "no pictures (.jpg, .png, .webp)",
      "put those of each class in a sub-folder of its own",
    );
  if (classes.length === 0) {
    return { pictures: loose.sort().map((name) => ({ path: join(folder, name), label: -1 })), classes: null };
  }
  const names = expected ?? classes;
  const pictures = classes.flatMap((name) => {
    const label = names.indexOf(name);
    if (label === -1) throw new DataError(join(folder, name), `class "${name}" is not one of ${names.join(", ")}`);
    const files = entriesOf(join(folder, name)).map((e) => e.name);
    return files
      .filter((f) => PICTURE.test(f))
      .sort()
      .map((f) => ({ path: join(folder, name, f), label }));
  });
  return { pictures, classes: names };
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    throw new DataError(folder, `not a folder that can be read (${reason(cause)})`, undefined, { cause });
  }
}

/** At most `limit` of the pictures, drawn at random with a fixed seed, in their order. */
export function limitPictures(pictures: readonly Picture[], limit: number): readonly Picture[] {
  if (pictures.length <= limit) return pictures;
  const chosen = FIXED.for("pictures of a folder").choose(pictures.length, limit);
  return Array.from(chosen, (i) => pictures[i]!);
}

/**
 * Decodes pictures: the largest centred square, resized to `size`.
 * @param channels 3 for colour, 1 for grey; alpha is dropped.
 * @returns `[n, channels, size, size]`.
 * @throws DataError naming the first picture that is truncated or no picture.
 */
export async function readPictures(
  pictures: readonly Picture[],
  size: number,
  channels: 1 | 3,
  onProgress?: (done: number, total: number) => void,
): Promise<Uint8Array> {
  const plane = size * size;
  const out = new Uint8Array(pictures.length * channels * plane);
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (next < pictures.length) {
      const i = next++;
      const bytes = await decode(pictures[i]!.path, size, channels);
      const start = i * channels * plane;
      for (let c = 0; c < channels; c++)
        for (let p = 0; p < plane; p++) out[start + c * plane + p] = bytes[p * channels + c]!;
      onProgress?.(++done, pictures.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } catch (cause) {
    next = pictures.length; // the other workers stop
    throw cause;
  }
  return out;
}

async function decode(path: string, size: number, channels: 1 | 3): Promise<Uint8Array> {
  try {
    const image = sharp(path, { failOn: "truncated" })
      .autoOrient()
      .resize(size, size, { fit: "cover", position: "centre", kernel: "linear", fastShrinkOnLoad: false })
      .removeAlpha()
      .toColourspace(channels === 3 ? "srgb" : "b-w");
    const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    if (info.channels !== channels) throw new Error(`${info.channels} channels, ${show(channels)} expected`);
    return data;
  } catch (cause) {
    throw new DataError(path, `truncated, or no picture (${reason(cause)})`, "replace or remove it", { cause });
  }
}

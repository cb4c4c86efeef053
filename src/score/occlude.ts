/**
 * Which parts of a picture make it unlikely. A square patch is replaced, channel by channel, by the mean of the ring of pixels around it;
 * the gain of a patch is what f(x) wins by that (occlusion, Zeiler & Fergus 2014, on the log-density), and the gain of a pixel the mean over
 * the patches that cover it. Above 0: the picture is likelier without what is there; below 0: what is there makes it likely. Patches are
 * replaced one at a time: what is wrong in several places at once, or in all of the picture, shows less.
 */
import { NdArray } from "../runtime/index.js";
import type { Probe } from "./probe.js";

export interface Patches {
  /** Pixels of a patch's side, and from one patch to the next. */
  readonly side: number;
  readonly stride: number;
}

/** An eighth of the picture, at half its side from one another: some 200 of a picture of 32 pixels. */
export function patchesOf(size: number): Patches {
  const side = Math.max(2, Math.round(size / 8));
  return { side, stride: Math.max(1, Math.floor(side / 2)) };
}

/**
 * The gain of each pixel `[H, W]` of one picture `[1, C, H, W]` or `[C, H, W]`.
 * @throws TypeError for models of anything but pictures
 */
export function pixelGains(probe: Probe, x: NdArray): Promise<Float32Array> {
  const { event } = probe;
  if (event.length !== 3) throw new TypeError("parts of a picture are asked for, and the model takes none");
  const logDensity = async (rows: NdArray) => (await probe.predict(rows)).logDensity;
  return patchGains(logDensity, x.data, event as [number, number, number], patchesOf(event[1]!), probe.batchSize);
}

/**
 * @param logDensity f of pictures `[batch, C, H, W]`: always so many, that one compiled program serves all
 * @param picture of this shape
 */
export async function patchGains(
  logDensity: (rows: NdArray) => Promise<Float32Array>,
  picture: NdArray["data"],
  shape: readonly [channels: number, height: number, width: number],
  { side, stride }: Patches,
  batch: number,
): Promise<Float32Array> {
  const [channels, height, width] = shape;
  const size = channels * height * width;
  const corners = starts(height, side, stride).flatMap((top) =>
    starts(width, side, stride).map((left) => ({ top, left })),
  );
  const block = new NdArray(new Float32Array(batch * size), [batch, ...shape]);
  const values: number[] = [];
  // The picture itself, then without each patch.
  const all = [null, ...corners];
  for (let from = 0; from < all.length; from += batch) {
    const some = all.slice(from, from + batch);
    some.forEach((corner, i) => {
      const into = block.data.subarray(i * size, (i + 1) * size);
      into.set(picture);
      if (corner !== null) replace(into, shape, corner, side);
    });
    values.push(...(await logDensity(block)).subarray(0, some.length));
  }
  const [own, ...without] = values as [number, ...number[]];
  const sums = new Float32Array(height * width);
  const counts = new Float32Array(height * width);
  corners.forEach(({ top, left }, k) => {
    const gain = without[k]! - own;
    for (let i = top; i < Math.min(top + side, height); i++)
      for (let j = left; j < Math.min(left + side, width); j++) {
        sums[i * width + j]! += Number.isFinite(gain) ? gain : 0;
        counts[i * width + j]!++;
      }
  });
  return sums.map((sum, at) => sum / counts[at]!);
}

/** Where patches begin: the last ends with the picture. */
function starts(length: number, side: number, stride: number): number[] {
  const last = Math.max(0, length - side);
  const even = Array.from({ length: Math.floor(last / stride) + 1 }, (_, k) => k * stride);
  return even.at(-1) === last ? even : [...even, last];
}

/** Puts the mean of the ring, half a patch wide, in the place of a patch. */
function replace(
  picture: NdArray["data"],
  [channels, height, width]: readonly [number, number, number],
  { top, left }: { readonly top: number; readonly left: number },
  side: number,
): void {
  const ring = Math.max(1, Math.floor(side / 2));
  const inside = (i: number, j: number) => i >= top && i < top + side && j >= left && j < left + side;
  for (let c = 0; c < channels; c++) {
    const plane = picture.subarray(c * height * width, (c + 1) * height * width);
    let [sum, count] = [0, 0];
    for (let i = Math.max(0, top - ring); i < Math.min(height, top + side + ring); i++)
      for (let j = Math.max(0, left - ring); j < Math.min(width, left + side + ring); j++) {
        if (inside(i, j)) continue;
        sum += plane[i * width + j]!;
        count++;
      }
    if (count === 0) continue; // the patch is the picture
    for (let i = top; i < Math.min(top + side, height); i++)
      plane.fill(sum / count, i * width + left, i * width + Math.min(left + side, width));
  }
}

/** Random parts of a picture, as planes of 0 and 1. */
import type { Rng } from "../../runtime/index.js";
import { addNoise } from "./random-field.js";

export type Plane = readonly [height: number, width: number];

/** Blocks along a side. */
const CUTS = [2, 4, 8] as const;

/** 1 in half of the blocks, drawn at random. */
export function collage(out: Float32Array, [height, width]: Plane, rng: Rng): void {
  const cuts = CUTS[rng.below(CUTS.length)]!;
  const chosen = new Uint8Array(cuts * cuts);
  for (const block of rng.choose(cuts * cuts, (cuts * cuts) / 2)) chosen[block] = 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      out[y * width + x] = chosen[Math.floor((y * cuts) / height) * cuts + Math.floor((x * cuts) / width)]!;
  }
}

/** 1 within an ellipse, a box, or an irregular shape about a point near the middle. */
export function shape(out: Float32Array, [height, width]: Plane, rng: Rng): void {
  const [cy, cx] = [0.4 + 0.2 * rng.random(), 0.4 + 0.2 * rng.random()];
  const [ry, rx] = [0.15 + 0.35 * rng.random(), 0.15 + 0.35 * rng.random()];
  const form = rng.below(3);
  const rough = new Float32Array(out.length);
  if (form === 2) for (const cells of [3, 6]) addNoise(rough, [height, width], cells, 6 / cells, true, rng);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [v, u] = [Math.abs((y + 0.5) / height - cy) / ry, Math.abs((x + 0.5) / width - cx) / rx];
      const distance = form === 1 ? Math.max(v, u) : Math.hypot(v, u);
      out[y * width + x] = distance + rough[y * width + x]! < 1 ? 1 : 0;
    }
  }
}

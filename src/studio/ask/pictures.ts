/** Pictures of a model as addresses with the data inside. */
import { type Preprocessing, scalingOf, shownRange } from "../../data/index.js";
import { imageGrid } from "../../figures/index.js";
import type { NdArray } from "../../runtime/index.js";

/** Screen pixels of a small picture's side, about. */
const SIDE = 64;

/** One picture `[1, C, H, W]`, as the model sees it. @throws TypeError where the model takes none */
export function pictureAddress(x: NdArray, preprocessing: Preprocessing): string {
  const scaling = scalingOf(preprocessing);
  if (scaling === null) throw new TypeError("the model takes no pictures");
  const scale = Math.max(1, Math.round(SIDE / x.shape[2]!));
  const png = imageGrid(x, { range: shownRange(scaling), columns: 1, padding: 0, scale });
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}

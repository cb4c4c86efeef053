/** The base measure that a configuration asks for: its family, its fit to the training rows, and its place in a checkpoint. */
import { labelled, type Split } from "../../data/index.js";
import {
  type BaseMeasure,
  compressed,
  type FittedBase,
  gaussianMixture,
  inPrincipalComponents,
  type MixtureOptions,
  nearestLandmarks,
  pool,
} from "../../ebm/index.js";
import { sizeOf } from "../../graph/index.js";
import type { Dict } from "../../nn/index.js";
import { joinRows, NdArray, type Rng } from "../../runtime/index.js";
import type { Base, TrainConfig } from "../config/index.js";

/** Gaussians with full covariances: in the principal components where rows are wide. */
const gaussians = (options: MixtureOptions): BaseMeasure => inPrincipalComponents(gaussianMixture(options));

const FAMILIES = {
  gaussian: pool({ gaussian: gaussians({ components: 1, ridge: 0.01 }) }),
  mixture: pool({ mixture: gaussians({ components: 8, ridge: 0.05 }) }),
  pool: pool(
    {
      mixture: gaussians({ components: 8, ridge: 0.05 }),
      sharp: gaussians({ components: 8, ridge: 0.005 }),
      fine: gaussians({ components: 30, ridge: 0.02, rowsPerColumn: 4 }),
      compressed: compressed(gaussians({ components: 30, ridge: 0.1 })),
    },
    {
      core: nearestLandmarks({ landmarks: 64, draws: 20 }),
      second: nearestLandmarks({ landmarks: 64, draws: 20, neighbour: 2 }),
    },
  ),
} satisfies Record<Exclude<Base, "none">, BaseMeasure>;

/** Rows that a base measure looks at; of more it takes a sample. */
const MOST_ROWS = 20_000;

/** Null where the configuration asks for none. @param splits whose rows it is fitted to, or so many of them at most */
export async function fitBase(
  { base }: Pick<TrainConfig, "base">,
  splits: readonly Split[],
  rng: Rng,
  most = MOST_ROWS,
): Promise<FittedBase | null> {
  if (base === "none") return null;
  const measure: BaseMeasure = FAMILIES[base];
  const parts = splits.map((split) => {
    const share = Math.min(1, most / splits.reduce((n, { size }) => n + size, 0));
    return split.x(rng.choose(split.size, Math.ceil(share * split.size)));
  });
  const width = sizeOf(parts[0]!.shape.slice(1));
  const { data } = joinRows(...parts);
  return { measure, fitted: await measure.fit(new NdArray(data, [data.length / width, width]), rng) };
}

/** The base measure as a checkpoint holds it. */
export function storedBase({ base }: TrainConfig, tensors: ReadonlyMap<string, NdArray>): FittedBase | null {
  if (base === "none") return null;
  return { measure: FAMILIES[base], fitted: storedUnder("logp_net.base.of.", tensors) };
}

/** The tree of a checkpoint's tensors whose names begin so. */
export function storedUnder(prefix: string, tensors: ReadonlyMap<string, NdArray>): Dict<NdArray> {
  const tree: { [name: string]: NdArray | Dict<NdArray> } = {};
  for (const [name, value] of tensors) {
    if (!name.startsWith(prefix)) continue;
    const path = name.slice(prefix.length).split(".");
    let at = tree;
    for (const part of path.slice(0, -1)) at = at[part] = { ...(at[part] as Dict<NdArray> | undefined) };
    at[path.at(-1)!] = value;
  }
  return tree;
}

/** Rows of each class in a split. */
export function classCounts(split: Split, classes: number): number[] {
  const counts = Array<number>(classes).fill(0);
  for (const row of labelled(split)) counts[split.y![row]!]!++;
  return counts;
}

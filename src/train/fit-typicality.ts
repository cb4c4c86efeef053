/** How usual inputs look inside the network that tells classes (ebm/typicality.ts): fitted at each evaluation in training. */
import { type Dataset, inOrder, type Split } from "../data/web.js";
import { channelStatistics, type EnergyModel, fittedTypicality, type Looked, noTypicality } from "../ebm/index.js";
import type { Tensor } from "../graph/index.js";
import type { Dict, Variables } from "../nn/index.js";
import { compile, joinRows, type NdArray, Programs, type Releasable, type Rng } from "../runtime/index.js";

/** Rows that are looked at of either split, at most: with five times as many nothing that was measured changes (docs/results.md). */
const ROWS = 2000;
/** Rows of one call. */
const BATCH = 250;

export class TypicalityFit implements Releasable {
  private readonly programs = new Programs();
  private readonly look: (variables: Variables<NdArray>, x: NdArray) => Promise<Looked>;

  private constructor(
    private readonly options: NonNullable<EnergyModel["typicality"]>,
    model: EnergyModel,
  ) {
    const look = (variables: Variables<Tensor>, x: Tensor) => {
      const { logDensity, stages = [] } = model.evaluate(variables, x, { mode: "eval" });
      return { logDensity, stages: stages.map(channelStatistics) };
    };
    this.look = this.programs.own(compile(look, { name: "stages", argNames: ["model", "x"] }));
  }

  release(): Promise<void> {
    return this.programs.release();
  }

  /** Null where f does not count it. */
  static of(model: EnergyModel): TypicalityFit | null {
    return model.typicality === undefined ? null : new TypicalityFit(model.typicality, model);
  }

  /** The buffers `typicality` of the model with these variables. */
  async fit({ params, state }: Variables<NdArray>, { splits }: Dataset, rng: Rng): Promise<Dict<NdArray>> {
    const { channels, shares } = this.options;
    const own = { params, state: { ...state, typicality: noTypicality(channels, shares) } };
    const known = await this.rows(own, splits.train, rng.fork());
    return fittedTypicality(known, await this.rows(own, splits.validation, rng.fork()), shares);
  }

  private async rows(variables: Variables<NdArray>, split: Split, rng: Rng): Promise<Looked> {
    const some = split.size <= ROWS ? split : split.subset(rng.choose(split.size, ROWS));
    const parts: Looked[] = [];
    for (const { x } of inOrder(some, BATCH)) parts.push(await this.look(variables, x));
    return {
      logDensity: joinRows(...parts.map(({ logDensity }) => logDensity)),
      stages: this.options.channels.map((_, l) => joinRows(...parts.map(({ stages }) => stages[l]!))),
    };
  }
}

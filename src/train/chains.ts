/**
 * MALA chains for pictures, as the original draws them while training: in the space of inputs, started at the generator's samples,
 * and in the generator's latent space (z, ε) with x = g(z) + σ ε. Both target f.
 */

import type { EnergyModel, Generator, GeneratorVariables } from "../ebm/index.js";
import type { Tensor } from "../graph/index.js";
import type { Variables } from "../nn/index.js";
import { compile, NdArray, Programs, type Releasable, type Rng } from "../runtime/index.js";
import { mean } from "../runtime/numbers.js";
import { FIXED } from "../runtime/streams.js";
import { compileChains, mala, unpack } from "../samplers/index.js";

/** What the chains depend on. */
type Networks<L> = { readonly energy: Variables<L>; readonly generator: GeneratorVariables<L> };

/** Chains of inputs. */
export interface DrawnChains {
  /** Inputs along the chains, evenly spaced from start to end: each `[B, …event]`. */
  readonly steps: readonly NdArray[];
  /** Share of proposals accepted once the step size had adapted. */
  readonly acceptance: number;
}

/** Of a proposal's noise, where adaptation starts. */
const START = 0.01;
/** Fast, because a picture's chains are short. */
const ADAPTATION = 0.2;
/** Times shown in pictures, start included. */
const SHOWN = 10;

/** Compiled once per run, for pictures again and again. */
export class ChainDrawer implements Releasable {
  private readonly programs = new Programs();
  private readonly inputs;
  private readonly latents;
  private readonly decode: (networks: Networks<NdArray>, joint: NdArray) => Promise<NdArray>;

  constructor(
    model: EnergyModel,
    private readonly generator: Generator,
  ) {
    const sampler = () => mala({ stepSize: START, adaptationRate: ADAPTATION });
    const f = (networks: Networks<Tensor>, x: Tensor) =>
      model.evaluate(networks.energy, x, { mode: "eval" }).logDensity;
    const sample = (networks: Networks<Tensor>, joint: Tensor) => fromJoint(generator, networks.generator, joint);
    this.inputs = this.programs.own(compileChains(sampler(), f));
    const ofLatents = (c: Networks<Tensor>, joint: Tensor) => f(c, sample(c, joint));
    this.latents = this.programs.own(compileChains(sampler(), ofLatents));
    this.decode = this.programs.own(compile(sample, { name: "decode" }));
  }

  release(): Promise<void> {
    return this.programs.release();
  }

  /**
   * Chains of `steps` transitions from `count` samples of the generator; half of the steps adapt the step size.
   * @param shown times that are kept, start included
   */
  async draw(
    networks: Networks<NdArray>,
    steps: number,
    count: number,
    shown = SHOWN,
  ): Promise<{ input: DrawnChains; latent: DrawnChains }> {
    const rng = FIXED.for("chains of figures");
    const joint = drawJoint(this.generator, count, rng);
    const start = await this.decode(networks, joint);
    const every = Math.max(1, Math.floor(steps / (shown - 1)));
    const options = { constants: networks, steps, rng, keepEvery: every };
    const burnIn = Math.ceil(steps / 2);
    const run = async (chains: typeof this.inputs, init: NdArray) => {
      // The step size adapts on chains of their own, so that the picture begins at the beginning.
      const { state } = await chains.run({ ...options, init, steps: 0, burnIn, keepEvery: 1 });
      const stepSize = state.stepSize.item();
      const { draws, info } = await chains.run({ ...options, init, stepSize });
      return { draws: rows(draws), acceptance: mean(info.acceptanceProbability.data) };
    };
    const input = await run(this.inputs, start);
    const latent = await run(this.latents, joint);
    const decoded: NdArray[] = [];
    for (const position of latent.draws) decoded.push(await this.decode(networks, position));
    return {
      input: { steps: [start, ...input.draws], acceptance: input.acceptance },
      latent: { steps: [start, ...decoded], acceptance: latent.acceptance },
    };
  }
}

/** A generator's output g(z) + σ ε at joint latent positions `[B, k + D]`: `[B, …event]`. */
export function fromJoint(generator: Generator, variables: GeneratorVariables<Tensor>, joint: Tensor): Tensor {
  const [z, epsilon] = unpack(joint, [[generator.noiseDim], generator.event]);
  return generator.sample(variables, z, epsilon, { mode: "eval" }).x;
}

/** Joint latent positions (z, ε), standard normal: `[count, k + D]`. */
export const drawJoint = ({ noiseDim, event }: Generator, count: number, rng: Rng): NdArray =>
  packed(rng.normal([count, noiseDim]), rng.normal([count, ...event]));

/** `[T, B, …]` as T arrays `[B, …]`. */
function rows({ data, shape: [count, ...each] }: NdArray): NdArray[] {
  const size = data.length / count!;
  return Array.from({ length: count! }, (_, i) => new NdArray(data.subarray(i * size, (i + 1) * size), each));
}

/** z and ε as joint positions `[B, k + D]`. */
function packed(z: NdArray, epsilon: NdArray): NdArray {
  const [count] = z.shape as [number];
  const [k, d] = [z.size / count, epsilon.size / count];
  const joint = new Float32Array(count * (k + d));
  for (let i = 0; i < count; i++) {
    joint.set(z.data.subarray(i * k, (i + 1) * k), i * (k + d));
    joint.set(epsilon.data.subarray(i * d, (i + 1) * d), i * (k + d) + k);
  }
  return new NdArray(joint, [count, k + d]);
}

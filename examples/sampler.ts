/**
 * One sampler alone: MALA draws from a log-density that you write down, here a banana in the plane.
 *
 *     npx tsx examples/sampler.ts
 *
 * With x₀ ~ N(0, 1) and x₁ ~ N(x₀²/2, 1), the exact means are 0 and 0.5, the standard deviations 1 and 1.225. It prints estimates within a
 * tenth of these, an acceptance near the target of 0.57 and R̂ near 1. Takes a few seconds; `samplers.hmc` and `samplers.sgld`
 * go in the same place. In a project of your own, import from "vera-ebm".
 */
import { add, mul, Rng, samplers, slice, square, sub, type Tensor } from "../src/index.js";

/** log p(x) up to a constant: any differentiable function [B, 2] → [B]. */
function banana(_: object, x: Tensor): Tensor {
  const [x0, x1] = [slice(x, null, 0), slice(x, null, 1)];
  return mul(add(square(x0), square(sub(x1, mul(square(x0), 0.5)))), -0.5);
}

const rng = new Rng(1);
const { draws, info, state } = await samplers.runChains({
  sampler: samplers.mala({ stepSize: 0.1 }),
  logDensity: banana,
  constants: {},
  init: rng.normal([50, 2]), // 50 chains side by side
  burnIn: 500, // while the step size adapts
  steps: 4000,
  rng,
});

samplers.diagnose(draws).forEach(({ mean, std, rhat, ess }, i) => {
  const facts = [`mean ${mean.toFixed(3)}`, `std ${std.toFixed(3)}`, `R̂ ${rhat.toFixed(3)}`, `ESS ${ess.toFixed(0)}`];
  console.log(`x${i}: ${facts.join(", ")}`);
});
const { mean: rate } = samplers.summarizeAcceptance(info.accepted);
console.log(`acceptance ${rate.toFixed(2)}, step size ${state.stepSize.data[0]!.toFixed(3)}`);

/**
 * One objective alone: sliced score matching learns an unnormalised density without its normalising constant and without samples.
 *
 *     npx tsx examples/score-matching.ts
 *
 * The model is a Gaussian, so that the answer is known: it prints means near 1 and -2 and scales near 0.5 and 2, the ones that the
 * data was drawn with. Takes a few seconds. In a project of your own, import from "vera-ebm".
 */
import {
  array,
  compile,
  div,
  ebm,
  exp,
  mul,
  nn,
  Rng,
  square,
  sub,
  sum,
  type Tensor,
  valueAndGrad,
  zeros,
} from "../src/index.js";

type Params = { mean: Tensor; logScale: Tensor };

/** log p(x) up to a constant: any differentiable function [B, 2] → [B]. */
const logDensity = ({ mean, logScale }: Params, x: Tensor) =>
  mul(sum(square(div(sub(x, mean), exp(logScale))), 1), -0.5);

// One graph: the loss takes two derivatives by x, the step one more by the parameters.
const loss = (p: Params, x: Tensor, epsilon: Tensor) => ebm.slicedScoreMatching((t) => logDensity(p, t), x, epsilon);
const adam = nn.adam();
const step = compile((params: Params, state: nn.OptimizerState<Tensor>, x: Tensor, epsilon: Tensor) => {
  const [value, gradient] = valueAndGrad(loss)(params, x, epsilon);
  return { value, ...adam.update(params, gradient, state, 0.02) };
});

const rng = new Rng(1);
const data = (n: number) => {
  const rows = Array.from({ length: n }, () => [1 + 0.5 * rng.gaussian(), -2 + 2 * rng.gaussian()]);
  return array(rows);
};
let params = { mean: zeros([2]), logScale: zeros([2]) };
let state = adam.init(params);
for (let i = 1; i <= 1000; i++) {
  const next = await step(params, state, data(200), rng.normal([200, 2]));
  ({ params, state } = next);
  if (i % 200 === 0) console.log(`step ${i}: loss ${next.value.item().toFixed(3)}`);
}
const show = (values: ArrayLike<number>) => Array.from(values, (v) => v.toFixed(2)).join(", ");
console.log(`mean ${show(params.mean.data)}; scale ${show(params.logScale.data.map(Math.exp))}`);

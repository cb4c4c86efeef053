/** Energy models on a base measure: f = log q0 + r, and classes that go back to their shares. */
import { expect, test } from "vitest";
import * as ebm from "../../src/ebm/index.js";
import * as g from "../../src/graph/index.js";
import * as nn from "../../src/nn/index.js";
import { compile, NdArray, Rng } from "../../src/runtime/index.js";

const MEASURE = ebm.pool({ gaussian: ebm.gaussianMixture({ components: 1, ridge: 0.01 }) });
const ROWS = new Rng(1).normal([200, 2]);
const base = async () => ({ measure: MEASURE, fitted: await MEASURE.fit(ROWS, new Rng(2)) });
const network = (classes: number | null) =>
  ebm.networkEnergy(nn.largeMlpEbm({ dataDim: 2, outputs: classes ?? 1, weightNorm: false, hidden: [16] }), classes);

async function evaluate(model: ebm.EnergyModel, x: NdArray, variables = model.init(new Rng(3))) {
  const fn = (v: nn.Variables<g.Tensor>, t: g.Tensor) => {
    const { logDensity, logits, residual } = model.evaluate(v, t, { mode: "eval" });
    return { logDensity, residual: residual ?? logDensity, ...(logits && { logits }) };
  };
  const run = compile(fn as never) as unknown as (
    v: nn.Variables<NdArray>,
    t: NdArray,
  ) => Promise<{ logDensity: NdArray; residual: NdArray; logits?: NdArray }>;
  return run(variables, x);
}

test("f is the base and the network's density", async () => {
  const own = network(null);
  const model = ebm.basedModel({ base: await base(), network: own });
  const variables = model.init(new Rng(3));
  const out = await evaluate(model, ROWS, variables);
  const alone = await evaluate(ebm.basedModel({ base: await base(), network: null }), ROWS);
  const r = await evaluate(own, ROWS, { params: variables.params, state: {} });
  for (let i = 0; i < 200; i++) {
    expect(out.logDensity.data[i]).toBeCloseTo(alone.logDensity.data[i]! + r.logDensity.data[i]!, 4);
    expect(out.residual.data[i]).toBeCloseTo(r.logDensity.data[i]!, 5);
  }
});

test("far from the rows classes go back to their shares, near them they are the network's", async () => {
  const shares = [30, 10, 60];
  const own = network(3);
  const model = ebm.basedModel({ base: await base(), network: own, residual: false, shares });
  const variables = model.init(new Rng(3));
  const { params } = variables;
  const far = new NdArray(
    Float32Array.from(ROWS.data, (v) => 100 * v),
    ROWS.shape,
  );
  const out = await evaluate(model, far, variables);
  const f = out.logDensity.data;
  for (let i = 0; i < 200; i++) {
    const joint = [0, 1, 2].map((k) => out.logits!.data[3 * i + k]!);
    if (f[i]! > -200) continue; // a row that was near the centre
    const top = Math.max(...joint);
    const total = top + Math.log(joint.reduce((sum, v) => sum + Math.exp(v - top), 0));
    expect(total).toBeCloseTo(Math.max(f[i]!, -500), 2); // log Σ_y e^logit_y = f, cut off
    const p = joint.map((v) => Math.exp(v - total));
    p.forEach((v, k) => {
      expect(v).toBeCloseTo(shares[k]! / 100, 1);
    });
  }
  const near = await evaluate(model, new NdArray(Float32Array.of(0, 0, 0.1, -0.2), [2, 2]), variables);
  const plain = await evaluate(own, new NdArray(Float32Array.of(0, 0, 0.1, -0.2), [2, 2]), { params, state: {} });
  for (let i = 0; i < 2; i++) {
    const of = (logits: NdArray) => {
      const row = [0, 1, 2].map((k) => logits.data[3 * i + k]!);
      const top = Math.max(...row);
      const sum = row.reduce((a, v) => a + Math.exp(v - top), 0);
      return row.map((v) => Math.exp(v - top) / sum);
    };
    of(near.logits!).forEach((p, k) => {
      expect(p).toBeCloseTo(of(plain.logits!)[k]!, 3);
    });
  }
});

test("penalties act on the network's part alone", async () => {
  const model = ebm.basedModel({ base: await base(), network: network(null) });
  const step = ebm.discrepancyStep({
    model,
    optimizer: nn.adam(),
    weights: { ...ebm.DENSITY_ONLY, pControl: 1 },
    event: [2],
    scale: 0.5,
    negatives: 2,
  });
  const state = step.init(new Rng(4));
  const run = compile(((s: never, x: g.Tensor, noise: never) => {
    const rate = g.constant(Float32Array.of(0), []);
    const [, { metrics }] = step.run(
      s,
      { x },
      noise,
      { energy: rate, generator: rate },
      { energy: true, generator: true },
    );
    return metrics;
  }) as never) as unknown as (s: unknown, x: NdArray, noise: unknown) => Promise<Record<string, NdArray>>;
  const metrics = await run(state, ROWS, step.noise(200, new Rng(5)));
  const { params, state: buffers } = state.energy as never as nn.Variables<NdArray>;
  const { residual } = await evaluate(model, ROWS, { params, state: buffers });
  const squares = Array.from(residual.data).reduce((a, v) => a + v * v, 0) / 200;
  expect(metrics.loss_p_control!.item()).toBeCloseTo(squares, 4);
});

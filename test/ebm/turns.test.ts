/** Two networks without classes: the one beside f learns to tell quarter turns. */
import { expect, test } from "vitest";
import * as ebm from "../../src/ebm/index.js";
import { turned, turnsOf } from "../../src/ebm/turns.js";
import * as g from "../../src/graph/index.js";
import * as nn from "../../src/nn/index.js";
import { compile, isArray, type NdArray, Rng } from "../../src/runtime/index.js";

const density = nn.sequential([(x) => g.flatten(x), nn.linear(1024, 5), g.tanh, nn.linear(5, 1)]);
const network = nn.smallResNet({ channels: 1, outputs: ebm.TURNS, width: 4, norm: "batch" });
const typicality = { channels: nn.smallResNetStages(4), shares: null };
const model = ebm.twoNetworks(density, network, null, { typicality });
const variables = model.init(new Rng(1));

test("row i of a batch is turned by i mod 4 quarters, and the classes say so", async () => {
  const x = new Rng(2).normal([6, 2, 3, 3]);
  const turn = compile((x: g.Tensor) => ({ y: turned(x), turns: turnsOf(6) }));
  const { y, turns } = await turn(x);
  expect([...turns.data]).toEqual([0, 0, 1, 1, 2, 3]);
  const rows = [0, 4, 1, 5, 2, 3];
  const at = ({ data }: NdArray, row: number, channel: number, i: number, j: number) =>
    data[((row * 2 + channel) * 3 + i) * 3 + j];
  for (let row = 0; row < 6; row++)
    for (let c = 0; c < 2; c++)
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++) {
          let [from, to] = [i, j];
          // A quarter turn takes what is at (2 - j, i) to (i, j).
          for (let k = 0; k < turns.data[row]!; k++) [from, to] = [2 - to, from];
          expect(at(y, row, c, i, j)).toBe(at(x, rows[row]!, c, from, to));
        }
});

test("a batch of fewer rows than turns has those that it has rows for", async () => {
  const { y, turns } = await compile((x: g.Tensor) => ({ y: turned(x), turns: turnsOf(2) }))(
    new Rng(2).normal([2, 1, 2, 2]),
  );
  expect([y.shape[0], ...turns.data]).toEqual([2, 0, 1]);
});

test("there are no logits of classes; in training those of turns; in evaluation f counts how usual the layers look", async () => {
  const evaluate = compile((v: nn.Variables<g.Tensor>, x: g.Tensor) => {
    const train = model.evaluate(v, x, { mode: "train" });
    const evaluated = model.evaluate(v, x, { mode: "eval" });
    expect([train.logits, evaluated.logits, evaluated.turnLogits]).toEqual([null, null, undefined]);
    const stages = evaluated.stages!.map(ebm.channelStatistics);
    return { turns: train.turnLogits!, own: train.logDensity, f: evaluated.logDensity, stages };
  });
  const look = (seed: number, v = variables) => evaluate(v, new Rng(seed).normal([40, 1, 32, 32]));
  const [known, heldOut] = [await look(2), await look(3)];
  expect(known.turns.shape).toEqual([40, 4]);
  expect(known.f.data).toEqual(known.own.data);
  const looked = ({ f, stages }: typeof known) => ({ logDensity: f, stages });
  const fitted = ebm.fittedTypicality(looked(known), looked(heldOut), null);
  expect(Object.keys(fitted)).toEqual(["weight", "stages"]);
  const after = await look(3, { params: variables.params, state: { ...variables.state, typicality: fitted } });
  expect(after.f.data.every((f, i) => f < heldOut.f.data[i]!)).toBe(true);
});

test("a step without labels teaches both networks", async () => {
  const optimizer = nn.adam();
  const energy = { ...variables, optimizer: optimizer.init(variables.params) };
  const learner = { model, optimizer, weights: ebm.DENSITY_ONLY };
  const step = compile((energy: ebm.Trained<g.Tensor>, x: g.Tensor, samples: g.Tensor) => {
    const { energy: next, metrics } = ebm.energyStep(learner, {
      energy,
      batch: { x },
      samples,
      rate: g.constant(0.01),
    });
    return { params: next.params, metrics };
  });
  const [x, samples] = [new Rng(4).normal([8, 1, 32, 32]), new Rng(5).normal([8, 1, 32, 32])];
  const { params, metrics } = await step(energy, x, samples);
  expect(metrics.loss_turns!.item()).toBeGreaterThan(0);
  expect(metrics.accuracy_turns!.item()).toBeLessThanOrEqual(1);
  const before = new Map(g.leaves(variables.params, isArray));
  const moved = g
    .leaves(params, isArray)
    .filter(([name, { data }]) => data.some((v, i) => v !== before.get(name)!.data[i]));
  expect(moved.some(([name]) => name.startsWith("density."))).toBe(true);
  expect(moved.some(([name]) => name.startsWith("classifier.linear"))).toBe(true);
});

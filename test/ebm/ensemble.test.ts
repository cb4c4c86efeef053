/** The classifier of tables: its encoding in the graph, the ensemble, one iteration, and what a fit keeps. */
import { describe, expect, test } from "vitest";
import { encode } from "../../src/ebm/ensemble/columns.js";
import {
  type EnsembleGroup,
  encodeMatrix,
  encodingBuffers,
  ensembleStep,
  fitEncoding,
  fitEnsemble,
  fittedClassifier,
} from "../../src/ebm/index.js";
import { leaves, type Tensor } from "../../src/graph/index.js";
import { applyEnsemble, type Dict, ensembleMasks, initEnsemble } from "../../src/nn/index.js";
import { array, compile, full, integers, isArray, NdArray, Rng } from "../../src/runtime/index.js";

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i]!)));

describe("encoding in the graph", () => {
  /** A Gaussian, a column of few values, one of three levels, one with many zeros. */
  const rows = (n: number, seed: number) => {
    const rng = new Rng(seed);
    const values = Array.from({ length: n }, () => {
      const level = rng.below(3);
      return [rng.gaussian(), rng.below(4), ...[0, 1, 2].map((k) => Number(k === level)), Math.max(0, rng.gaussian())];
    });
    return new NdArray(Float32Array.from(values.flat()), [n, 6]);
  };

  test("is that of the host, whatever the order, beyond the rows as well", async () => {
    const columns = fitEncoding(rows(500, 1), [[2, 3]]);
    const others = rows(101, 2);
    others.data[0] = 50;
    others.data[7] = -50;
    const expected = encode(others, columns);
    const found = await encodeMatrix(encodingBuffers(columns), others);
    expect(found.shape).toEqual([101, expected.width]);
    for (let i = 0; i < 101; i++) {
      const row = (data: ArrayLike<number>) => Array.from(data).slice(i * expected.width, (i + 1) * expected.width);
      const sorted = (data: ArrayLike<number>) => row(data).sort((a, b) => a - b);
      expect(distance(sorted(found.data), sorted(expected.data))).toBeLessThan(2e-5);
    }
  });

  test("does without numbers, and without categories", async () => {
    const levels = array([
      [1, 0],
      [0, 1],
    ]);
    expect((await encodeMatrix(encodingBuffers(fitEncoding(levels, [[0, 2]])), levels)).data).toEqual(levels.data);
    const numbers = array([[1], [2], [3]]);
    const encoded = await encodeMatrix(encodingBuffers(fitEncoding(numbers, [])), numbers);
    expect(encoded.shape).toEqual([3, 3]); // a score and two codes
    expect(Array.from(encoded.data).filter((_, i) => i % 3 > 0)).toEqual([0, 0, 1, 0, 1, 1]);
  });

  test("of very many columns each has few codes", () => {
    const width = 1500;
    const wide = new Rng(0).normal([40, width]);
    const codes = fitEncoding(wide, []).map((c) => (c.kind === "number" ? c.edges.length - 1 : 0));
    expect(Math.max(...codes)).toBeLessThanOrEqual(4);
  });
});

const SIZE = { groups: 2, members: 3, inputs: 4, hidden: 8, outputs: 3 };
const logitsOf = compile(((params: Dict<Tensor>, x: Tensor) => applyEnsemble(params, x)) as never) as never as (
  params: Dict<NdArray>,
  x: NdArray,
) => Promise<NdArray>;

describe("the ensemble", () => {
  const params = initEnsemble(SIZE, 4, new Rng(1));

  test("has logits of every member, and members differ", async () => {
    const logits = await logitsOf(params, new Rng(2).normal([1, 5, 4]));
    expect(logits.shape).toEqual([2, 3, 5, 3]);
    const member = (k: number) => logits.data.subarray(k * 15, (k + 1) * 15);
    for (let k = 1; k < 6; k++) expect(distance(member(0), member(k))).toBeGreaterThan(0.01);
  });

  test("groups share nothing", async () => {
    const x = new Rng(2).normal([1, 5, 4]);
    const first = (params.matrices as Dict<NdArray>).first as NdArray;
    const changed = Float32Array.from(first.data, (v, i) => (i < first.size / 2 ? v : v + 1));
    const other = {
      ...params,
      matrices: { ...(params.matrices as Dict<NdArray>), first: new NdArray(changed, first.shape) },
    };
    const [a, b] = [await logitsOf(params, x), await logitsOf(other, x)];
    expect(b.data.subarray(0, 45)).toEqual(a.data.subarray(0, 45));
    expect(distance(b.data.subarray(45), a.data.subarray(45))).toBeGreaterThan(0.01);
  });

  test("masks are each group's own rate, and keep the mean", () => {
    const { first } = ensembleMasks([0.1, 0.5], 100, 50, new Rng(3)) as { first: NdArray };
    expect(first.shape).toEqual([2, 1, 100, 50]);
    for (const [group, p] of [0.1, 0.5].entries()) {
      const own = Array.from(first.data.subarray(group * 5000, (group + 1) * 5000));
      expect(own.filter((v) => v === 0).length / 5000).toBeCloseTo(p, 1);
      expect(own.reduce((a, b) => a + b) / 5000).toBeCloseTo(1, 1);
    }
  });
});

describe("an iteration", () => {
  const x = new Rng(5).normal([6, 4]);
  const run = async (targets: NdArray, weightDecay = 0, rate = 0) => {
    const step = ensembleStep(3, weightDecay);
    const compiled = compile(step.run as never) as never as (
      ...args: unknown[]
    ) => Promise<[{ params: Dict<NdArray> }, { loss: NdArray }]>;
    const state = step.init(initEnsemble(SIZE, 4, new Rng(1)));
    const inputs = {
      rows: integers([0, 1, 2, 3, 4, 5], [2, 3]),
      masks: ensembleMasks([0, 0], 3, 8, new Rng(0)),
      rate: full([], rate),
      decay: full([], 0.9),
    };
    return { before: state, after: await compiled(state, inputs, { x, targets }) };
  };
  const classes = [0, 2, 1, 1, 0, 2];
  const certain = array(classes.map((c) => [0, 1, 2].map((k) => Number(k === c))));

  test("takes classes, or probabilities that may be certain", async () => {
    const [hard, soft] = [await run(integers(classes)), await run(certain)];
    expect(soft.after[1].loss.item()).toBeCloseTo(hard.after[1].loss.item(), 6);
    expect(hard.after[1].loss.item()).toBeGreaterThan(0.5);
  });

  test("soft targets are the mean of certain ones", async () => {
    const half = certain.data.map((v, i) => (v + Number(i % 3 === 0)) / 2);
    const zero = integers([0, 0, 0, 0, 0, 0]);
    const [a, b, mixed] = [await run(certain), await run(zero), await run(new NdArray(half, [6, 3]))];
    const mean = (a.after[1].loss.item() + b.after[1].loss.item()) / 2;
    expect(mixed.after[1].loss.item()).toBeCloseTo(mean, 5);
  });

  test("only matrices decay", async () => {
    const [still, decayed] = [await run(integers(classes), 0, 0.01), await run(integers(classes), 1, 0.01)];
    const names = leaves(still.after[0].params, isArray);
    const others = new Map(leaves(decayed.after[0].params, isArray));
    for (const [name, value] of names) {
      const moved = distance(value.data, others.get(name)!.data);
      if (name.startsWith("matrices")) expect(moved, name).toBeGreaterThan(1e-4);
      else expect(moved, name).toBe(0);
    }
  });
});

describe("a fit", () => {
  /** Two classes that no line divides: the sign of a product, of which a few per cent are wrong. */
  const n = 240;
  const rng = new Rng(7);
  const x = rng.normal([n, 2]);
  const y = Int32Array.from({ length: n }, (_, i) =>
    Number(x.data[2 * i]! * x.data[2 * i + 1]! > 0 !== rng.random() < 0.05),
  );
  const all = Int32Array.from({ length: n }, (_, i) => i);
  const holding = (group: number, dropout = 0.1): EnsembleGroup => ({
    rows: all.filter((i) => i % 4 !== group),
    heldOut: all.filter((i) => i % 4 === group),
    dropout,
  });
  const task = (steps: number, groups: EnsembleGroup[], targets = integers(y)) => ({
    data: { x, targets },
    classes: 2,
    groups,
    steps,
    weightDecay: 0.1,
  });
  const accuracy = (p: { rows: Int32Array; logProbability: Float32Array }) =>
    p.rows.filter((row, i) => Number(p.logProbability[2 * i + 1]! > p.logProbability[2 * i]!) === y[row]).length /
    p.rows.length;

  test("learns, is the same again, and predicts what it held out", async () => {
    const fits = [];
    for (let i = 0; i < 2; i++) fits.push(await fitEnsemble(task(100, [holding(0), holding(1, 0.3)]), new Rng(1)));
    const [first, again] = fits.map(({ network }) => leaves(network, isArray));
    expect(again).toEqual(first);
    for (const [group, p] of fits[0]!.predictions.entries()) {
      expect(p.rows).toEqual(holding(group).heldOut);
      expect(accuracy(p), `group ${group}`).toBeGreaterThan(0.8);
    }
    expect(first!.every(([, { shape }]) => shape[0] === 2)).toBe(true);
  });

  test("keeps each group's best weights, and ends where nothing improves", async () => {
    // What is held out has other labels than what is learned: the longer, the worse.
    const wrong = Int32Array.from(y, (c, i) => (i % 4 === 0 ? 1 - c : c));
    const seen: { step: number; heldOut: number | null }[] = [];
    const fit = await fitEnsemble(task(400, [holding(0)], integers(wrong)), new Rng(1), {
      onProgress: ({ step, heldOut }) => void seen.push({ step, heldOut }),
    });
    const losses = seen.flatMap(({ heldOut }) => (heldOut === null ? [] : [heldOut]));
    expect(seen.at(-1)!.step).toBeLessThan(400);
    const kept = fit.predictions[0]!;
    const loss =
      kept.rows.reduce((sum, row, i) => sum - kept.logProbability[2 * i + wrong[row]!]!, 0) / kept.rows.length;
    expect(loss).toBeCloseTo(Math.min(...losses), 5);
    expect(losses.at(-1)!).toBeGreaterThan(loss);
  });

  test("from probabilities of all rows, without any held out", async () => {
    const soft = Float32Array.from({ length: 2 * n }, (_, i) => (y[i >> 1] === i % 2 ? 0.9 : 0.1));
    const group = { rows: all, heldOut: new Int32Array(0), dropout: 0.1 };
    const fit = await fitEnsemble(task(150, [group], new NdArray(soft, [n, 2])), new Rng(1));
    const [p] = fit.predictions as [(typeof fit.predictions)[number]];
    expect(accuracy(p)).toBeGreaterThan(0.85);
    expect(Math.max(...p.logProbability)).toBeLessThan(Math.log(0.999)); // not more certain than it was told to be
  });

  test("stops where it is told to", async () => {
    const controller = new AbortController();
    const fit = await fitEnsemble(task(100, [holding(0)]), new Rng(1), {
      signal: controller.signal,
      onProgress: ({ step }) => {
        if (step >= 20) controller.abort();
      },
    });
    expect(fit.stopped).toEqual({ step: 20, steps: 100 });
  });
});

test("as a model: the mean of the groups' probabilities, each at the temperature", async () => {
  const rows = new Rng(4).normal([30, 2]);
  const encoding = encodingBuffers(fitEncoding(rows, []));
  const x = await encodeMatrix(encoding, rows);
  const network = initEnsemble({ ...SIZE, inputs: x.shape[1]! }, 4, new Rng(1));
  const model = fittedClassifier({ encoding, network, temperature: array([2]), heldout: array([0]) }, 3);
  const evaluate = compile(((v: never, input: Tensor) => {
    const { logDensity, logits } = model.evaluate(v, input, { mode: "eval" });
    return { logDensity, logits: logits! };
  }) as never) as never as (v: unknown, x: NdArray) => Promise<{ logDensity: NdArray; logits: NdArray }>;
  const { logDensity, logits } = await evaluate(model.init(new Rng(0)), rows);

  const members = await logitsOf(network, new NdArray(x.data, [1, ...x.shape]));
  const softmax = (z: number[]) => {
    const e = z.map((v) => Math.exp(v));
    return e.map((v) => v / e.reduce((a, b) => a + b));
  };
  const at = (group: number, k: number, i: number) =>
    Array.from(members.data.subarray(((group * 3 + k) * 30 + i) * 3, ((group * 3 + k) * 30 + i + 1) * 3));
  for (const i of [0, 29]) {
    const groups = [0, 1].map((group) => {
      const each = [0, 1, 2].map((k) => softmax(at(group, k, i)));
      const mean = [0, 1, 2].map((c) => each.reduce((sum, p) => sum + p[c]! / 3, 0));
      return softmax(mean.map((p) => Math.log(p) / 2));
    });
    const found = softmax(Array.from(logits.data.subarray(3 * i, 3 * i + 3)));
    for (const [c, p] of found.entries()) expect(p).toBeCloseTo((groups[0]![c]! + groups[1]![c]!) / 2, 4);
    const f = Math.log(Array.from(logits.data.subarray(3 * i, 3 * i + 3)).reduce((a, v) => a + Math.exp(v), 0));
    expect(logDensity.data[i]).toBeCloseTo(f, 4);
  }
});

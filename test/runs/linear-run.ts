/** Models whose every number is known in closed form, in the form of a loaded run. */
import { allRows, FloatSplit, type Preprocessing } from "../../src/data/index.js";
import { networkEnergy } from "../../src/ebm/index.js";
import { add, matmul, mul, type Tensor } from "../../src/graph/index.js";
import { stateless, variable } from "../../src/nn/index.js";
import type { TrainedRun } from "../../src/runs/index.js";
import { array, type NdArray } from "../../src/runtime/index.js";

export interface Closed {
  /** `[K][D]`, of logits W x + b; or one row for f(x) = w x + b, without classes. */
  readonly weight: readonly (readonly number[])[];
  readonly bias: readonly number[];
  readonly classes: number | null;
  /** Adds -curvature/2 ‖x‖² to every output. Default 0. */
  readonly curvature?: number;
  readonly preprocessing?: Preprocessing;
  readonly folder?: string;
}

export function linearRun({ weight, bias, classes, curvature = 0, preprocessing, folder = "." }: Closed): TrainedRun {
  const network = stateless(
    () => ({}),
    (params, x: Tensor) => {
      const quadratic = matmul(mul(x, x), variable(params, "ones"));
      const outputs = add(matmul(x, variable(params, "weight"), { transB: true }), variable(params, "bias"));
      return add(outputs, mul(quadratic, -curvature / 2));
    },
  );
  const dim = weight[0]!.length;
  const params = { weight: array(weight), bias: array(bias), ones: array(Array<number>(dim).fill(1), [dim, 1]) };
  const names = classes === null ? null : Array.from({ length: classes }, (_, k) => `class ${k}`);
  return {
    folder,
    checkpoint: `${folder}/checkpoints/last.safetensors`,
    config: {} as never,
    info: {
      vera: "0",
      data: {
        name: "closed",
        fingerprint: "none",
        shape: [dim],
        classes: names,
        preprocessing: preprocessing ?? { kind: "none" },
      },
    },
    model: networkEnergy(network, classes),
    variables: { params, state: {} },
    generator: null,
    training: {} as never,
    iteration: 1,
  };
}

/** Rows as a split. */
export function rowsOf(x: NdArray, y: Int32Array | null = null): FloatSplit {
  return new FloatSplit(x.data as Float32Array, x.shape.slice(1), allRows(x.shape[0]!), y);
}

/**
 * `vera export --format onnx`: a trained model as one file that any ONNX runtime runs. Parameters are stored in it, preprocessing
 * is part of the graph, batches have any size, operators are ONNX's own.
 */
import { readFile } from "node:fs/promises";
import * as g from "../graph/index.js";
import type { Variables } from "../nn/index.js";
import type { TrainedRun } from "../runs/index.js";
import { type NamedArgs, trace } from "../runtime/compile.js";
import { isArray, type NdArray, zeros } from "../runtime/index.js";
import { lower } from "../runtime/lower/index.js";
import { encodeModel, type OnnxModel } from "../runtime/onnx.js";
import { giveColumns, takeColumns } from "./columns.js";
import { dynamicBatch } from "./dynamic-batch.js";
import { ExportError } from "./error.js";
import { type ModelMetadata, metadataEntries, publishedValues } from "./metadata.js";
import { type OperatingPoint, operatingPoint } from "./operating-point.js";
import { prepare, restore } from "./preprocessing.js";

export interface OnnxOptions {
  /** Default `model`. */
  readonly part?: "model" | "generator";
  /** Adds ‖∇ₓ f(x)‖, x being the model's own input, after preprocessing. Default false. */
  readonly gradientNorm?: boolean;
  /** Is told what the model lacks, and why. */
  readonly onNote?: (text: string) => void;
}

/**
 * The bytes of an `.onnx` file.
 *
 * `model`: `x` (values as published, see `preprocessing.ts`; of tables `columns.ts`) → `log_density` `[batch]`; with classes `logits` and
 * `probabilities` `[batch, K]`, the latter calibrated; where a threshold is known `out_of_distribution` `[batch]`, which is
 * true where the log-density is below it; on demand `gradient_norm` `[batch]`.
 *
 * `generator`: `z` `[batch, noiseDim]`, standard normal → `x`, the generator's mean g(z) as published values; of a table what the
 * model takes.
 * @throws ExportError for the generator of a run that has none.
 */
export async function exportOnnx(
  run: TrainedRun,
  { part = "model", gradientNorm = false, onNote = () => {} }: OnnxOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const point = part === "model" ? await operatingPoint(run, onNote) : { temperature: 1, oodThreshold: null };
  const model = part === "model" ? deployedModel(run, point, gradientNorm) : deployedGenerator(run);
  const { vera, data } = { vera: await version(), data: run.info.data };
  const metadata: ModelMetadata = {
    part,
    vera,
    dataset: data.name,
    fingerprint: data.fingerprint,
    classes: run.model.classes === null ? null : data.classes,
    values: publishedValues(data.preprocessing),
    ...point,
  };
  return encodeModel({ ...model, metadata: metadataEntries(metadata) });
}

function deployedModel(run: TrainedRun, point: OperatingPoint, gradientNorm: boolean): OnnxModel {
  const { model, variables } = run;
  const { preprocessing, shape } = run.info.data;
  const fn = (variables: Variables<g.Tensor>, published: g.Tensor) => {
    const evaluate = (x: g.Tensor) => model.evaluate(variables, x, { mode: "eval" });
    const x = prepare(published, preprocessing);
    const { logits, logDensity } = evaluate(x);
    return {
      ...(logits !== null && { logits, probabilities: calibrated(logits, point.temperature) }),
      log_density: logDensity,
      ...(point.oodThreshold !== null && { out_of_distribution: isBelow(logDensity, point.oodThreshold) }),
      ...(gradientNorm && { gradient_norm: rowNorm(g.grad((t: g.Tensor) => g.sum(evaluate(t).logDensity))(x)) }),
    };
  };
  if (preprocessing.kind !== "table") return standalone("model", fn, variables, "x", shape);
  return takeColumns(standalone("model", fn, variables, "features", shape), preprocessing);
}

function deployedGenerator({ generator, info }: TrainedRun): OnnxModel {
  if (generator === null) throw new ExportError("this run has no generator: it was trained without one");
  const { model, variables } = generator;
  const { preprocessing } = info.data;
  const isTable = preprocessing.kind === "table";
  const fn = (variables: Variables<g.Tensor>, z: g.Tensor) => ({
    [isTable ? "features" : "x"]: restore(model.mean(variables, z, { mode: "eval" }).mean, preprocessing),
  });
  const { params, state } = variables;
  const deployed = standalone("generator", fn, { params: params.g, state }, "z", [model.noiseDim]);
  return isTable ? giveColumns(deployed, preprocessing) : deployed;
}

/** softmax(logits / temperature). Far from the data logits are large: differences are exact where quotients would be rounded. */
const calibrated = (logits: g.Tensor, temperature: number): g.Tensor =>
  g.softmax(g.div(g.sub(logits, g.max(logits, 1, true)), temperature), 1);

/** What f loses to rounding in another runtime, relative where it is above 1. */
const ROUNDING = 1e-6;

/**
 * What is not a number is below any threshold. The threshold is f of a row held out, which is not below it: nor may rounding put it
 * there.
 */
const isBelow = (f: g.Tensor, threshold: number): g.Tensor =>
  g.logicalNot(g.lessEqual(threshold - ROUNDING * Math.max(1, Math.abs(threshold)), f));

/** ‖x‖ of each row. */
const rowNorm = (x: g.Tensor): g.Tensor => g.sqrt(g.sum(g.square(g.flatten(x)), 1));

/** A function of variables and one input, as a model of the input alone that has the variables in it. */
function standalone(
  name: string,
  fn: (variables: Variables<g.Tensor>, x: g.Tensor) => g.TensorTree,
  variables: Variables<NdArray>,
  input: string,
  event: g.Shape,
): OnnxModel {
  const args: NamedArgs = [
    ["", variables],
    [input, zeros([1, ...event])],
  ];
  const build = (batch: number) => {
    const viewAs = (type: g.TensorType, arg: string) => (arg === input ? { ...type, shape: [batch, ...event] } : type);
    const { graph } = trace(name, fn as (...args: never[]) => g.TensorTree, args, "", viewAs);
    return store(lower(graph, { standardOnly: true }), g.leaves(variables, isArray), input);
  };
  return dynamicBatch(build, input);
}

/** A model whose inputs are stored in it, but for one. */
function store(model: OnnxModel, values: readonly (readonly [string, NdArray])[], input: string): OnnxModel {
  const used = new Set(model.nodes.flatMap((n) => n.inputs));
  const stored = values
    .filter(([name]) => used.has(name))
    .map(([name, { dtype, shape, data }]) => ({
      name,
      dtype,
      shape,
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    }));
  return {
    ...model,
    initializers: [...stored, ...model.initializers],
    inputs: model.inputs.filter((v) => v.name === input),
  };
}

async function version(): Promise<string> {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(await readFile(file, "utf8")) as { version: string }).version;
}

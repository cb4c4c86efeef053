/**
 * An Inception-V3 for `vera sample --quality --features`, as an ONNX file: made of the one that the npm package nsfwjs 4.4.0 holds.
 *
 *   npm pack nsfwjs@4.4.0 && tar xzf nsfwjs-4.4.0.tgz
 *   npm run bench:inception -- package/dist/models/inception_v3 inception.onnx
 *   vera sample RUN --quality --features inception.onnx --feature-range 0 1
 *
 * It was trained further, to tell five kinds of pictures, and its weights are of 8 bits: distances in its 2,048 features (what its last
 * pooling gives) are no FID, and compare with others of this very file only.
 */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import * as v from "valibot";
import { type Attribute, encodeModel, float, type Initializer, type OnnxNode } from "../src/runtime/onnx.js";

const [folder, target] = process.argv.slice(2);
if (folder === undefined || target === undefined) throw new Error("usage: bench:inception -- MODEL_DIR OUT.onnx");
const require = createRequire(resolve(folder, "model.min.js"));

/** The layer whose output is the features. */
const FEATURES = "average_pooling2d_10";
const SIDE = 299;

const Pair = v.tuple([v.number(), v.number()]);
const Layer = v.object({
  name: v.string(),
  class_name: v.string(),
  config: v.object({
    strides: v.optional(Pair),
    pool_size: v.optional(Pair),
    padding: v.optional(v.picklist(["same", "valid"])),
    epsilon: v.optional(v.number()),
    activation: v.optional(v.string()),
    use_bias: v.optional(v.boolean()),
    scale: v.optional(v.boolean()),
  }),
  inbound_nodes: v.array(
    v.array(
      v.pipe(
        v.array(v.unknown()),
        v.transform((inbound) => String(inbound[0])),
      ),
    ),
  ),
});
const Weight = v.object({
  name: v.string(),
  shape: v.array(v.number()),
  quantization: v.object({ min: v.number(), scale: v.number(), dtype: v.literal("uint8") }),
});
const Model = v.object({
  modelTopology: v.object({ model_config: v.object({ config: v.object({ layers: v.array(Layer) }) }) }),
  weightsManifest: v.tuple([v.object({ paths: v.array(v.string()), weights: v.array(Weight) })]),
});

const model = v.parse(Model, require("./model.min.js"));
const [{ paths, weights }] = model.weightsManifest;
/** A shard is the Base64 of its bytes. */
const bytes = Buffer.concat(
  paths.map((path) => Buffer.from(v.parse(v.string(), require(`./${path}.min.js`)), "base64")),
);

/** Name → shape and values; weights lie one behind the other. */
const values = new Map<string, { shape: readonly number[]; data: Float32Array }>();
let at = 0;
for (const { name, shape, quantization } of weights) {
  const size = shape.reduce((a, b) => a * b, 1);
  values.set(name, {
    shape,
    data: Float32Array.from(bytes.subarray(at, at + size), (q) => quantization.min + quantization.scale * q),
  });
  at += size;
}
if (at !== bytes.length) throw new Error(`${bytes.length} bytes of weights, ${at} expected`);

const nodes: OnnxNode[] = [];
const initializers: Initializer[] = [];
const constant = (name: string, shape: readonly number[], data: Float32Array): string => {
  initializers.push({ name, dtype: "f32", shape, bytes: new Uint8Array(data.buffer) });
  return name;
};
const weight = (name: string) => {
  const found = values.get(name);
  if (found === undefined) throw new Error(`no weight ${name}`);
  return found;
};
const vector = (name: string): string => constant(name, weight(name).shape, weight(name).data);
/** [H, W, I, O] → [O, I, H, W]. */
function kernel(name: string): string {
  const { shape, data } = weight(name);
  const [h, w, i, o] = shape as [number, number, number, number];
  const out = new Float32Array(data.length);
  for (let k = 0; k < data.length; k++) {
    const [place, input, output] = [Math.floor(k / (i * o)), Math.floor(k / o) % i, k % o];
    out[(output * i + input) * h * w + place] = data[k]!;
  }
  return constant(name, [o, i, h, w], out);
}

const padding = (kind: "same" | "valid" | undefined): string => (kind === "same" ? "SAME_UPPER" : "VALID");

for (const { name, class_name, config, inbound_nodes } of model.modelTopology.model_config.config.layers) {
  const add = (op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}) =>
    nodes.push({ name, op, domain: "", inputs, outputs: [name], attributes });
  const from = inbound_nodes[0] ?? [];
  const window = () => ({
    auto_pad: padding(config.padding),
    strides: config.strides!,
    kernel_shape: config.pool_size!,
  });
  if (class_name === "Conv2D") {
    if (config.use_bias || config.activation !== "linear") throw new Error(`${name}: a bias or an activation`);
    add("Conv", [...from, kernel(`${name}/kernel`)], { auto_pad: padding(config.padding), strides: config.strides! });
  } else if (class_name === "BatchNormalization") {
    if (config.scale) throw new Error(`${name}: a factor`);
    const { shape, data } = weight(`${name}/beta`);
    const gamma = constant(`${name}/gamma`, shape, new Float32Array(data.length).fill(1));
    const rest = ["beta", "moving_mean", "moving_variance"].map((part) => vector(`${name}/${part}`));
    const inputs = [...from, gamma, ...rest];
    add("BatchNormalization", inputs, { epsilon: float(config.epsilon!) });
  } else if (class_name === "Activation" && config.activation === "relu") add("Relu", from);
  else if (class_name === "MaxPooling2D") add("MaxPool", from, window());
  else if (class_name === "AveragePooling2D") add("AveragePool", from, window());
  else if (class_name === "Concatenate") add("Concat", from, { axis: 1 });
  else if (class_name !== "InputLayer") throw new Error(`${name}: a layer of kind ${class_name}`);
  if (name === FEATURES) break;
}

writeFileSync(
  target,
  encodeModel({
    name: "inception-v3 of nsfwjs 4.4.0",
    opsets: { "": 17 },
    nodes,
    initializers,
    inputs: [{ name: "input_1", dtype: "f32", shape: ["N", 3, SIDE, SIDE] }],
    outputs: [{ name: FEATURES, dtype: "f32", shape: ["N", 2048, 1, 1] }],
  }),
);

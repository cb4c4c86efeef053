/** The last function of an imported generator, for every combination of flags, against what the original's own classes give. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mapTree, type Tensor } from "../../src/graph/index.js";
import { readArgs } from "../../src/interchange/index.js";
import { type Evidence, inferSettings } from "../../src/interchange/infer.js";
import type { Dict } from "../../src/nn/index.js";
import { defaults } from "../../src/runs/config/options.js";
import { resolveConfig, type TrainConfig } from "../../src/runs/index.js";
import { generatorModel } from "../../src/runs/setup/networks.js";
import { compile, isArray, type NdArray, Rng } from "../../src/runtime/index.js";
import * as numbers from "./named-numbers.js";

type Shapes = Readonly<Record<string, readonly number[]>>;
interface Case {
  readonly args: Readonly<Record<string, unknown>>;
  readonly energy: Shapes;
  readonly generator: Shapes;
  /** Of two outputs, one number in so many. */
  readonly output: readonly number[];
}
const CASES = JSON.parse(
  gunzipSync(readFileSync(new URL("golden/generators.json.gz", import.meta.url))).toString(),
) as Record<string, Case>;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-generators-"));
});
afterAll(() => rm(folder, { recursive: true }));

const evidence = ({ energy, generator }: Case): Evidence => {
  const map = (shapes: Shapes) => new Map(Object.entries(shapes).map(([name, shape]) => [name, { shape }]));
  const adam = { energy: null, generator: null };
  return { jem: false, energy: map(energy), generator: map(generator), adam, decay: null, iteration: 0 };
};

/** As `vera import --args args.txt` has it. */
async function imported(each: Case): Promise<TrainConfig> {
  const file = join(folder, "args.txt");
  await writeFile(file, JSON.stringify(each.args));
  const flags = { ...(await readArgs(file)), dcganWidth: 4 };
  return resolveConfig({ file: { ...defaults(), ...inferSettings(evidence(each), flags) }, flags });
}

type Compiled = (params: Dict<NdArray>, state: Dict<NdArray>, z: NdArray) => Promise<NdArray>;

async function outputs(config: TrainConfig, name: string): Promise<number[]> {
  const generator = generatorModel(config, { event: config.shape!, classes: null });
  const { params, state } = generator.init(new Rng(0));
  const filled = mapTree(params.g, isArray, ({ shape }: NdArray, path: string) =>
    numbers.weight(`generator.g.${path}`, shape),
  ) as Dict<NdArray>;
  const mean = (compile as unknown as (f: unknown) => Compiled)(
    (p: never, s: never, z: Tensor) => generator.mean({ params: p, state: s }, z, { mode: "eval" }).mean,
  );
  const y = await mean(filled, state, numbers.noise(name, [2, config.noiseDim]));
  const stride = Math.max(1, Math.floor(y.size / 16));
  return [...y.data].filter((_, i) => i % stride === 0);
}

describe.each(Object.keys(CASES))("%s", (name) => {
  test("computes what the original does", async () => {
    const { output } = CASES[name]!;
    const found = await outputs(await imported(CASES[name]!), name);
    expect(found).toHaveLength(output.length);
    // Outputs are of the order of 1; both sides sum up to 512 products in 32 bits.
    for (const [i, v] of found.entries()) expect(Math.abs(v - output[i]!), `${i}`).toBeLessThan(2e-5);
  });
});

test("the combinations tell the last functions apart", async () => {
  const found = new Set<string>();
  for (const each of Object.values(CASES)) found.add((await imported(each)).outputActivation);
  expect(found).toEqual(new Set(["none", "tanh", "sigmoid"]));
  const { "mlp nice logit": nice, "mlp plain logit": plain } = CASES as Record<string, Case>;
  expect(Math.max(...nice!.output.map(Math.abs))).toBeGreaterThan(1); // beyond tanh
  expect(Math.max(...plain!.output.map(Math.abs))).toBeLessThan(1);
});

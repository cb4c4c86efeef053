/**
 * Both directions with PyTorch itself, at the original's sizes: a checkpoint that PyTorch saves is imported and computes the same; a
 * run from here is exported, loads in PyTorch with `weights_only`, computes the same, and trains on there.
 *
 *   PYTHON=python3 npx tsx test/interchange/proof/proof.ts [CASE …]
 *
 * (The same next training step is proved by step.test.ts, from checkpoints that PyTorch saved.)
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor } from "../../../src/graph/index.js";
import { exportForPyTorch, importCheckpoint } from "../../../src/interchange/index.js";
import { loadRun } from "../../../src/runs/index.js";
import { nodeEngine } from "../../../src/runtime/engine-node.js";
import { compile, NdArray, readSafetensors, setDefaultEngine } from "../../../src/runtime/index.js";

setDefaultEngine(nodeEngine({ threads: 2 }));
const folder = mkdtempSync(join(tmpdir(), "vera-proof-"));
const table = join(folder, "table.csv");
const row = (i: number) => `${[...Array(7).keys()].map((j) => Math.sin(i * 7.1 + j)).join()},${"abc"[i % 3]}`;
writeFileSync(table, `${[..."pqrstuv"].join()},class\n${[...Array(300).keys()].map(row).join("\n")}\n`);

/** What the checkpoints do not say. */
const CASES: Readonly<Record<string, Record<string, unknown>>> = {
  toy: { dataset: "moons" },
  "toy-hmc": { dataset: "moons" },
  mog: { dataset: "8gaussians" },
  nice: { logit: true },
  "mlp-image": {},
  "mlp-table": { csv: table, label: "class" },
  dcgan32: { dataset: "cifar10" },
  dcgan64: {},
  "dcgan-bn": { dataset: "svhn" },
  resnet: { dataset: "cifar10" },
  "wide-resnet-28-2": {},
  "wide-resnet-28-2-batch": { dataset: "cifar10" },
  "wide-resnet-28-10": { dataset: "cifar10" },
};

const python = (action: string, name: string, ...more: string[]) =>
  execFileSync(
    process.env.PYTHON ?? "python3",
    [new URL("proof.py", import.meta.url).pathname, action, folder, name, ...more],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  ).toString();

type Apply = (f: unknown) => (...args: unknown[]) => Promise<NdArray>;

/** ‖ours - PyTorch's‖ / ‖PyTorch's‖ of both networks' outputs on PyTorch's inputs. */
async function compare(run: string, name: string): Promise<number[]> {
  const expected = readSafetensors(readFileSync(join(folder, `${name}.safetensors`))).tensors;
  const { model, variables, generator, info } = await loadRun(run);
  const x = expected.get("x")!;
  const shaped = new NdArray(x.data, [x.shape[0]!, ...info.data.shape]);
  const f = await (compile as unknown as Apply)(
    (v: never, t: Tensor) => model.evaluate(v, t, { mode: "eval" }).logDensity,
  )(variables, shaped);
  const pairs = [[f, expected.get("f")!]];
  if (generator !== null) {
    const { params, state } = generator.variables;
    const g = await (compile as unknown as Apply)(
      (v: never, z: Tensor) => generator.model.mean(v, z, { mode: "eval" }).mean,
    )({ params: params.g, state }, expected.get("z")!);
    pairs.push([g, expected.get("g")!]);
  }
  const norm = (values: Iterable<number>) => Math.sqrt([...values].reduce((sum, v) => sum + v * v, 0));
  return pairs.map(([a, b]) => norm(a!.data.map((v, i) => v - b!.data[i]!)) / norm(b!.data));
}

const names = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(CASES);
let failed = false;
const report = (what: string, errors: readonly number[]) => {
  const bad = errors.some((error) => !(error < 1e-4));
  failed ||= bad;
  console.log(
    `${bad ? "FAILED" : "ok    "} ${what}: relative difference ${errors.map((e) => e.toExponential(1)).join(", ")}`,
  );
};
try {
  for (const name of names) {
    python("make", name, ...(name.startsWith("toy") ? ["stream"] : []));
    const run = join(folder, name);
    await importCheckpoint({ file: `${run}.pt`, out: run, flags: { ...CASES[name], dataRoot: folder } });
    report(`${name}: PyTorch → here`, await compare(run, name));
    writeFileSync(`${run}.pt`, (await exportForPyTorch(await loadRun(run), "pt")).bytes);
    console.log(`       ${python("load", name).split("\n")[0]}`);
    report(`${name}: here → PyTorch`, await compare(run, name));
    rmSync(run, { recursive: true });
    rmSync(`${run}.pt`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

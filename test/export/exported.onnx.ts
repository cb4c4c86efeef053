/** Exported models are valid ONNX for any runtime: Python's onnx.checker, with full shape inference, has nothing against them. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportOnnx } from "../../src/export/index.js";
import { loadRun, type TrainedRun } from "../../src/train/index.js";
import { check, type Report } from "../engines/checker.js";
import { trainBriefly, untrainedImageRun } from "./runs.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-exported-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const color = [3, 32, 32] as const;
const runs: Readonly<Record<string, () => Promise<TrainedRun>>> = {
  digits: async () => loadRun(await trainBriefly(join(folder, "digits"), { dataset: "digits", jem: true })),
  "weight norm": () => untrainedImageRun(join(folder, "mlp"), { dataset: "mnist", logit: true }, [1, 28, 28]),
  dcgan: () => untrainedImageRun(join(folder, "dcgan"), { dataset: "cifar10", norm: "batch" }, color),
  resnet: () => untrainedImageRun(join(folder, "resnet"), { dataset: "cifar10", resnet: true }, color),
};

function expectValid(report: Report, input: string, shape: readonly (number | string)[]) {
  expect(report.error).toBeUndefined();
  expect(report.opsets).toEqual({ "": 17 });
  expect(report.inputs).toEqual({ [input]: [1, ["batch", ...shape]] });
  for (const [name, [type, dims]] of Object.entries(report.declared)) {
    const [inferredType, inferred] = report.inferred[name]!;
    expect(inferredType).toBe(type);
    expect(dims[0]).toBe("batch");
    expect(inferred.length).toBe(dims.length);
    // Behind a Reshape to -1 inference does not see that the dimension is the batch. What it does see must agree.
    expect(String(inferred[0])).toMatch(/^(|unk__\d+|batch)$/);
    expect(inferred.slice(1)).toEqual(dims.slice(1));
  }
}

describe.each(Object.entries(runs))("%s", (name, make) => {
  let run: TrainedRun;
  beforeAll(async () => {
    run = await make();
  });

  test("the model, with gradient", async () => {
    const report = check(name, await exportOnnx(run, { gradientNorm: true }));
    expectValid(report, "x", run.info.data.shape);
    const outputs = ["logits", "probabilities", "log_density", "out_of_distribution", "gradient_norm"];
    expect(Object.keys(report.declared)).toEqual(outputs);
    expect(JSON.parse(report.metadata.classes!)).toEqual(run.info.data.classes);
    expect(JSON.parse(report.metadata.fingerprint!)).toBe(run.info.data.fingerprint);
  });

  test("the generator", async () => {
    expectValid(check(`${name}-g`, await exportOnnx(run, { part: "generator" })), "z", [run.generator!.model.noiseDim]);
  });
});

test("a table on its pool of densities, with classes", async () => {
  const rows = Array.from({ length: 80 }, (_, i) => `${Math.sin(i)},${Math.cos(3 * i)},${"xyz"[i % 3]},${"ab"[i % 2]}`);
  await writeFile(join(folder, "table.csv"), `a,b,c,class\n${rows.join("\n")}\n`);
  const flags = { csv: join(folder, "table.csv"), label: "class", jem: true };
  const run = await loadRun(await trainBriefly(join(folder, "table"), flags));
  const report = check("table", await exportOnnx(run, { gradientNorm: true }));
  expectValid(report, "x", [3]);
  expect(Object.keys(report.declared)).toContain("out_of_distribution");
});

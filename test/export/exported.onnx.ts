/** Exported models are valid ONNX for any runtime: Python's onnx.checker, with full shape inference, has nothing against them. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportOnnx } from "../../src/export/index.js";
import { loadRun, type TrainedRun } from "../../src/runs/index.js";
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

/** Element types by their number in ONNX. */
const [FLOAT, STRING, DOUBLE] = [1, 8, 11];

function expectValid(report: Report, inputs: Report["inputs"]) {
  expect(report.error).toBeUndefined();
  expect(report.opsets).toEqual({ "": 17 });
  expect(report.inputs).toEqual(inputs);
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
    expectValid(report, { x: [FLOAT, ["batch", ...run.info.data.shape]] });
    const outputs = ["logits", "probabilities", "log_density", "out_of_distribution", "gradient_norm"];
    expect(Object.keys(report.declared)).toEqual(outputs);
    expect(JSON.parse(report.metadata.classes!)).toEqual(run.info.data.classes);
    expect(JSON.parse(report.metadata.fingerprint!)).toBe(run.info.data.fingerprint);
  });

  test("the generator", async () => {
    const report = check(`${name}-g`, await exportOnnx(run, { part: "generator" }));
    expectValid(report, { z: [FLOAT, ["batch", run.generator!.model.noiseDim]] });
  });
});

describe("a table", () => {
  const line = (i: number) => [Math.sin(i), Math.cos(3 * i), "xyz"[i % 3], "ab"[i % 2]];
  const write = async (name: string, header: string, from: number, to: number) => {
    const rows = Array.from({ length: 80 }, (_, i) => line(i).slice(from, to).join(","));
    await writeFile(join(folder, name), [header, ...rows].join("\n"));
    return join(folder, name);
  };

  test("on its pool of densities, with classes", async () => {
    const flags = { csv: await write("table.csv", "a,b,c,class", 0, 4), label: "class", jem: true };
    const run = await loadRun(await trainBriefly(join(folder, "table"), flags));
    const report = check("table", await exportOnnx(run, { gradientNorm: true }));
    expectValid(report, { numbers: [DOUBLE, ["batch", 2]], categories: [STRING, ["batch", 1]] });
    expect(Object.keys(report.declared)).toContain("out_of_distribution");
  });

  test("of numbers alone, and of categories alone", async () => {
    const numbers = await trainBriefly(join(folder, "numbers"), { csv: await write("numbers.csv", "a,b", 0, 2) });
    expectValid(check("numbers", await exportOnnx(await loadRun(numbers))), { x: [DOUBLE, ["batch", 2]] });
    const texts = await trainBriefly(join(folder, "texts"), { csv: await write("texts.csv", "c,d", 2, 4) });
    expectValid(check("texts", await exportOnnx(await loadRun(texts))), { categories: [STRING, ["batch", 2]] });
  });

  test("its generator", async () => {
    const flags = { csv: await write("drawn.csv", "a,b,c", 0, 3), vera: true, noiseDim: 8 };
    const run = await loadRun(await trainBriefly(join(folder, "drawn"), flags));
    const report = check("drawn", await exportOnnx(run, { part: "generator" }));
    expectValid(report, { z: [FLOAT, ["batch", 8]] });
    expect(report.declared).toEqual({ numbers: [DOUBLE, ["batch", 2]], categories: [STRING, ["batch", 1]] });
  });
});

/** What the studio says of runs, and does with them, without any training. */
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FolderLock } from "../../src/files/index.js";
import { PRESETS } from "../../src/runs/config/index.js";
import type {
  Curves,
  Log,
  Options,
  Plan,
  RunDetail,
  RunList,
  RunSummary,
  Trashed,
  Uploaded,
} from "../../src/studio/api.js";
import { FolderError } from "../../src/studio/index.js";
import { chosenPoints } from "../../src/studio/runs/curves.js";
import { TemporaryFolder } from "../../src/studio/temporary.js";
import { Uploads } from "../../src/studio/uploads.js";
import { type Served, serve } from "./serve.js";
import { jsonLines, writeManyRuns, writeRun } from "./synthetic-runs.js";

let root: string;
let served: Served;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "vera-studio-"));
  served = await serve([root]);
});
afterEach(async () => {
  await served.studio.close();
  await rm(root, { recursive: true });
});

const list = async () => ((await served.json("GET", "/api/runs")) as RunList).runs;
const only = async (): Promise<RunSummary> => {
  const [run, ...others] = await list();
  expect(others).toEqual([]);
  return run!;
};
const detail = async () => (await served.json("GET", `/api/runs/${(await only()).id}`)) as RunDetail;

const train = (iteration: number, values: object) => ({ iteration, kind: "train", epoch: 0, ...values });

test("a plan says how long it takes, by runs like it", async () => {
  const says = `console.log("\\n".repeat(300) + "iterations: 500, each of 200 examples")`;
  const other = await mkdtemp(join(tmpdir(), "vera-studio-"));
  const planned = await serve([other], [process.execPath, "-e", says]);
  const check = () =>
    planned.json("POST", "/api/check", { name: null, preset: "toy-moons", settings: { seed: 3 } }) as Promise<Plan>;
  expect(await check()).toEqual({ ok: true, text: expect.stringContaining("500"), withoutEffect: [], time: null });
  const log = [
    { time: 0, iteration: 0, text: "trains", iterations: 1000 },
    { time: 20_000, iteration: 1000, text: "done", end: "done" },
  ];
  const { settings } = PRESETS["toy-moons"]!;
  await writeRun(other, { name: "a", flags: { ...settings, seed: 1 }, log });
  await writeRun(other, { name: "b", flags: { ...settings, batchSize: 7 }, log });
  expect((await check()).time).toMatchObject({ milliseconds: 10_000, iterations: 500, runs: 1, pace: 50 });
  await planned.studio.close();
  await rm(other, { recursive: true });
});

describe("the list", () => {
  test("says what a run is, and how far", async () => {
    await writeRun(root, {
      name: "sweep/a",
      flags: { lr: 0.5 },
      lines: [
        train(10, { f_data: 2 }),
        train(20, { f_data: -1 }),
        train(30, { f_data: null }),
        { iteration: 30, kind: "validation", log_likelihood: -3 },
      ],
    });
    expect(await only()).toMatchObject({
      name: "sweep/a",
      folder: root,
      state: "stopped",
      problem: null,
      data: "moons",
      mode: "vera",
      architecture: "toy",
      iteration: 30,
      iterations: 1000,
      settings: { dataset: "moons", lr: 0.5, nIters: 1000 },
      metrics: {
        "train/f_data": { last: -1, min: -1, max: 2 },
        "validation/log_likelihood": { last: -3, min: -3, max: -3 },
      },
      tags: [],
    });
  });

  test("says which runs have a model to ask: a checkpoint, wherever it is kept, and a configuration that can be read", async () => {
    const elsewhere = join(root, "elsewhere.safetensors");
    const own = await writeRun(root, { name: "own" });
    await writeRun(root, { name: "away", flags: { ckptPath: elsewhere } });
    const torn = await writeRun(root, { name: "torn" });
    const models = async () => (await list()).flatMap(({ name, hasModel }) => (hasModel ? [name] : [])).sort();
    expect(await models()).toEqual([]);
    await writeFile(join(own, "checkpoints/iteration-0000100.safetensors"), "");
    expect(await models(), "kept on the way, never asked").toEqual([]);
    for (const run of [own, torn]) await writeFile(join(run, "checkpoints/last.safetensors"), "");
    await writeFile(elsewhere, "");
    await appendFile(join(root, "away/metrics.jsonl"), jsonLines([train(10, {})]));
    await writeFile(join(torn, "config.json"), "{");
    expect(await models()).toEqual(["away", "own"]);
    await rm(join(own, "checkpoints/last.safetensors"));
    expect(await models()).toEqual(["away"]);
  });

  test("has the metrics that are asked for, and the names of all", async () => {
    await writeRun(root, { name: "a", lines: [train(10, { f_data: 2, sigma: 1 })] });
    await writeRun(root, { name: "b", lines: [train(10, { sigma: 1 })] });
    const { runs, metrics } = (await served.json("GET", "/api/runs?metrics=train/f_data,train/none")) as RunList;
    expect(metrics).toEqual(["train/epoch", "train/f_data", "train/sigma"]);
    expect(runs.map((run) => [run.name, Object.keys(run.metrics)]).sort()).toEqual([
      ["a", ["train/f_data"]],
      ["b", []],
    ]);
    expect((await served.ask("/api/runs?metrics=a&metrics=b")).status).toBe(400);
  });

  test("states, of what the folder holds", async () => {
    const end = (how: string) => [{ time: 1, iteration: 5, text: how, end: how }];
    await writeRun(root, { name: "done", lines: [{ iteration: 9, kind: "test", f_mean: 1 }] });
    await writeRun(root, { name: "said done", log: end("done") });
    await writeRun(root, { name: "stopped", log: end("stopped") });
    await writeRun(root, { name: "diverged", log: end("diverged") });
    await writeRun(root, { name: "failed", log: end("failed") });
    await writeRun(root, { name: "went on", log: [...end("diverged"), { time: 2, iteration: 5, text: "resumed" }] });
    const training = await writeRun(root, { name: "training" });
    await writeFile(join(await writeRun(root, { name: "no config" }), "config.json"), "{");
    await rm(join(await writeRun(root, { name: "lost config" }), "config.json"));
    await appendFile(join(await writeRun(root, { name: "bad line" }), "metrics.jsonl"), "what\n");
    const lock = await FolderLock.take(training);
    const states = Object.fromEntries(
      (await list()).map(({ name, state, problem }) => [name, `${state} ${problem ?? ""}`.trim()]),
    );
    expect(states).toEqual({
      done: "done",
      "said done": "done",
      stopped: "stopped",
      diverged: "diverged diverged",
      failed: "stopped failed",
      "went on": "stopped",
      training: "training",
      "no config": expect.stringMatching(/^broken config.json: no JSON/),
      "lost config": expect.stringMatching(/^broken config.json is not there/),
      "bad line": expect.stringMatching(/^broken metrics.jsonl, line 1/),
    });
    await lock.release();
    expect((await list()).find(({ name }) => name === "training")?.state).toBe("stopped");
  });

  test("follows files that grow, and those that are written anew", async () => {
    const folder = await writeRun(root, { name: "a", lines: [train(10, { loss: 3 })] });
    expect((await only()).metrics["train/loss"]).toEqual({ last: 3, min: 3, max: 3 });
    await appendFile(join(folder, "metrics.jsonl"), `${jsonLines([train(20, { loss: 1 })])}{"iteration": 30, "kin`);
    expect(await only()).toMatchObject({ iteration: 20, metrics: { "train/loss": { last: 1, min: 1, max: 3 } } });
    await appendFile(join(folder, "metrics.jsonl"), 'd": "train", "loss": 9}\n');
    expect(await only()).toMatchObject({ iteration: 30, metrics: { "train/loss": { last: 9, min: 1, max: 9 } } });
    await rm(join(folder, "metrics.jsonl"));
    await writeFile(join(folder, "metrics.jsonl"), jsonLines([train(10, { loss: 5 })]));
    expect(await only()).toMatchObject({ iteration: 10, metrics: { "train/loss": { last: 5, min: 5, max: 5 } } });
    await rm(folder, { recursive: true });
    expect(await list()).toEqual([]);
  });

  test("what is no run is not listed", async () => {
    await mkdir(join(root, "project"), { recursive: true });
    await writeFile(join(root, "project", "config.json"), "{}");
    await writeRun(join(root, "project"), { name: "below" });
    await writeRun(join(root, ".vera-trash"), { name: "deleted" });
    expect((await list()).map(({ name }) => name)).toEqual(["project/below"]);
  });

  test("many runs of many metrics are all there", async () => {
    await writeManyRuns(root, { runs: 100, metrics: 100, lines: 5 }); // how soon a thousand are, bench/studio.ts says
    const listed = await list();
    expect(new Set(listed.map(({ name }) => name)).size).toBe(100);
    for (const { metrics } of listed) expect(Object.keys(metrics).length).toBeGreaterThanOrEqual(100);
  });
});

describe("a run", () => {
  test("its curves keep spikes and gaps within the points asked for", async () => {
    const lines = Array.from({ length: 5000 }, (_, i) =>
      train(i + 1, { loss: i === 3210 ? 1000 : Math.sin(i), gone: i === 7 ? null : 1 }),
    );
    await writeRun(root, { name: "a", lines });
    const { id } = await only();
    const ask = async (query: string) =>
      ((await served.json("GET", `/api/runs/${id}/curves?${query}`)) as Curves).curves;
    const [loss] = await ask("names=train/loss&points=100");
    expect(loss!.value.length).toBeLessThanOrEqual(100);
    expect(loss!.value.length).toBeGreaterThan(90);
    expect(loss!.value).toContain(1000);
    expect([loss!.iteration[0], loss!.iteration.at(-1)]).toEqual([1, 5000]);
    expect([...loss!.iteration].sort((a, b) => a - b)).toEqual(loss!.iteration);
    const [gone, none] = await ask("names=train/gone,train/none&from=5&to=10");
    expect(gone).toEqual({ name: "train/gone", iteration: [5, 6, 7, 8, 9, 10], value: [1, 1, 1, null, 1, 1] });
    expect(none).toEqual({ name: "train/none", iteration: [], value: [] });
    await expect(ask("names=train/loss&points=x")).rejects.toThrow("400");
  });

  test("points are chosen of few and of none", () => {
    expect(chosenPoints([], 0, 0, 10)).toEqual([]);
    expect(chosenPoints([1, 2, 3], 0, 3, 10)).toEqual([0, 1, 2]);
    const values = Array.from({ length: 100 }, (_, i) => (i > 20 && i < 60 ? null : i));
    for (const points of [4, 5, 17, 99]) {
      const kept = chosenPoints(values, 0, 100, points);
      expect(kept.length).toBeLessThanOrEqual(points);
      expect(new Set(kept).size).toBe(kept.length);
    }
    expect(chosenPoints(values, 0, 100, 20).map((i) => values[i])).toContain(null);
  });

  test("its settings, figures, log and diagnoses", async () => {
    const folder = await writeRun(root, {
      name: "a",
      flags: { glr: 0.01 },
      lines: [
        train(50, { f_data: 10, f_samples: 0, f_spread: 1, sigma: 0.1, posterior_ess: 1.0001, own_idea: 1 }),
        { iteration: 50, kind: "warning", sign: "f-drifts", text: "warning: f drifts: over data; try --p-control 0.1" },
      ],
      log: [
        { time: 5, iteration: null, text: "note: few labels" },
        { time: 6, iteration: 50, text: "warning: f drifts" },
        { time: 7, iteration: 50, text: "training diverged", end: "diverged" },
      ],
    });
    await mkdir(join(folder, "figures"));
    for (const name of [
      "samples-0000050.png",
      "samples-0000100.png",
      "log-density.png",
      "log-density.vl.json",
      "mine.png",
    ])
      await writeFile(join(folder, "figures", name), name);
    const found = await detail();
    expect(found.configuration.find(({ name }) => name === "glr")).toMatchObject({
      flag: "--glr",
      value: 0.01,
      differs: true,
    });
    expect(found.configuration.find(({ name }) => name === "beta1")?.differs).toBe(false);
    expect(found.figures.map(({ kind, iteration }) => [kind, iteration])).toEqual([
      ["log-density", null],
      ["samples", 50],
      ["samples", 100],
    ]);
    expect((await served.ask(found.figures[1]!.png!)).text).toBe("samples-0000050.png");
    expect(found.about["train/f_data"]).toMatch(/log-density/);
    expect(found.about["train/own_idea"]).toBeNull();
    expect(found.diagnoses.map(({ level, title }) => `${level}: ${title}`)).toEqual([
      "warning: f drifts",
      "warning: f of data and of samples are apart",
      "warning: One posterior sample has all the weight",
    ]);
    expect(found.diagnoses[0]).toMatchObject({ text: "f drifts: over data", advice: "try --p-control 0.1" });
    const { lines } = (await served.json("GET", `/api/runs/${found.id}/log`)) as Log;
    expect(lines.map(({ level, text }) => [level, text])).toEqual([
      ["note", "few labels"],
      ["warning", "f drifts"],
      ["error", "training diverged"],
    ]);
  });

  test("of an earlier version has the log that its metrics tell", async () => {
    await writeRun(root, { name: "a", lines: [{ iteration: 5, kind: "warning", sign: "x", text: "warning: odd" }] });
    const { id } = await only();
    expect(await served.json("GET", `/api/runs/${id}/log`)).toEqual({
      lines: [{ time: null, iteration: 5, level: "warning", text: "odd" }],
    });
  });

  test("is tagged, renamed and deleted, and nothing is written over", async () => {
    const folder = await writeRun(root, { name: "a" });
    await writeRun(root, { name: "taken" });
    const find = async (name: string) => (await list()).find((run) => run.name === name);
    const id = (await find("a"))!.id;
    expect(await served.json("PATCH", `/api/runs/${id}`, { tags: ["best", "best", "to check"] })).toMatchObject({
      tags: ["best", "to check"],
    });
    await expect(served.json("PATCH", `/api/runs/${id}`, { name: "taken" })).rejects.toThrow(/^409.*taken already/);
    const lock = await FolderLock.take(folder);
    await expect(served.json("PATCH", `/api/runs/${id}`, { name: "b" })).rejects.toThrow(/^409.*stop it before/);
    await expect(served.json("DELETE", `/api/runs/${id}`)).rejects.toThrow(/^409.*stop it before/);
    await lock.release();
    const renamed = (await served.json("PATCH", `/api/runs/${id}`, { name: "below/b" })) as RunSummary;
    expect(renamed).toMatchObject({ name: "below/b", tags: ["best", "to check"] });
    expect((await served.ask(`/api/runs/${id}`)).status).toBe(404);
    const { to } = (await served.json("DELETE", `/api/runs/${renamed.id}`)) as Trashed;
    expect(await readdir(to)).toContain("metrics.jsonl");
    expect((await list()).map(({ name }) => name)).toEqual(["taken"]);
    await writeRun(root, { name: "below/b" });
    const again = (await served.json("DELETE", `/api/runs/${renamed.id}`)) as Trashed;
    expect(again.to).not.toBe(to);
    expect(await readdir(join(root, ".vera-trash"))).toHaveLength(2);
  });

  test("its report is one file with all in it", async () => {
    await writeRun(root, { name: "a", lines: [1, 2, 3].map((i) => train(i, { f_data: i })) });
    const { id } = await only();
    const { address, file } = (await served.json("POST", `/api/runs/${id}/export`, { format: "html" })) as {
      address: string;
      file: string;
    };
    expect(file).toBe("a.html");
    const { text } = await served.ask(address);
    expect(text).toContain("<svg");
    expect(text).toContain("--dataset");
    expect(text).not.toMatch(/<script|src="http|href=/);
  });
});

describe("the rest", () => {
  test("options are those of training, but for where runs lie", async () => {
    const { options, presets } = (await served.json("GET", "/api/options")) as Options;
    expect(options.map(({ name }) => name)).toContain("batch-size");
    expect(options.map(({ name }) => name)).not.toContain("save-dir");
    expect(options.find(({ name }) => name === "img-size")).toMatchObject({
      type: "choice",
      choices: [32, 64],
      default: null,
    });
    expect(presets.map(({ name }) => name)).toContain("quickstart");
  });

  test("pages are told what changes", async () => {
    const folder = await writeRun(root, { name: "a" });
    const { id } = await only();
    const { port, cookie } = served.studio;
    const events: unknown[] = [];
    const asking = get(
      { port, host: "127.0.0.1", path: "/api/events", headers: { cookie: `${cookie.name}=${cookie.value}` } },
      (response) => {
        expect(response.headers["content-type"]).toBe("text/event-stream");
        expect(response.headers["content-security-policy"]).toBeDefined();
        response.on("data", (chunk: Buffer) => {
          for (const [, data] of String(chunk).matchAll(/^data: (.*)$/gm)) events.push(JSON.parse(data!));
        });
        response.on("error", () => {});
      },
    );
    asking.on("error", () => {});
    await new Promise((resolve) => setTimeout(resolve, 500));
    await appendFile(join(folder, "metrics.jsonl"), jsonLines([train(1, { loss: 1 })]));
    await expect.poll(() => events, { timeout: 8000 }).toContainEqual({ runs: [id], list: false });
    await writeRun(root, { name: "b" });
    await expect
      .poll(() => events, { timeout: 8000 })
      .toContainEqual({ runs: [expect.stringMatching(/^b-/)], list: true });
    asking.destroy();
  });

  test("files that are given are bounded, and gone with the studio", async () => {
    const headers = { "content-type": "application/octet-stream" };
    const { text } = await served.ask("/api/uploads?name=../../my%20table.csv", {
      method: "POST",
      headers,
      body: "a,b\n1,2\n",
    });
    const { id, name, bytes } = JSON.parse(text) as Uploaded;
    expect({ name, bytes }).toEqual({ name: "my table.csv", bytes: 8 });
    expect(await served.json("DELETE", `/api/uploads/${id}`)).toEqual({});
    expect((await served.ask(`/api/uploads/${id}`, { method: "DELETE", body: "{}" })).status).toBe(404);
    const temporary = new TemporaryFolder();
    const uploads = new Uploads(temporary, join(root, "kept"), { file: 10, all: 15 });
    const give = (size: number) => uploads.receive(Readable.from([Buffer.alloc(size)]), ".bashrc");
    await expect(give(11)).rejects.toThrow(/larger/);
    const kept = await give(10);
    expect(kept.name).toBe("bashrc");
    await expect(give(6)).rejects.toThrow(/together|so far/);
    const path = await uploads.keep(kept.id);
    await uploads.remove(kept.id);
    await give(10);
    await temporary.close();
    expect((await readFile(path)).length).toBe(10);
    await expect(readFile(kept.path)).rejects.toThrow("ENOENT");
  });

  test("folders that cannot be served are told", async () => {
    await expect(serve([join(root, "nowhere")])).rejects.toThrow(FolderError);
    await writeFile(join(root, "file"), "");
    await expect(serve([join(root, "file")])).rejects.toThrow(/is no folder/);
  });
});

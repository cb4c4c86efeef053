/** Runs that the studio trains: each a process of its own, which neither takes the studio down nor ends with it. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Exported, Log, Plan, RunList, RunSummary, Trashed } from "../../src/studio/api.js";
import { VERA } from "../program.js";
import { type Served, serve } from "./serve.js";

const QUICK = { dataset: "moons", threads: 1, plots: false, "print-every": 5, "eval-every": 1000, "ckpt-every": 10 };
const PATIENCE = { timeout: 90_000, interval: 200 };

let root: string;
let served: Served;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "vera-studio-runs-"));
  served = await serve([root], VERA);
});
afterAll(async () => {
  for (const { id, state } of await list()) if (state === "training") await act(id, "stop", { atOnce: true });
  await served.studio.close();
  await rm(root, { recursive: true });
});

const list = async () => ((await served.json("GET", "/api/runs")) as RunList).runs;
const state = async (id: string) => (await list()).find((run) => run.id === id)?.state;
const run = async (id: string) => (await served.json("GET", `/api/runs/${id}`)) as RunSummary;
const act = async (id: string, what: string, body: object = {}) =>
  (await served.json("POST", `/api/runs/${id}/${what}`, body)) as RunSummary;
const start = async (name: string, settings: object) =>
  (await served.json("POST", "/api/runs", { name, preset: null, settings: { ...QUICK, ...settings } })) as RunSummary;

/** Number of the process that trains a run, as its folder says. */
async function trainer(name: string): Promise<number> {
  const claim = (await readdir(join(root, name))).find((file) => file.endsWith(".lock"))!;
  return (JSON.parse(await readFile(join(root, name, claim), "utf8")) as { readonly pid: number }).pid;
}

test("a run from its plan to the trash", async () => {
  const plan = (await served.json("POST", "/api/check", {
    name: null,
    preset: null,
    settings: { ...QUICK, "n-iters": 20 },
  })) as Plan;
  expect(plan).toMatchObject({ ok: true, text: expect.stringContaining("memory of an iteration") });
  const given = await served.ask("/api/uploads?name=own.csv", {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: `x,y\n${Array.from({ length: 60 }, (_, i) => `${Math.sin(i)},${Math.cos(i)}`).join("\n")}\n`,
  });
  const { id: upload } = JSON.parse(given.text) as { readonly id: string };
  const own = { csv: `upload:${upload}`, base: "mixture", "n-iters": 20, threads: 1 };
  const table = (await served.json("POST", "/api/check", { name: null, preset: null, settings: own })) as Plan;
  expect(table).toMatchObject({ ok: true, text: expect.stringContaining("42 training") });

  const first = await start("first", { "n-iters": 20 });
  const second = await start("second", { "n-iters": 1_000_000 });
  expect(first.state).toBe("training");
  expect(second.state).toBe("waiting");
  await expect(start("second", {})).rejects.toThrow(/^409/);
  await expect(act(first.id, "resume")).rejects.toThrow(/^4\d\d/);
  await expect.poll(() => state(first.id), PATIENCE).toBe("done");
  await expect.poll(async () => (await run(second.id)).iteration, PATIENCE).toBeGreaterThan(10);

  // Stopped in good order, it goes on from where it was.
  await act(second.id, "stop");
  await expect.poll(() => state(second.id), PATIENCE).toBe("stopped");
  const { lines } = (await served.json("GET", `/api/runs/${second.id}/log`)) as Log;
  expect(lines.at(-1)?.text).toMatch(/^stopped at iteration \d+ of 1000000$/);
  const reached = (await run(second.id)).iteration;
  expect(reached).toBeGreaterThan(10);
  await act(second.id, "resume");
  await expect.poll(async () => (await run(second.id)).iteration, PATIENCE).toBeGreaterThan(reached);

  // Killed, it is no longer said to train, and why is told.
  process.kill(await trainer("second"), "SIGKILL");
  await expect.poll(() => state(second.id), PATIENCE).toBe("stopped");
  await expect.poll(async () => (await run(second.id)).problem, PATIENCE).toMatch(/SIGKILL/);

  const exported = (await served.json("POST", `/api/runs/${first.id}/export`, { format: "onnx" })) as Exported;
  expect(exported).toMatchObject({ file: "first.onnx" });
  expect((await served.ask(exported.address)).headers["content-length"]).toBe(String(exported.bytes));

  const renamed = (await served.json("PATCH", `/api/runs/${first.id}`, { name: "best" })) as RunSummary;
  const { to } = (await served.json("DELETE", `/api/runs/${renamed.id}`)) as Trashed;
  expect(await readdir(join(to, "checkpoints"))).toContain("last.safetensors");
  await served.json("DELETE", `/api/runs/${second.id}`);
  expect(await list()).toEqual([]);
}, 400_000);

test("runs go on when the studio ends, and what waits is started by the next", async () => {
  const running = await start("running", { "n-iters": 1_000_000 });
  await expect.poll(async () => (await run(running.id)).iteration, PATIENCE).toBeGreaterThan(5);
  const waiting = await start("waiting", { "n-iters": 10 });
  const refused = await start("refused", { dataset: null, csv: join(root, "nowhere.csv") }).catch(
    (error: Error) => error.message,
  );
  const pid = await trainer("running");
  const other = await serve([root], VERA);
  await expect(other.json("POST", "/api/runs", { name: "x", preset: null, settings: QUICK })).rejects.toThrow(
    /another studio/,
  );
  await other.studio.close();
  await served.studio.close();
  expect(process.kill(pid, 0)).toBe(true);

  served = await serve([root], VERA);
  expect(await state(running.id)).toBe("training");
  expect(await state(waiting.id)).toBe("waiting");
  const { iteration } = await run(running.id);
  await expect.poll(async () => (await run(running.id)).iteration, PATIENCE).toBeGreaterThan(iteration);
  await act(running.id, "stop");
  await expect.poll(() => state(running.id), PATIENCE).toBe("stopped");
  await expect.poll(() => state(waiting.id), PATIENCE).toBe("done");

  // One that cannot be trained says why, and can be removed.
  if (typeof refused !== "string") {
    await expect.poll(async () => (await run(refused.id)).problem, PATIENCE).toMatch(/nowhere/);
    await served.json("DELETE", `/api/runs/${refused.id}`);
  } else expect(refused).toMatch(/nowhere/);
  expect((await list()).map(({ name }) => name).sort()).toEqual(["running", "waiting"]);
}, 400_000);

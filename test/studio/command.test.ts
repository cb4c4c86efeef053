/** The command line of `vera studio`: what it says where it cannot begin. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { vera } from "../../src/cli/vera.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-studio-command-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...argv: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let [out, err] = ["", ""];
  const terminal = { out: { write: (s: string) => (out += s) }, err: { write: (s: string) => (err += s) } };
  return { code: await vera(["studio", ...argv], terminal), out, err };
}

/** The last line: whether pages are built is told before. */
const last = (err: string): string => err.trim().split("\n").at(-1)!;

test("a folder that is not there, or is none", async () => {
  const nowhere = await run(join(folder, "nowhere"));
  expect(nowhere.code).toBe(2);
  expect(last(nowhere.err)).toBe(
    `vera: there is no folder ${join(folder, "nowhere")}: name one that holds runs, or make it first`,
  );
  expect(existsSync(join(folder, "nowhere"))).toBe(false);
  await writeFile(join(folder, "file"), "");
  expect(last((await run(join(folder, "file"))).err)).toMatch(/is no folder: name one that holds runs$/);
});

test("a port that is taken, or none", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { code, err } = await run(folder, "--port", String(port));
  expect(code).toBe(2);
  expect(last(err)).toBe(
    `vera: port ${port} is in use, maybe by another studio: name another with --port, or any that is free with --port 0`,
  );
  server.close();
  expect((await run(folder, "--port", "70000")).code).toBe(2);
});

test("help", async () => {
  const { code, out } = await run("--help");
  expect(code).toBe(0);
  expect(out).toContain("--port N");
  expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

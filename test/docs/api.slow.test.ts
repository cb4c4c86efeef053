/** The examples of docs/api.md run, and print what their comments say. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";

const source = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "vera-api-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ENTRIES: Readonly<Record<string, string>> = {
  "vera-ebm": source("index.ts"),
  "vera-ebm/graph": source("graph/index.ts"),
};
const text = readFileSync(fileURLToPath(new URL("../../docs/api.md", import.meta.url)), "utf8");
const examples = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!);

/** What the comments beside `console.log` promise. */
const promised = (code: string): string[] => [...code.matchAll(/^console\.log.*\/\/ (.*)$/gm)].map(([, said]) => said!);

async function printed(code: string, name: string): Promise<string> {
  const here = code.replace(/"(vera-ebm[^"]*)"/g, (_, entry: string) => JSON.stringify(ENTRIES[entry]));
  const file = join(folder, `${name}.mts`);
  writeFileSync(file, here);
  const tsx = fileURLToPath(import.meta.resolve("tsx"));
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", tsx, file], { cwd: folder });
  return stdout;
}

describe("docs/api.md", () => {
  test("has examples", () => expect(examples.length).toBeGreaterThan(5));

  test.each(examples.map((code, i) => [code.split("\n")[0]!, code, i] as const))("%s", async (_, code, i) => {
    const lines = (await printed(code, `example-${i}`)).trim().split("\n");
    for (const said of promised(code)) {
      const value = said.replace(/^.*: /, "").replace("…", ""); // words may stand before the value
      expect(lines.some((line) => line.includes(value))).toBe(true);
    }
  });
});

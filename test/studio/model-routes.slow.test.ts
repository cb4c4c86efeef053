/** Addresses of models, tables and landscapes: what they answer, and what they refuse. */
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunList, Uploaded } from "../../src/studio/api.js";
import type { Answer, AskModel, ScoredPage, ScoredTable, Sources, TableColumns } from "../../src/studio/ask-api.js";
import { type Served, serve } from "./serve.js";
import { flowers, tableRun } from "./tiny-runs.js";

let root: string;
let outside: string;
let served: Served;
let id: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "vera-routes-"));
  outside = await mkdtemp(join(tmpdir(), "vera-outside-"));
  await tableRun(root);
  await writeFile(join(outside, "secret.csv"), flowers(30, 3));
  await symlink(join(outside, "secret.csv"), join(root, "link.csv"));
  served = await serve([root]);
  id = ((await served.json("GET", "/api/runs")) as RunList).runs[0]!.id;
}, 300_000);
afterAll(async () => {
  await served?.studio.close();
  for (const folder of [root, outside]) await rm(folder, { recursive: true, force: true });
});

const upload = async (name: string, content: string): Promise<Uploaded> => {
  const headers = { "content-type": "application/octet-stream" };
  const { text } = await served.ask(`/api/uploads?name=${name}`, { method: "POST", headers, body: content });
  return JSON.parse(text) as Uploaded;
};
const refusal = async (method: string, path: string, body?: unknown) => {
  const { status, text } = await served.ask(path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return [status, (JSON.parse(text) as { error: string }).error];
};

test("a model is asked, and a table that was given to the studio is scored and downloaded", async () => {
  expect(await served.json("GET", `/api/ask/${id}`)).toMatchObject({ kind: "table" } satisfies Partial<AskModel>);
  const fields = { length: "3", width: "60", colour: "red" };
  const answer = (await served.json("POST", `/api/ask/${id}/row`, { fields })) as Answer;
  expect(answer).toMatchObject({ unusual: true, surprise: 1 });
  const given = await upload("new.csv", flowers(20, 2));
  const { key } = (await served.json("POST", `/api/ask/${id}/table`, { upload: given.id })) as ScoredTable;
  await expect
    .poll(async () => ((await served.json("GET", `/api/scored/${key}`)) as ScoredTable).state, { timeout: 20_000 })
    .toBe("done");
  const page = (await served.json("GET", `/api/scored/${key}/rows?count=3`)) as ScoredPage;
  expect(page.rows).toHaveLength(3);
  const { headers, text } = await served.ask(`/api/scored/${key}/csv`);
  expect(headers["content-disposition"]).toContain('filename="new-scored.csv"');
  expect(text.trimEnd().split("\n")).toHaveLength(21);
  expect(await served.json("GET", `/api/scored/${key}/rows/${page.rows[0]!.index}`)).toHaveProperty("why");
  expect(await refusal("GET", `/api/scored/${key}/rows?sort=secret`)).toEqual([
    400,
    "sort takes one of surprise, place, class, probability, logDensity",
  ]);
  expect((await refusal("GET", `/api/scored/${key}/rows?offset=-1`))[0]).toBe(400);
  expect((await refusal("GET", `/api/scored/${key}/rows/999`))[0]).toBe(404);
}, 60_000);

describe("tables", () => {
  const choice = { label: null, ignore: [], categorical: [], numeric: [] };

  test("below the studio's folders are listed and described", async () => {
    const { files, datasets } = (await served.json("GET", "/api/sources")) as Sources;
    expect(files.map(({ path }) => path)).toEqual([join(root, "flowers.csv")]);
    expect(datasets.find(({ name }) => name === "digits")?.state).not.toBe("missing");
    const found = (await served.json("POST", "/api/columns", {
      table: join(root, "flowers.csv"),
      ...choice,
    })) as TableColumns;
    expect(found.columns).toHaveLength(4);
    const { id: given } = await upload("other.csv", flowers(40, 4));
    expect(await served.json("POST", "/api/columns", { table: `upload:${given}`, ...choice })).toMatchObject({
      rows: 40,
    });
  });

  test.each([
    ["outside them", () => join(outside, "secret.csv")],
    ["by a link", () => join(root, "link.csv")],
    ["by ..", () => `${root}/../${outside.split("/").at(-1)}/secret.csv`],
    ["by a pattern", () => join(outside, "*.csv")],
    ["by an address", () => "https://example.com/x.csv"],
    ["with a null", () => `${root}/flowers.csv\0`],
    ["a folder", () => root],
  ])("%s are refused", async (_, table) => {
    const [status, error] = await refusal("POST", "/api/columns", { table: table(), ...choice });
    expect(status).toBe(404);
    expect(error).toContain("below the studio's folders");
  });

  test("that are none are refused in words", async () => {
    const { id: given } = await upload("none.csv", "");
    expect((await refusal("POST", "/api/columns", { table: `upload:${given}`, ...choice }))[0]).toBe(400);
    expect((await refusal("POST", "/api/columns", { table: "upload:none", ...choice }))[0]).toBe(404);
    expect(await refusal("POST", "/api/columns", { table: 3 })).toEqual([
      400,
      "the request is not as it should be: table: a text expected, found 3",
    ]);
  });
});

test("what is no run, checkpoint, plane or body is refused", async () => {
  expect((await refusal("GET", "/api/ask/none"))[0]).toBe(404);
  expect((await refusal("GET", "/api/ask/..%2f..%2fetc"))[0]).toBe(404);
  expect(await refusal("GET", `/api/landscape/${id}?checkpoint=..%2f..%2fsecret`)).toEqual([
    400,
    expect.stringContaining("no checkpoint"),
  ]);
  for (const plane of ["1,2", "1,2,-3", "1,2,x", "all"])
    expect((await refusal("GET", `/api/landscape/${id}?plane=${plane}`))[0]).toBe(400);
  expect((await refusal("GET", `/api/landscape/${id}?plane=1,2,99999`))[0]).toBe(400);
  expect((await refusal("POST", `/api/ask/${id}/row`, { fields: { length: 3 } }))[0]).toBe(400);
  expect((await refusal("POST", `/api/ask/${id}/table`, { upload: "none" }))[0]).toBe(404);
  expect((await refusal("GET", "/api/scored/none"))[0]).toBe(404);
  expect((await refusal("GET", "/api/scored/none/csv"))[0]).toBe(404);
}, 60_000);

/** What the studio asks of models: without a server, then through the process that holds them. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { handlers } from "../../src/studio/models/handlers.js";
import { Models } from "../../src/studio/models/models.js";
import { digitsRun, flowers, tableRun } from "./tiny-runs.js";

let folder: string;
let table: string;
let digits: string;
const path = (...names: string[]) => join(folder, ...names);
const asked = handlers();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-ask-"));
  [table, digits] = [await tableRun(folder), await digitsRun(folder)];
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function scoredWhole(key: string) {
  for (;;) {
    const found = await asked.scored({ key });
    if (found?.state !== "scoring") return found!;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("a model of a table", () => {
  test("says its columns in their own units, and begins with a row like its own", async () => {
    const { kind, columns, row, classes, heldout, image, notes } = await asked.about({ run: table });
    expect({ kind, classes, image, notes }).toEqual({
      kind: "table",
      classes: ["lily", "rose"],
      image: null,
      notes: [],
    });
    expect(columns.map(({ name, kind }) => [name, kind])).toEqual([
      ["length", "number"],
      ["width", "number"],
      ["colour", "category"],
    ]);
    const [length] = columns;
    expect(length).toMatchObject({ step: 0.1 });
    expect(length!.kind === "number" && length!.min < -1 && length!.max > 4).toBe(true);
    expect(Object.keys(row)).toEqual(["length", "width", "colour"]);
    expect(heldout!.shares.reduce((a, b) => a + b, 0)).toBeGreaterThan(0.9);
    expect(heldout!.threshold).not.toBeNull();
  });

  test("answers for a row: class, surprise, what makes it unusual, rows like it", async () => {
    const usual = await asked.row({ run: table, fields: { length: "3", width: "-2", colour: "red" } });
    expect(usual).toMatchObject({ class: "rose", unusual: false, notes: [] });
    expect(usual.probabilities!.map(({ name }) => name)).toEqual(["lily", "rose"]);
    const odd = await asked.row({ run: table, fields: { length: "3", width: "60", colour: "red" } });
    expect(odd).toMatchObject({ unusual: true, surprise: 1 });
    expect(odd.why![0]).toMatchObject({ column: "width" });
    expect(odd.why![0]!.share).toBeGreaterThan(0.9);
    expect(usual.nearest?.kind === "rows" && usual.nearest.rows.map(({ colour }) => colour)).toEqual(
      Array(5).fill("red"),
    );
  });

  test("tells what is missing and never occurred, and refuses what is no number", async () => {
    const { notes } = await asked.row({ run: table, fields: { length: "", width: "0", colour: "blue" } });
    expect(notes).toEqual(["missing: length", "a value that never occurred: colour"]);
    await expect(asked.row({ run: table, fields: { length: "long", width: "0", colour: "red" } })).rejects.toThrow(
      'column "length": a number was expected, found "long"',
    );
    await expect(asked.pixels({ run: table, pixels: [] })).rejects.toThrow("takes no pictures");
  });

  test("scores a table: sorted by surprise, each row with its reasons, the file as `vera score` writes it", async () => {
    const rows = flowers(50, 2).trimEnd().split("\n");
    rows.splice(30, 0, "3,60,red,rose", "long,0,red,rose");
    await writeFile(path("new.csv"), rows.join("\n"));
    await asked.score({ run: table, key: "a", path: path("new.csv"), out: path("scored.csv"), name: "new.csv" });
    expect(await scoredWhole("a")).toMatchObject({ state: "done", rows: 52, bad: 1, shown: 52, problem: null });
    const page = (await asked.page({ key: "a", sort: "surprise", descending: true, offset: 0, count: 10 }))!;
    expect(page).toMatchObject({ columns: ["length", "width", "colour", "kind"], place: "line", total: 52 });
    const [first] = page.rows;
    expect(first).toMatchObject({ at: 31, fields: ["3", "60", "red", "rose"], surprise: 1, unusual: true });
    const why = (await asked.scoredRow({ key: "a", index: first!.index }))!.why!;
    expect(why[0]!.column).toBe("width");
    const last = (await asked.page({ key: "a", sort: "surprise", descending: true, offset: 51, count: 10 }))!;
    expect(last.rows[0]).toMatchObject({ at: 32, logDensity: null });
    expect(last.rows[0]!.problem).toContain("long");
    expect(await asked.scoredRow({ key: "a", index: last.rows[0]!.index })).toBeNull();
    const lines = (await readFile(path("scored.csv"), "utf8")).trimEnd().split("\n");
    expect(lines).toHaveLength(53);
    expect(lines[0]).toBe("line,length,width,colour,kind,class,probability,log_density,surprise,ood,note");
    const inOrder = (await asked.page({ key: "a", sort: "place", descending: false, offset: 0, count: 2 }))!;
    expect(inOrder.rows.map(({ at }) => at)).toEqual([2, 3]);
  });

  test("says why a table cannot be scored", async () => {
    await writeFile(path("other.csv"), "a,b\n1,2\n");
    await asked.score({ run: table, key: "b", path: path("other.csv"), out: path("none.csv"), name: "other.csv" });
    const { state, problem } = await scoredWhole("b");
    expect(state).toBe("failed");
    expect(problem).toContain('no column "length", "width", "colour"');
  });
});

describe("a model of pictures", () => {
  test("answers for what is drawn: pixels that matter, pictures like it", async () => {
    const { image, kind, columns } = await asked.about({ run: digits });
    expect({ image, kind, columns }).toEqual({ image: { channels: 1, size: 8 }, kind: "image", columns: [] });
    const pixels = Array.from({ length: 64 }, (_, i) => (i % 8 === 4 ? 255 : 0));
    const { picture, nearest, probabilities, why } = await asked.pixels({ run: digits, pixels });
    expect(picture!.gains).toHaveLength(64);
    expect(picture!.seen).toMatch(/^data:image\/png;base64,/);
    expect(nearest?.kind === "pictures" && nearest.pictures.length).toBe(5);
    expect(probabilities).toHaveLength(10);
    expect(why).toBeNull();
    await expect(asked.pixels({ run: digits, pixels: [1, 2] })).rejects.toThrow("8 × 8");
  });

  test("answers for a picture of any size, and refuses what is none", async () => {
    const picture = { create: { width: 30, height: 20, channels: 3, background: "white" } } as const;
    await sharp(picture).png().toFile(path("white.png"));
    const answer = await asked.picture({ run: digits, path: path("white.png") });
    expect(answer.picture!.size).toBe(8);
    await writeFile(path("none.png"), "text");
    await expect(asked.picture({ run: digits, path: path("none.png") })).rejects.toThrow("no picture");
  });
});

test("columns are described as by --dry-run", async () => {
  const choice = { ignore: ["width"], categorical: [], numeric: [] };
  const found = await asked.columns({ table: path("flowers.csv"), label: "kind", ...choice });
  expect(found.rows).toBe(160);
  expect(found.columns.map(({ name, becomes }) => [name, becomes])).toEqual([
    ["length", "number"],
    ["width", "left out"],
    ["colour", "category"],
    ["kind", "class"],
  ]);
  await expect(asked.columns({ table: path("flowers.csv"), label: "sort", ...choice })).rejects.toThrow('"sort"');
});

test("the process that holds models answers, says errors as they are, and is started anew", async () => {
  const models = new Models();
  try {
    const row = { run: table, fields: { length: "3", width: "-2", colour: "red" } };
    expect(await models.ask("row", row)).toMatchObject({ class: "rose" });
    await expect(models.ask("about", { run: path("nowhere") })).rejects.toMatchObject({ name: "CheckpointError" });
    const lost = models.ask("row", row);
    models.close();
    await expect(lost).rejects.toThrow("ended");
    expect(await models.ask("row", row)).toMatchObject({ class: "rose" });
  } finally {
    models.close();
  }
}, 60_000);

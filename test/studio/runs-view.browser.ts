/** The table of runs, as someone uses it. */
import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { axeProblems, overflow, StudioPages } from "./pages.js";
import { curves, metrics, writeRun } from "./written-runs.js";

let pages: StudioPages;

beforeAll(async () => {
  pages = await StudioPages.start(async (folder) => {
    for (const [recipe, lr, level] of [
      ["careful", 0.001, 0],
      ["hasty", 0.01, 0.2],
    ] as const) {
      for (const seed of [1, 2, 3]) {
        const lines = curves(200, 10, seed, level + seed / 100);
        await writeRun(folder, { name: `moons/${recipe}-${seed}`, settings: { lr, seed }, iterations: 200, lines });
      }
    }
    await writeRun(folder, {
      name: "circles/apart",
      data: "circles",
      end: "diverged",
      tags: ["odd"],
      lines: curves(40, 10, 5),
    });
    await writeRun(folder, {
      name: "circles/killed",
      data: "circles",
      end: null,
      iterations: 400,
      lines: curves(90, 10, 6),
    });
    const torn = await writeRun(folder, { name: "torn", data: "rings", lines: [] });
    await writeFile(join(torn, "metrics.jsonl"), "{\n");
    for (let i = 0; i < 200; i++) {
      await writeRun(folder, { name: `sweep/run-${String(i).padStart(3, "0")}`, data: "rings", settings: { seed: i } });
    }
  });
});
afterAll(() => pages?.close());

/** Names of the runs that are in the document, from the top. */
const names = (page: Page): Promise<string[]> =>
  page.$$eval(".runs-body tr:not(.group)", (rows) =>
    rows
      .map((row) => ({
        at: Number(row.getAttribute("aria-rowindex")),
        name: row.querySelector("th a")?.textContent ?? "",
      }))
      .sort((a, b) => a.at - b.at)
      .map(({ name }) => name),
  );

async function search(page: Page, text: string): Promise<void> {
  await page.getByLabel("Search", { exact: true }).fill(text);
}

describe("the table of runs", () => {
  test("is found, sorted and grouped, with means over seeds", async () => {
    const page = await pages.open("");
    await page.getByText("209 in").waitFor();
    await search(page, "moons");
    await expect.poll(() => names(page)).toHaveLength(6);
    await search(page, "moons lr=0.01");
    await expect.poll(async () => (await names(page)).every((name) => name.startsWith("moons/hasty"))).toBe(true);
    await search(page, "moons");

    await page.getByRole("button", { name: /nll/ }).click(); // greatest first
    expect((await names(page))[0]).toBe("moons/hasty-3");
    await page.getByRole("button", { name: /nll/ }).click();
    expect((await names(page))[0]).toBe("moons/careful-1");
    expect(await page.getByRole("columnheader", { name: /nll/ }).getAttribute("aria-sort")).toBe("ascending");

    await page.getByLabel("Group by").selectOption("recipe");
    const group = page.locator(".runs-body tr.group", { hasText: "lr 0.01" });
    expect(await group.locator("th").innerText()).toContain("3");
    // nll is at least 0.2 + exp(-5) + the level of 0.21, 0.22, 0.23.
    expect(await group.innerText()).toContain("0.427 ± 0.010");
    await group.getByRole("button").click();
    await expect.poll(() => names(page)).toHaveLength(3);
  });

  test("has any metric as a column, and says the state with a sign and a word", async () => {
    const page = await pages.open("");
    await page.getByRole("button", { name: "Columns …" }).click();
    await page.getByLabel("Search columns").fill("sigma");
    await page.getByLabel("max of train/sigma").check();
    await page.getByRole("button", { name: "Done", exact: true }).click();
    await search(page, "apart");
    const row = page.locator(".runs-body tr", { hasText: "circles/apart" });
    expect(await row.innerText()).toContain("✕ diverged");
    expect(await page.getByRole("columnheader", { name: /max sigma/ }).count()).toBe(1);
    await page.reload();
    await page.getByRole("columnheader", { name: /max sigma/ }).waitFor(); // it is remembered

    await search(page, "");
    await page.getByRole("button", { name: "broken" }).click();
    await expect.poll(() => names(page)).toEqual(["torn"]);
  });

  test("shows of many runs those in sight, and the others as they are scrolled to", async () => {
    const page = await pages.open("");
    await search(page, "sweep");
    await page.getByRole("button", { name: "Name", exact: true }).click();
    await page.getByText("200 of 209 in").waitFor();
    expect((await names(page)).length).toBeLessThan(80);
    await page.locator(".runs-scroller").evaluate((at) => at.scrollTo(0, at.scrollHeight));
    await page.getByRole("link", { name: "sweep/run-199" }).waitFor();
    expect(await page.getByRole("table").getAttribute("aria-rowcount")).toBe("201");
  });

  test("renames, tags and deletes on disk, and asks before it deletes", async () => {
    const page = await pages.open("");
    await search(page, "circles");
    await page.getByRole("button", { name: "What to do with circles/killed" }).click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    await page.getByLabel("New name of circles/killed").fill("circles/ended");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "circles/ended" }).waitFor();
    expect((await stat(join(pages.folder, "circles/ended"))).isDirectory()).toBe(true);

    await page.getByRole("button", { name: "+ tag circles/ended" }).click();
    await page.getByLabel(/^Tags of circles\/ended/).fill("kept, for later");
    await page.keyboard.press("Enter");
    await page.locator(".runs-body .tag", { hasText: "for later" }).waitFor();
    expect(JSON.parse(await readFile(join(pages.folder, "circles/ended/tags.json"), "utf8"))).toEqual([
      "kept",
      "for later",
    ]);

    await page.getByRole("button", { name: "What to do with circles/apart" }).click();
    await page.getByRole("menuitem", { name: "Delete …" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Keep" }).click();
    expect(await page.getByRole("link", { name: "circles/apart" }).count()).toBe(1);
    await page.getByRole("button", { name: "What to do with circles/apart" }).click();
    await page.getByRole("menuitem", { name: "Delete …" }).click();
    await dialog.getByRole("button", { name: "Move to the trash" }).click();
    await page.getByRole("status").getByText("circles/apart is now").waitFor();
    await expect(stat(join(pages.folder, "circles/apart"))).rejects.toThrow();
  });

  test("grows by itself while a run is written", async () => {
    const page = await pages.open("");
    await search(page, "fresh");
    await page.locator(".connection.good").waitFor();
    const path = await writeRun(pages.folder, { name: "fresh", end: null, lines: curves(50, 10, 1) });
    const row = page.locator(".runs-body tr", { hasText: "fresh" });
    await expect.poll(() => row.innerText(), { timeout: 15_000 }).toContain("50 of 100");
    await appendFile(join(path, "metrics.jsonl"), `${JSON.stringify(metrics(60, "train", { loss_energy: 1 }))}\n`);
    await expect.poll(() => row.innerText(), { timeout: 15_000 }).toContain("60 of 100");
  });

  test("takes chosen runs to the comparison, by the keyboard alone", async () => {
    const page = await pages.open("");
    await search(page, "careful");
    await page.getByLabel("Choose moons/careful-1").focus();
    await page.keyboard.press("Space");
    await page.getByLabel("Choose moons/careful-2").focus();
    await page.keyboard.press("Space");
    await page.getByRole("link", { name: "Compare", exact: true }).last().focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Compare" }).waitFor();
    expect(page.url()).toMatch(/compare\?runs=moons-careful-\d/);
  });

  test.each(["light", "dark"] as const)("has nothing that axe finds serious, %s", async (theme) => {
    const page = await pages.open("", { theme });
    await search(page, "moons");
    await page.getByLabel("Group by").selectOption("recipe");
    expect(await axeProblems(page)).toEqual([]);
    await page.getByRole("button", { name: "Columns …" }).click();
    expect(await axeProblems(page)).toEqual([]);
  });

  test("fits a phone", async () => {
    const page = await pages.open("", { width: 390 });
    await page.locator(".connection.good").waitFor();
    expect(await overflow(page)).toBe(0);
  });

  test("and nothing went wrong in the pages", () => {
    expect(pages.problems).toEqual([]);
  });
});

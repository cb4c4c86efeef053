import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { draw, FigureError, lineChart, savePlot, savePng } from "../../src/figures/index.js";
import { pixelsOf } from "./fixtures.js";

vi.hoisted(() => vi.resetModules()); // files of tests share what they import
afterAll(() => vi.resetModules());
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof fs>();
  return { ...real, writeFile: vi.fn(real.writeFile) };
});

describe("saving", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await fs.mkdtemp(join(tmpdir(), "figures-"));
  });
  afterEach(async () => {
    await fs.rm(folder, { recursive: true });
  });
  const chart = lineChart([{ name: "a", y: [1, 2] }]);

  it("writes picture and specification, the PNG at twice the size, and leaves nothing else", async () => {
    await savePlot(join(folder, "new", "loss"), chart);
    expect((await fs.readdir(join(folder, "new"))).sort()).toEqual(["loss.png", "loss.svg", "loss.vl.json"]);
    const svg = await draw(chart);
    expect(await fs.readFile(join(folder, "new", "loss.svg"), "utf8")).toBe(svg);
    expect(await draw(JSON.parse(await fs.readFile(join(folder, "new", "loss.vl.json"), "utf8")))).toBe(svg);
    const width = Number(/<svg[^>]* width="(\d+)"/.exec(svg)![1]);
    expect(pixelsOf(await fs.readFile(join(folder, "new", "loss.png"))).width).toBe(2 * width);
  });

  it("keeps the old figure and no temporary file when the disk is full", async () => {
    const path = join(folder, "loss");
    await fs.writeFile(`${path}.svg`, "old");
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    const { writeFile } = await vi.importActual<typeof fs>("node:fs/promises");
    vi.mocked(fs.writeFile)
      .mockImplementationOnce(writeFile)
      .mockImplementationOnce(writeFile)
      .mockImplementationOnce(async (file) => {
        await writeFile(file, "half");
        throw full;
      });
    const saved = savePlot(path, chart);
    await expect(saved).rejects.toThrow(FigureError);
    await expect(saved).rejects.toThrow(`cannot write the figure ${path}.png: ENOSPC: no space left on device`);
    expect(await fs.readdir(folder)).toEqual(["loss.svg"]);
    expect(await fs.readFile(`${path}.svg`, "utf8")).toBe("old");
  });

  it("says which file cannot be written", async () => {
    await fs.writeFile(join(folder, "file"), "");
    await expect(savePng(join(folder, "file", "x.png"), new Uint8Array(1))).rejects.toThrow(
      /cannot write the figure .*x\.png/,
    );
  });

  it("lets two writers of one figure both finish", async () => {
    const path = join(folder, "loss");
    await Promise.all([savePlot(path, chart), savePlot(path, chart)]);
    expect((await fs.readdir(folder)).sort()).toEqual(["loss.png", "loss.svg", "loss.vl.json"]);
  });
});

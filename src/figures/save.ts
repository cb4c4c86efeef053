/** Figures to files. A file is either complete or not there: readers (a web page, a person) look while we write. */
import { rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder, temporaryFor } from "../files/index.js";
import { type Chart, draw } from "./chart.js";
import { FigureError } from "./error.js";
import { renderPng } from "./render.js";

/** Pixels of a saved PNG for each pixel of the SVG: sharp on dense screens and in print. */
const ZOOM = 2;

/**
 * Draws a chart to `path`.svg and `path`.png, with its specification beside them as `path`.vl.json, so that it can be
 * drawn anew in another look; the folder is made where it is missing.
 * @throws FigureError where a file cannot be written; no partial file stays behind.
 */
export async function savePlot(path: string, chart: Chart): Promise<void> {
  const svg = await draw(chart);
  const png = await renderPng(svg, ZOOM);
  await writeAll([
    [`${path}.vl.json`, `${JSON.stringify(chart)}\n`],
    [`${path}.svg`, svg],
    [`${path}.png`, png],
  ]);
}

/** Writes a PNG made by `imageGrid` or `chainGrid` to `path`, extension included. @throws FigureError as `savePlot`. */
export async function savePng(path: string, png: Uint8Array): Promise<void> {
  await writeAll([[path, png]]);
}

/** Writes everything under temporary names first, then renames: a full disk leaves the old files as they were. */
async function writeAll(files: readonly (readonly [path: string, content: string | Uint8Array])[]): Promise<void> {
  const written: { readonly temporary: string; readonly path: string }[] = [];
  let current = "";
  try {
    for (const [path, content] of files) {
      current = path;
      await makeFolder(dirname(path));
      const temporary = temporaryFor(path);
      written.push({ temporary, path });
      await writeFile(temporary, content);
    }
    for (const { temporary, path } of written) {
      current = path;
      await rename(temporary, path);
    }
  } catch (error) {
    await Promise.all(written.map(({ temporary }) => rm(temporary, { force: true }).catch(() => undefined)));
    const reason = error instanceof Error ? error.message : String(error);
    throw new FigureError(`cannot write the figure ${current}: ${reason}`, { cause: error });
  }
}

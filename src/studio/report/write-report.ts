/** A run as one HTML file that needs nothing else: what was asked for, how it learned, what it drew, and what came of it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { draw, lineChart } from "../../figures/index.js";
import type { Curve, Diagnosis, Figure, LogLine, RunSummary, Setting } from "../api.js";
import { Html, html } from "./escape.js";

export interface Reported {
  readonly summary: RunSummary;
  readonly folder: string;
  readonly configuration: readonly Setting[];
  readonly curves: readonly Curve[];
  readonly about: (name: string) => string | null;
  readonly figures: readonly Figure[];
  readonly diagnoses: readonly Diagnosis[];
  readonly log: readonly LogLine[];
}

/** No script runs in it, wherever it is opened. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

const STYLE = `
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; color: #1c1e21; background: #fff; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .2rem 1rem .2rem 0; border-bottom: 1px solid #ddd; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 0; } figcaption { color: #555; } img, svg { max-width: 100%; height: auto; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1.5rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
`;

const number = (value: number): string => String(Number(value.toPrecision(5)));

export async function writeReport(run: Reported): Promise<string> {
  const { summary, configuration, diagnoses, log } = run;
  const differing = configuration.filter(({ differs }) => differs);
  const results = Object.entries(summary.metrics).filter(([name]) => /^(test|validation)\//.test(name));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${summary.name}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<h1>${summary.name}</h1>
<p>${summary.data}, ${summary.mode}, ${summary.architecture}: ${summary.state} at iteration ${summary.iteration}${
    summary.iterations === null ? "" : ` of ${summary.iterations}`
  }, last written ${new Date(summary.updated).toISOString()}.</p>
${summary.problem === null ? "" : html`<p><strong>${summary.problem}</strong></p>`}
<h2>Results</h2>
${results.length === 0 ? html`<p>Nothing has been measured yet.</p>` : resultTable(results, run.about)}
${diagnoses.length === 0 ? "" : html`<h2>What the numbers say</h2><ul>${diagnoses.map(said)}</ul>`}
<h2>Settings that are not at their defaults</h2>
<table>${differing.map(({ flag, value, help }) => html`<tr><th>${flag}</th><td>${JSON.stringify(value)}</td><td>${help}</td></tr>`)}</table>
<h2>Curves</h2>
<div class="grid">${await drawCurves(run)}</div>
<h2>Figures</h2>
<div class="grid">${await pictures(run)}</div>
<h2>Log</h2>
<pre>${log.map(({ iteration, text }) => `${iteration ?? ""}\t${text}\n`)}</pre>
<h2>All settings</h2>
<table>${configuration.map(({ flag, value }) => html`<tr><th>${flag}</th><td>${JSON.stringify(value)}</td></tr>`)}</table>
</body>
</html>
`;
  return page.text;
}

const said = ({ title, text, advice }: Diagnosis): Html =>
  html`<li><strong>${title}.</strong> ${text}${advice === null ? "" : html` <em>${advice}</em>`}</li>`;

const resultTable = (
  results: readonly (readonly [string, RunSummary["metrics"][string]])[],
  about: Reported["about"],
) =>
  html`<table><tr><th>metric</th><th>last</th><th>least</th><th>greatest</th><th></th></tr>${results.map(
    ([name, { last, min, max }]) =>
      html`<tr><th>${name}</th>${[last, min, max].map((value) => html`<td class="number">${number(value)}</td>`)}<td>${about(name) ?? ""}</td></tr>`,
  )}</table>`;

async function drawCurves({ curves, about }: Reported): Promise<Html[]> {
  const drawn: Html[] = [];
  for (const { name, iteration, value } of curves) {
    if (value.filter((each) => each !== null).length < 2) continue;
    const y = value.map((each) => each ?? Number.NaN);
    const svg = await draw(
      lineChart([{ name, x: iteration, y }], { title: name, xLabel: "iteration", width: 300, height: 180 }),
    );
    drawn.push(html`<figure>${new Html(svg)}<figcaption>${about(name) ?? ""}</figcaption></figure>`);
  }
  return drawn;
}

/** Of each kind the latest. */
async function pictures({ figures, folder }: Reported): Promise<Html[]> {
  const latest = new Map(figures.filter(({ png }) => png !== null).map((figure) => [figure.kind, figure]));
  const drawn: Html[] = [];
  for (const { kind, iteration } of latest.values()) {
    const file = `${kind}${iteration === null ? "" : `-${String(iteration).padStart(7, "0")}`}.png`;
    const png = await readFile(join(folder, "figures", file)).catch(() => null);
    if (png === null) continue;
    const at = iteration === null ? "" : `, iteration ${iteration}`;
    drawn.push(
      html`<figure><img alt="${kind}${at}" src="data:image/png;base64,${png.toString("base64")}"><figcaption>${kind}${at}</figcaption></figure>`,
    );
  }
  return drawn;
}

/** The studio's words for metrics, and docs/metrics.md, know the same ones. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { aboutMetric, KNOWN_METRICS } from "../../src/studio/about-metrics.js";

test("docs/metrics.md and the studio know the same metrics", async () => {
  const docs = await readFile(fileURLToPath(new URL("../../docs/metrics.md", import.meta.url)), "utf8");
  // Tables of a name and its meaning, up to the sections about files; an ending written with … is of the name before it.
  const tables = docs
    .slice(0, docs.indexOf("## The folder of a run"))
    .matchAll(/\| name \| meaning \|\n\|---\|---\|\n((?:\|.*\n)+)/g);
  const names = [...tables].flatMap(([, rows = ""]) =>
    rows
      .trim()
      .split("\n")
      .flatMap((row) =>
        [...row.split("|")[1]!.matchAll(/`([\w…]+)`/g)].map(([, name]) => name!.replace(/^…/, "ood_auroc")),
      ),
  );
  const plain = names.filter((name) => !name.includes("…") && name !== "term");
  expect(new Set(plain)).toEqual(new Set(KNOWN_METRICS));
  expect(names.filter((name) => name.includes("…"))).toEqual(["ood_auroc_…_mahalanobis", "ood_auroc_…_knn"]);
  expect(aboutMetric("test/ood_auroc_given_knn")).toMatch(/nearest/);
  expect(aboutMetric("train/constructor")).toBeNull();
});

/** Training rows that a plane can be laid through, for choosing. */
import { takeRows } from "../../runtime/index.js";
import { fieldsOf } from "../ask/about.js";
import type { HeldModel } from "../ask/held.js";
import { pictureAddress } from "../ask/pictures.js";
import type { LandscapeExamples } from "../ask-api.js";

/** So many can be looked through. */
const SHOWN = 60;
/** Values of a row that are shown. */
const VALUES = 6;

export function examplesOf(held: HeldModel): LandscapeExamples {
  const { reference, kind, run } = held;
  if (reference === null) return { rows: [] };
  return {
    rows: Array.from({ length: Math.min(SHOWN, reference.shape[0]!) }, (_, index) => {
      const row = takeRows(reference, Int32Array.of(index));
      if (kind === "image")
        return { index, text: `picture ${index + 1}`, picture: pictureAddress(row, run.info.data.preprocessing) };
      const fields = Object.entries(fieldsOf(held, row.data)).slice(0, VALUES);
      return { index, text: fields.map(([name, value]) => `${name} ${value}`).join(", "), picture: null };
    }),
  };
}

/** Results as text. */

export { textTable } from "../runs/reports/text-table.js";

export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** Four significant digits. */
export const short = (x: number): string => (Number.isInteger(x) ? String(x) : String(Number(x.toPrecision(4))));

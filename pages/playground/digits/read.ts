/** The digits' file: rows of 64 pixels and a class, as text, compressed. */
import { PIXELS } from "./protocol.js";

export interface Rows {
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
}

/** @throws RangeError where the text is something else */
export function parseRows(text: string): Rows {
  const rows = text.trim().split("\n");
  const pixels = new Uint8Array(rows.length * PIXELS);
  const labels = new Int32Array(rows.length);
  rows.forEach((row, i) => {
    const values = row.split(",").map(Number);
    if (values.length !== PIXELS + 1 || !values.every((v) => v >= 0 && v <= 16))
      throw new RangeError(`row ${i + 1} of the digits is none`);
    pixels.set(values.slice(0, PIXELS), i * PIXELS);
    labels[i] = values[PIXELS]!;
  });
  return { pixels, labels };
}

/** Fetches and unpacks. Hosts that say it is compressed have it unpacked by the browser. */
export async function fetchRows(file: string): Promise<Rows> {
  const answer = await fetch(file);
  if (!answer.ok) throw new RangeError(`the digits could not be fetched: ${answer.status}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const stream = new Blob([bytes]).stream();
  const text = await new Response(packed ? stream.pipeThrough(new DecompressionStream("gzip")) : stream).text();
  return parseRows(text);
}

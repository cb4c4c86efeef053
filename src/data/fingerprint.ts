/** SHA-256 of large arrays, in Node and in web pages. */

const PIECE = 64 * 2 ** 20;

/**
 * SHA-256 of the concatenated SHA-256 digests of the parts, long ones cut into pieces of 64 MiB: the web's digest takes only
 * whole buffers, and hashing 700 MB at once would copy them. Text is UTF-8.
 * @returns 64 hexadecimal digits.
 */
export async function fingerprint(parts: Iterable<string | ArrayBufferView>): Promise<string> {
  const digests: Uint8Array[] = [];
  for (const part of parts) {
    const bytes =
      typeof part === "string"
        ? new TextEncoder().encode(part)
        : new Uint8Array(part.buffer as ArrayBuffer, part.byteOffset, part.byteLength);
    for (let at = 0; at === 0 || at < bytes.length; at += PIECE)
      digests.push(await sha256(bytes.subarray(at, at + PIECE)));
  }
  const all = new Uint8Array(32 * digests.length);
  digests.forEach((d, i) => {
    all.set(d, 32 * i);
  });
  return Array.from(await sha256(all), (b) => b.toString(16).padStart(2, "0")).join("");
}

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

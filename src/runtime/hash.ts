/** MurmurHash3 (Appleby 2011, x86_128): 128 bits that change by half where one bit of the input does. */

type Words = [number, number, number, number];

/** Multipliers and rotations of each of the four lanes, as published. */
const FACTORS: Words = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93];
const TURNS: Words = [15, 16, 17, 18];
const STEPS: Words = [19, 17, 15, 13];
const SHIFTS: Words = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17];

const turned = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** A word of the input as lane i takes it in. */
const mixed = (word: number, i: number): number =>
  Math.imul(turned(Math.imul(word, FACTORS[i]!), TURNS[i]!), FACTORS[(i + 1) % 4]!);

function finished(word: number): number {
  let x = word ^ (word >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** Each lane gets the sum of all, and they get it. */
function spread(h: Words): void {
  h[0] = (h[0] + h[1] + h[2] + h[3]) | 0;
  for (let i = 1; i < 4; i++) h[i]! = (h[i]! + h[0]) | 0;
}

/** The hash of some bytes, as four signed words. */
export function hash128(bytes: Uint8Array): Words {
  const padded = new Uint8Array(16 * Math.ceil(bytes.length / 16));
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  const h: Words = [0, 0, 0, 0];
  for (let at = 0; at < padded.length; at += 16) {
    const whole = at + 16 <= bytes.length;
    for (let i = 0; i < 4; i++) {
      h[i]! ^= mixed(view.getInt32(at + 4 * i, true), i);
      if (whole) h[i] = (Math.imul(turned(h[i]!, STEPS[i]!) + h[(i + 1) % 4]!, 5) + SHIFTS[i]!) | 0;
    }
  }
  for (let i = 0; i < 4; i++) h[i]! ^= bytes.length;
  spread(h);
  for (let i = 0; i < 4; i++) h[i] = finished(h[i]!);
  spread(h);
  return h;
}

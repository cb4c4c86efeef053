/**
 * TensorBoard event files: scalars only.
 *
 * A file is a sequence of records (length, masked CRC-32C of the length, data, masked CRC-32C of the data), each an
 * `Event` message: https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto.
 */
import { appendFile } from "node:fs/promises";
import protobuf from "protobufjs/minimal.js";
import { onFile } from "../../files/index.js";

/** CRC-32C (Castagnoli), one byte at a time. */
const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0x82f63b78 ^ (c >>> 1) : c >>> 1;
  return c;
});

export function crc32c(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = TABLE[(c ^ byte) & 255]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

const masked = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

/** Frames one event. */
export function eventRecord(event: Uint8Array): Uint8Array {
  const out = new Uint8Array(event.length + 16);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(event.length), true);
  view.setUint32(8, masked(out.subarray(0, 8)), true);
  out.set(event, 12);
  view.setUint32(12 + event.length, masked(event), true);
  return out;
}

function header(w: protobuf.Writer, seconds: number, step: number): void {
  w.uint32(9).double(seconds); // wall_time
  w.uint32(16).int64(step);
}

/** The first event of a file. */
export function versionEvent(seconds: number): Uint8Array {
  const w = protobuf.Writer.create();
  header(w, seconds, 0);
  return w.uint32(26).string("brain.Event:2").finish();
}

/** An event with scalars at a step. */
export function scalarsEvent(seconds: number, step: number, scalars: Readonly<Record<string, number>>): Uint8Array {
  const w = protobuf.Writer.create();
  header(w, seconds, step);
  w.uint32(42).fork(); // summary
  for (const [tag, value] of Object.entries(scalars)) {
    w.uint32(10).fork(); // value
    w.uint32(10).string(tag);
    w.uint32(21).float(value); // simple_value
    w.ldelim();
  }
  return w.ldelim().finish();
}

/** Appends scalars to an event file, beginning it where there is none. */
export class EventFile {
  private begun = false;

  constructor(private readonly path: string) {}

  async scalars(step: number, values: Readonly<Record<string, number>>): Promise<void> {
    const now = Date.now() / 1000;
    const events = this.begun ? [] : [versionEvent(now)];
    this.begun = true;
    const records = [...events, scalarsEvent(now, step, values)].map(eventRecord);
    await onFile(this.path, () => appendFile(this.path, Buffer.concat(records)));
  }
}

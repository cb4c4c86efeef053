import { expect, test } from "vitest";
import { crc32c, eventRecord, scalarsEvent, versionEvent } from "../../src/runs/folder/tensorboard.js";

test("CRC-32C of the vectors of RFC 3720, appendix B.4", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
});

test("records frame their data", () => {
  const event = scalarsEvent(1.5, 7, { loss: 0.25 });
  const record = eventRecord(event);
  expect(Number(new DataView(record.buffer).getBigUint64(0, true))).toBe(event.length);
  expect([...record.subarray(12, 12 + event.length)]).toEqual([...event]);
  const wall = [0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f]; // field 1, double 1.5
  const scalar = [0x0a, 0x04, ...Buffer.from("loss"), 0x15, 0, 0, 0x80, 0x3e]; // tag, simple_value 0.25
  expect([...event]).toEqual([...wall, 0x10, 7, 0x2a, scalar.length + 2, 0x0a, scalar.length, ...scalar]);
  expect(Buffer.from(versionEvent(0)).toString("latin1")).toContain("brain.Event:2");
});

/** Models are valid ONNX: Python's onnx.checker, with full shape inference, has nothing against them. */
import { describe, expect, test } from "vitest";
import { check } from "./checker.js";
import { examples, scanned } from "./models.js";

const models = [...examples().map(({ name, onnx }) => ({ name, onnx })), { name: "scan", onnx: scanned }];

describe.each(models)("$name", ({ name, onnx }) => {
  test("with standard operators only", () => {
    const report = check(name, onnx({ standardOnly: true }));
    expect(report.error).toBeUndefined();
    expect(report.opsets).toEqual({ "": 17 });
    expect(report.ir_version).toBe(8);
    expect(report.inferred).toEqual(report.declared);
  });

  test("with operators of ONNX Runtime's own", () => {
    // The checker does not know these, so types behind them cannot be inferred: only the structure is checked.
    expect(check(`${name}-extended`, onnx({ block: 16 })).error).toBeUndefined();
  });
});

test("a broken model is reported", () => {
  const bytes = scanned({ standardOnly: true });
  expect(check("broken", bytes.slice(0, bytes.length - 40)).error).toBeDefined();
});

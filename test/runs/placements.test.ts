/** Which operators a graphics card leaves to the CPU, out of ONNX Runtime's log. With a card in software: test/engines/webgpu.browser.ts. */
import { describe, expect, test } from "vitest";
import { resolveConfig } from "../../src/runs/index.js";
import { NOTHING } from "../../src/runs/setup/fits.js";
import { aboutPlacements, onCard, parsePlacements, placementsOf } from "../../src/runs/setup/placements.js";
import { loadData } from "../../src/runs/setup/source.js";

const line = (text: string) =>
  `2026-11-26 12:41:23.62 [V:onnxruntime:, session_state.cc:1383 VerifyEachNodeIsAssignedToAnEp] ${text}`;
const about = (...texts: string[]) => aboutPlacements(parsePlacements(texts.map(line).join("\n")));

describe("ONNX Runtime's log", () => {
  test("operators on the CPU are named, and copies are counted apart", () => {
    const text = about(
      "Node placements",
      " Node(s) placed on [CPUExecutionProvider]. Number of nodes: 1",
      "  Cast (energy/Cast_1)",
      " Node(s) placed on [WebGpuExecutionProvider]. Number of nodes: 4",
      "  Gemm (generator/0/Gemm)",
      "  Mul (a (b)/Mul)",
      "  MemcpyFromHost (Memcpy)",
      "  MemcpyToHost (Memcpy_token_1)",
    );
    expect(text).toBe("of 3 operators of an iteration 1 falls back to the CPU, with 2 copies: Cast (energy/Cast_1)");
  });

  test("of one provider for all it says the number alone", () => {
    const all = (provider: string) =>
      about("Node placements", ` All nodes placed on [${provider}]. Number of nodes: 1375`);
    expect(all("WebGpuExecutionProvider")).toBe("all 1,375 operators of an iteration run on the card");
    expect(all("CPUExecutionProvider")).toBe("all 1,375 operators of an iteration fall back to the CPU");
  });
});

test("what cannot be loaded is placed nowhere", async () => {
  expect(await placementsOf(new Uint8Array([1, 2, 3]), "webgpu")).toBeNull();
});

test("the model of a run's first iteration is what is asked about, here of the CPU itself", async () => {
  const config = resolveConfig({ preset: "quickstart", flags: { provider: "cpu", threads: 1 } });
  expect(await onCard(config, await loadData(config), NOTHING)).toMatch(
    /^all [\d,]+ operators of an iteration fall back to the CPU$/,
  );
});

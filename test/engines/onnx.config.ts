import { defineConfig } from "vitest/config";

/** Tests that need Python's onnx: `npm run test:onnx`. */
export default defineConfig({
  test: { include: ["test/**/*.onnx.ts"], setupFiles: ["test/setup.ts"], testTimeout: 120_000, pool: "forks" },
});

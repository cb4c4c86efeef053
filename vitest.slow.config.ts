import { defineConfig } from "vitest/config";

/** Tests that start processes or train for a while: `npm run test:slow`. */
export default defineConfig({
  test: {
    include: ["test/**/*.slow.test.ts"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 120_000,
    pool: "forks",
    isolate: false,
    maxWorkers: "100%",
  },
});

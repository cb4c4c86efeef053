import { defineConfig } from "vitest/config";

/** Tests that need Chromium: `npm run test:browser`. */
export default defineConfig({
  test: {
    include: ["test/**/*.browser.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: "100%",
  },
});

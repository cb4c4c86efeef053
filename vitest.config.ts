import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.slow.test.ts"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 30_000,
    pool: "forks",
    isolate: false, // a quarter of the time went to importing the same modules for every file; whoever mocks one resets them
    maxWorkers: "100%", // by default one core is left to whoever watches
  },
});

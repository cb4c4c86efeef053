#!/usr/bin/env node
/** The program: `vera` on this process's arguments and streams. */
import { vera } from "./vera.js";

// `vera train --help | head` closes our output early: that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await vera(process.argv.slice(2), { out: process.stdout, err: process.stderr });

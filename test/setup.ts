import { setDefaultEngine } from "../src/runtime/engine.js";
import { nodeEngine } from "../src/runtime/engine-node.js";

setDefaultEngine(nodeEngine({ threads: 1 }));

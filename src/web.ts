/** Entry point in web pages. Importing it makes WebAssembly the default engine; nothing here needs Node. */
import { setDefaultEngine } from "./runtime/engine.js";
import { webEngine } from "./runtime/engine-web.js";

setDefaultEngine(webEngine());

export * from "./portable.js";
export { type WebEngineOptions, type WebProvider, webEngine } from "./runtime/engine-web.js";

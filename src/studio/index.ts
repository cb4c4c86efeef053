/** The server of `vera studio`. For Node. */
export { FolderError } from "./folders.js";
export { builtPages, NOT_BUILT } from "./pages.js";
export { compared, listed, trashed } from "./runs/at-terminal.js";
export { type Studio, type StudioOptions, startStudio } from "./server.js";

/** Files that are whole or not there, folders, and who owns one. For Node. */
export { clearTemporaries, isTemporary, makeFolder, temporaryFor } from "./folder.js";
export { FolderInUse, FolderLock, type Holder, holderOf, isClaim, isRunning, startOf } from "./lock.js";
export { quoted } from "./quoted.js";
export { ResultFolder } from "./result-folder.js";
export { FileError, keep, onFile, replaceFile, writeAtomic } from "./write.js";

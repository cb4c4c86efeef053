/** What was asked for cannot be exported. The message says why. */
export class ExportError extends Error {
  override readonly name = "ExportError";
}

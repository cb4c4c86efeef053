/** Thrown for data that cannot be drawn (a wrong shape, unequal lengths) and for files that cannot be written. */
export class FigureError extends Error {
  override name = "FigureError";
}

/** Which pixels of pictures are to be filled in: a half by its name, the centre, a rectangle, or white in a picture of its own. */
import { greyPicture } from "../../data/formats/pictures.js";
import { DataError } from "../../data/index.js";
import { ConfigError } from "../../runs/index.js";

/** 1 for a pixel to be filled in, 0 for a known one: `H × W`, row by row. */
export type Mask = Uint8Array;

type Rectangle = readonly [x: number, y: number, width: number, height: number];

const FORMS: Readonly<Record<string, (height: number, width: number) => Rectangle>> = {
  left: (h, w) => [0, 0, w >> 1, h],
  right: (h, w) => [w >> 1, 0, w - (w >> 1), h],
  top: (h, w) => [0, 0, w, h >> 1],
  bottom: (h, w) => [0, h >> 1, w, h - (h >> 1)],
  centre: (h, w) => [w >> 2, h >> 2, w >> 1, h >> 1],
};

/**
 * @param text `left`, `right`, `top`, `bottom` (halves), `centre` (half as high and wide), `x,y,w,h` in pixels from the upper left corner,
 * or the path of a picture of exactly the size of the model's, white where it is to be filled in
 * @throws ConfigError for a rectangle that is none, or does not lie within; DataError for a picture of another size, or all of one kind
 */
export async function maskOf(text: string, height: number, width: number): Promise<Mask> {
  const form = Object.hasOwn(FORMS, text) ? FORMS[text]!(height, width) : rectangleOf(text, height, width);
  if (form === null) return painted(text, height, width);
  const [left, top, w, h] = form;
  const within = (p: number, from: number, length: number) => p >= from && p < from + length;
  const mask = Uint8Array.from({ length: height * width }, (_, i) =>
    Number(within(i % width, left, w) && within(Math.floor(i / width), top, h)),
  );
  if (mask.every((m) => m === 1)) throw new ConfigError(`--mask ${text} covers the whole picture: nothing is known`);
  return mask;
}

/** `x,y,w,h`; null for other text. @throws ConfigError */
function rectangleOf(text: string, height: number, width: number): Rectangle | null {
  if (!/^-?\d+(,-?\d+){3}$/.test(text)) return null;
  const [x = 0, y = 0, w = 0, h = 0] = text.split(",").map(Number);
  if (x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= width && y + h <= height) return [x, y, w, h];
  throw new ConfigError(
    `--mask ${text}: x, y, width and height of a rectangle with something in it, within the model's ${width}×${height} pixels`,
  );
}

/** The darkest grey that counts as white. */
const WHITE = 128;

async function painted(path: string, height: number, width: number): Promise<Mask> {
  const picture = await greyPicture(path).catch((cause: Error) => {
    if (!(cause instanceof DataError)) throw cause;
    const wayOut = `--mask takes a picture, x,y,w,h, or one of ${Object.keys(FORMS).join(", ")}`;
    throw new DataError(path, cause.problem, wayOut, { cause });
  });
  if (picture.width !== width || picture.height !== height)
    throw new DataError(
      path,
      `the mask has ${picture.width}×${picture.height} pixels, the model's pictures ${width}×${height}`,
      "save it at that size",
    );
  const mask = picture.pixels.map((v) => Number(v >= WHITE));
  const covered = mask.reduce((a, b) => a + b, 0);
  if (covered === 0) throw new DataError(path, "nothing is white: there is nothing to fill in");
  if (covered === mask.length) throw new DataError(path, "all is white: nothing is known");
  return mask;
}

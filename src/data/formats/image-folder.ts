/** Folders of pictures, one sub-folder per class. */
import { basename, join } from "node:path";
import { FIXED } from "../../runtime/streams.js";
import { type BadFile, DataError } from "../error.js";
import { entriesOf, PICTURE_KINDS, PictureWalk } from "./picture-files.js";

/** A picture and its class, -1 for none. */
export interface Picture {
  readonly path: string;
  readonly label: number;
}

export interface PictureFolder {
  readonly folder: string;
  readonly pictures: readonly Picture[];
  /** Names of the sub-folders, sorted; null for a folder of pictures without sub-folders. */
  readonly classes: readonly string[] | null;
  /** What should be pictures or folders of them, and cannot be read. */
  readonly bad: readonly BadFile[];
  /** What was left out. */
  readonly notes: readonly string[];
}

/**
 * Lists the pictures of a folder, in order of class and name. A class is a sub-folder with pictures in it or below it. Hidden names
 * are left out, links are followed.
 * @param expected classes of another folder (the training one), which this one must have as well.
 * @throws DataError where there is no such folder, no picture, or an unexpected class.
 */
export function listPictures(folder: string, expected?: readonly string[]): PictureFolder {
  const walk = new PictureWalk();
  const entries = entriesOf(folder);
  const [unreadable] = entries.bad;
  if (unreadable?.path === folder) throw new DataError(folder, unreadable.problem);
  walk.bad.push(...entries.bad);
  walk.enter(folder);
  const loose = walk.own(folder, entries);
  const found = entries.folders.map((name) => {
    const [before, bad] = [walk.notes.length, walk.bad.length];
    const pictures = walk.below(join(folder, name));
    // Where there was something to say, it is said already.
    if (pictures.length === 0 && walk.notes.length === before && walk.bad.length === bad)
      walk.notes.push(`${join(folder, name)}: no pictures in it (${PICTURE_KINDS}), so no class`);
    return { name, pictures };
  });
  const filled = found.filter(({ pictures }) => pictures.length > 0);
  const rest = { folder, bad: walk.bad, notes: walk.notes };
  if (filled.length === 0) {
    if (loose.length === 0) throw nothing(folder, walk, "put those of each class in a sub-folder of its own");
    return { ...rest, pictures: loose.map((path) => ({ path, label: -1 })), classes: null };
  }
  if (loose.length > 0) {
    const names = loose.slice(0, 3).map((path) => basename(path));
    walk.notes.push(
      `${folder}: ${loose.length} ${loose.length === 1 ? "picture" : "pictures"} beside the folders of classes not used ` +
        `(${names.join(", ")}${loose.length > 3 ? ", …" : ""}): they have no class`,
    );
  }
  const own = filled.map(({ name }) => name);
  const classes = expected ?? own;
  if (expected !== undefined) compareClasses(folder, own, expected, walk.notes);
  const pictures = filled.flatMap(({ name, pictures }) => {
    const label = classes.indexOf(name);
    return pictures.map((path) => ({ path, label }));
  });
  return { ...rest, pictures, classes };
}

/** Pictures without regard to classes. */
export interface Pictures extends Omit<PictureFolder, "classes"> {
  /** Pictures of kinds that are not read. */
  readonly others: readonly BadFile[];
}

/** All pictures in a folder and below it, whatever the folders are for. @throws DataError where there is none. */
export function allPictures(folder: string): Pictures {
  const walk = new PictureWalk();
  const pictures = walk.below(folder).map((path) => ({ path, label: -1 }));
  const { bad, others, notes } = walk;
  if (pictures.length === 0) throw nothing(folder, walk);
  return { folder, pictures, bad, others, notes };
}

function nothing(folder: string, { bad, notes }: PictureWalk, wayOut?: string): DataError {
  const why = [...bad.map(({ path, problem }) => `${path}: ${problem}`), ...notes].slice(0, 5);
  return new DataError(folder, `no pictures (${PICTURE_KINDS})${why.length > 0 ? `; ${why.join("; ")}` : ""}`, wayOut);
}

/** @throws DataError where a folder has classes that are not expected; expected ones that it has not are noted. */
function compareClasses(folder: string, own: readonly string[], expected: readonly string[], notes: string[]): void {
  const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");
  const unknown = own.filter((name) => !expected.includes(name));
  const absent = expected.filter((name) => !own.includes(name));
  if (unknown.length > 0)
    throw new DataError(
      folder,
      `${unknown.length === 1 ? "class" : "classes"} ${quoted(unknown)} ${unknown.length === 1 ? "is" : "are"} not one of ` +
        `${expected.join(", ")}${absent.length > 0 ? `, of which ${quoted(absent)} ${absent.length === 1 ? "is" : "are"} not here` : ""}`,
      "give folders of the same class the same name",
    );
  if (absent.length > 0) notes.push(`${folder}: no pictures of ${quoted(absent)}`);
}

/** At most `limit` of the pictures, drawn at random with a fixed seed, in their order. */
export function limitPictures(pictures: readonly Picture[], limit: number): readonly Picture[] {
  if (pictures.length <= limit) return pictures;
  const chosen = FIXED.for("pictures of a folder").choose(pictures.length, limit);
  return Array.from(chosen, (i) => pictures[i]!);
}

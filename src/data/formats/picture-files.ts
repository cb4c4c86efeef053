/** Files of pictures as folders hold them: links followed, hidden ones left out, what cannot be used named with the reason. */
import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { type BadFile, reason, show } from "../error.js";

const PICTURE = /\.(jpe?g|jpe|jfif|png|webp|tiff?|gif|avif)$/i;
/** Pictures of kinds that are not read. */
const OTHER_PICTURE = /\.(bmp|heic|heif|jp2|jxl|psd|svg|tga|p[npgb]m|dng|cr2|nef|arw|raw)$/i;
/** What is no data: hidden, or left by a system's file manager or archiver. */
const IGNORED = /^(\..*|__MACOSX|Thumbs\.db|ehthumbs\.db|desktop\.ini|@eaDir|\$RECYCLE\.BIN)$/i;

/** Endings of pictures that are read, for messages. */
export const PICTURE_KINDS = ".jpg, .png, .webp, .tif, .gif, .avif";

/** Does a file's name say that it is a picture? */
export const isPicture = (name: string): boolean => PICTURE.test(name);

/** What is in a folder, sorted by name; links are what they lead to. */
export interface Entries {
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly bad: readonly BadFile[];
}

/** Lists a folder. A folder that cannot be read, and links that lead nowhere, are among the bad. */
export function entriesOf(folder: string): Entries {
  const [folders, files, bad]: [string[], string[], BadFile[]] = [[], [], []];
  let all: Dirent[];
  try {
    all = readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    return { folders, files, bad: [{ path: folder, problem: `not a folder that can be read (${reason(cause)})` }] };
  }
  for (const entry of all.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = entry;
    if (IGNORED.test(name)) continue;
    const kind = kindOf(entry, join(folder, name));
    if (kind === "folder") folders.push(name);
    else if (kind === "file") files.push(name);
    else if (entry.isSymbolicLink() || isPicture(name)) bad.push({ path: join(folder, name), problem: kind });
  }
  return { folders, files, bad };
}

function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder; // listing it says what is wrong
  }
}

/** Folder or file; of anything else why it is neither. */
function kindOf(entry: Dirent, path: string): "folder" | "file" | (string & {}) {
  if (entry.isDirectory()) return "folder";
  if (entry.isFile()) return "file";
  try {
    const found = statSync(path);
    return found.isDirectory() ? "folder" : found.isFile() ? "file" : "neither a file nor a folder";
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return "a link to what is not there";
    return code === "ELOOP" ? "a link that leads back to itself" : `cannot be read (${reason(cause)})`;
  }
}

/** The pictures below folders. Every folder is read once, however many links lead to it. */
export class PictureWalk {
  readonly bad: BadFile[] = [];
  readonly notes: string[] = [];
  /** Pictures of kinds that are not read; a note says it of each folder. */
  readonly others: BadFile[] = [];
  /** Real paths of what was read, and under which name. */
  private readonly seen = new Map<string, string>();

  /** Marks a folder as read, so that links to it are not followed. @returns whether this is the first time. */
  enter(folder: string): boolean {
    const real = realPath(folder);
    const before = this.seen.get(real);
    if (before === undefined) this.seen.set(real, folder);
    else this.notes.push(`${folder} leads to ${before}, which was read already: not read again`);
    return before === undefined;
  }

  /** Paths of the pictures in a folder and in those below it, each folder's own first. */
  below(folder: string): string[] {
    if (!this.enter(folder)) return [];
    const entries = entriesOf(folder);
    this.bad.push(...entries.bad);
    return [...this.own(folder, entries), ...entries.folders.flatMap((name) => this.below(join(folder, name)))];
  }

  /** The pictures among a folder's files. */
  own(folder: string, { files }: Entries): string[] {
    const others = files.filter((name) => OTHER_PICTURE.test(name));
    const problem = `of a kind that is not read (${PICTURE_KINDS} are)`;
    this.others.push(...others.map((name) => ({ path: join(folder, name), problem })));
    if (others.length > 0)
      this.notes.push(
        `${folder}: ${show(others.length)} ${others.length === 1 ? "file" : "files"} not used, of kinds that are not read ` +
          `(${[...new Set(others.map((name) => extname(name).toLowerCase()))].join(", ")}; ${PICTURE_KINDS} are)`,
      );
    return files.filter(isPicture).map((name) => join(folder, name));
  }
}

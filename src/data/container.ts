/** Where a data set's files are: in a folder, plain or compressed with gzip, or in an archive as it was published. */
import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { DataError } from "./error.js";
import { readTar, Zip } from "./formats/archive.js";
import { allowance } from "./formats/budget.js";
import { limited, maybeGunzipped, openStream, readBytes, unpack } from "./formats/gzip.js";

/** The files of a data set. Names are those of its layout, without `.gz`; contents come unpacked. */
export interface Container {
  /** Path, for messages. */
  readonly where: string;
  has(name: string): boolean;
  /** Name of a file for messages. */
  label(name: string): string;
  /** @throws DataError where it is missing, truncated or corrupt. */
  bytes(name: string): Promise<Uint8Array>;
  /** @throws DataError as {@link bytes}; the stream fails with one too. */
  stream(name: string): Promise<Readable>;
  close(): void;
}

/** One of the forms in which a data set may be there. */
export interface Layout {
  readonly form: "folder" | "tar" | "zip";
  /** Paths of the folder or archive below the data root, the usual one first. */
  readonly at: readonly string[];
  /** Files of the complete set. */
  readonly files: readonly string[];
  /** What a file may be called as well. */
  readonly alsoCalled?: (name: string) => readonly string[];
  /** `files` are folders. Default false. */
  readonly folders?: boolean;
  /** With these something can be loaded. Default: all. */
  readonly enough?: (has: (name: string) => boolean) => boolean;
}

export interface Found {
  readonly layout: Layout;
  readonly path: string;
  /** Files that are there; for an archive all are taken to be, until it is opened. */
  readonly present: readonly string[];
  readonly missing: readonly string[];
  readonly loadable: boolean;
}

type Names = Pick<Layout, "alsoCalled" | "folders">;

/** What a file may be called, plain and compressed. */
const spellings = (name: string, { alsoCalled }: Names): string[] =>
  [name, ...(alsoCalled?.(name) ?? [])].flatMap((spelling) => [spelling, `${spelling}.gz`]);

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Path of a file, whichever spelling is there; some unpackers put it in a folder of its own name. */
function fileIn(folder: string, name: string, names: Names): string | null {
  if (names.folders === true) return isFolder(join(folder, name)) ? join(folder, name) : null;
  const paths = spellings(name, names).map((spelling) => join(folder, spelling));
  return paths.find(isFile) ?? paths.map((path) => join(path, basename(path))).find(isFile) ?? null;
}

/** Looks for a data set below a root: the most complete of its layouts, the first of equals; null where there is nothing of it. */
export function locate(root: string, layouts: readonly Layout[]): Found | null {
  const found = layouts.flatMap((layout) =>
    layout.at.map((at): Found => {
      const path = join(root, at);
      const whole = layout.form !== "folder" && isFile(path);
      const has = (name: string) => (layout.form === "folder" ? fileIn(path, name, layout) !== null : whole);
      const present = layout.files.filter(has);
      const missing = layout.files.filter((name) => !has(name));
      const loadable = missing.length === 0 || (layout.enough?.(has) ?? false);
      return { layout, path, present, missing, loadable };
    }),
  );
  const best = found.sort((a, b) => Number(b.loadable) - Number(a.loadable) || a.missing.length - b.missing.length)[0];
  return best === undefined || best.present.length === 0 ? null : best;
}

/** Opens what {@link locate} found. @throws DataError where an archive is damaged. */
export async function openContainer({ layout, path }: Found): Promise<Container> {
  if (layout.form === "folder") return new Folder(path, layout);
  if (layout.form === "tar")
    return new Tar(
      path,
      await readTar(
        path,
        layout.files.flatMap((f) => [f, `${f}.gz`]),
      ),
    );
  return openZip(path, layout.files);
}

class Folder implements Container {
  constructor(
    readonly where: string,
    private readonly names: Names,
  ) {}

  has(name: string): boolean {
    return fileIn(this.where, name, this.names) !== null;
  }

  label(name: string): string {
    return fileIn(this.where, name, this.names) ?? join(this.where, name);
  }

  bytes(name: string): Promise<Uint8Array> {
    return readBytes(this.label(name));
  }

  async stream(name: string): Promise<Readable> {
    const path = this.label(name);
    const max = allowance(statSync(path, { throwIfNoEntry: false })?.size ?? 0, "inflated");
    return limited(await openStream(path), max, path);
  }

  close(): void {}
}

class Tar implements Container {
  constructor(
    readonly where: string,
    private readonly files: ReadonlyMap<string, Uint8Array>,
  ) {}

  has(name: string): boolean {
    return this.files.has(name) || this.files.has(`${name}.gz`);
  }

  label(name: string): string {
    return `${this.where} › ${name}`;
  }

  async bytes(name: string): Promise<Uint8Array> {
    const bytes = this.files.get(name) ?? this.files.get(`${name}.gz`);
    if (bytes === undefined) throw new DataError(this.where, `no ${name} in it`, "fetch the file again");
    return unpack(bytes, this.label(name));
  }

  async stream(name: string): Promise<Readable> {
    return Readable.from([Buffer.from(await this.bytes(name))]);
  }

  close(): void {}
}

/** UCI packs some sets twice: where the files are not in the zip itself, the zips in it are searched. */
async function openZip(path: string, files: readonly string[]): Promise<Container> {
  let zip = await Zip.open(path);
  const inner = zip.nested();
  if (!files.some((name) => entryName(zip, name) !== null) && inner !== null) {
    const content = await zip.bytes(inner);
    zip.close();
    zip = await Zip.open(`${path} › ${inner}`, content);
  }
  return new ZipContainer(path, zip);
}

const entryName = (zip: Zip, name: string): string | null =>
  zip.has(name) ? name : zip.has(`${name}.gz`) ? `${name}.gz` : null;

class ZipContainer implements Container {
  constructor(
    readonly where: string,
    private readonly zip: Zip,
  ) {}

  has(name: string): boolean {
    return entryName(this.zip, name) !== null;
  }

  label(name: string): string {
    return `${this.where} › ${name}`;
  }

  async bytes(name: string): Promise<Uint8Array> {
    return unpack(await this.zip.bytes(entryName(this.zip, name) ?? name), this.label(name));
  }

  async stream(name: string): Promise<Readable> {
    const entry = entryName(this.zip, name) ?? name;
    const [label, max] = [this.label(name), this.zip.allowance(entry)];
    return limited(await maybeGunzipped(await this.zip.stream(entry), label), max, label);
  }

  close(): void {
    this.zip.close();
  }
}

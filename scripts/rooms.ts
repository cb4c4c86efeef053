/**
 * Draws the rooms of `src` into docs/architecture.md, from the imports themselves.
 *
 *     npm run docs:rooms            writes
 *     npm run docs:rooms -- --check fails where the pictures are not those of the code
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readImports, roomOf } from "./imports.js";

const DOCS = fileURLToPath(new URL("../docs/architecture.md", import.meta.url));
const SRC = fileURLToPath(new URL("../src", import.meta.url));

/** Which rooms a room imports from. */
type Rooms = ReadonlyMap<string, ReadonlySet<string>>;

/** @param layer whose own rooms are meant; the layers themselves without one */
function roomsOf(layer: string | null): Rooms {
  const level = layer === null ? 1 : 2;
  const inside = (room: string | null): room is string =>
    room !== null && (layer === null || room.startsWith(`${layer}/`));
  const rooms = new Map<string, Set<string>>();
  const { source, imports } = readImports(SRC);
  for (const [file, list] of imports) {
    const from = roomOf(file, level);
    if (!inside(from)) continue;
    const own = list.filter(({ target }) => source.has(target)); // no packages
    const to = own.map(({ target }) => roomOf(target, level)).filter(inside);
    rooms.set(from, new Set([...(rooms.get(from) ?? []), ...to.filter((room) => room !== from)]));
  }
  return rooms;
}

/** All that a room reaches. */
function reached(rooms: Rooms, from: string): Set<string> {
  const found = new Set(rooms.get(from));
  for (const room of found) for (const next of rooms.get(room) ?? []) found.add(next); // a Set iterates over what is added meanwhile
  return found;
}

/** The arrows that do not follow from others. */
function arrows(rooms: Rooms): [from: string, to: string][] {
  return [...rooms].flatMap(([from, list]) =>
    [...list]
      .filter((to) => ![...list].some((other) => other !== to && reached(rooms, other).has(to)))
      .map((to): [string, string] => [from, to]),
  );
}

function drawn(layer: string | null): string {
  const rooms = roomsOf(layer);
  const name = (room: string) => room.replace("/", ".");
  const lines = arrows(rooms).map(([from, to]) => `  ${name(from)} --> ${name(to)}`);
  const alone = [...rooms.keys()].filter((room) => !lines.some((line) => line.split(/ +/).includes(name(room))));
  return ["```mermaid", "flowchart TD", ...[...lines, ...alone.map((room) => `  ${name(room)}`)].sort(), "```"].join(
    "\n",
  );
}

const PICTURE = /(<!-- rooms(?: of (\w+))? -->\n)[\s\S]*?(<!-- end of rooms -->)/g;

/** The document with its pictures drawn anew. */
const redrawn = (text: string): string =>
  text.replace(
    PICTURE,
    (_, begin: string, layer: string | undefined, end: string) => `${begin}${drawn(layer ?? null)}\n${end}`,
  );

/** Lines of the document that are not as the code has them. */
export function stale(): string[] {
  const text = readFileSync(DOCS, "utf8");
  if (redrawn(text) === text) return [];
  const now = new Set(redrawn(text).split("\n"));
  const before = new Set(text.split("\n"));
  return [
    ...[...before].filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...[...now].filter((line) => !before.has(line)).map((line) => `+ ${line}`),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wrong = stale();
  if (process.argv.includes("--check")) {
    if (wrong.length > 0) console.error(`docs/architecture.md is stale: npm run docs:rooms\n${wrong.join("\n")}`);
    process.exitCode = wrong.length > 0 ? 1 : 0;
  } else writeFileSync(DOCS, redrawn(readFileSync(DOCS, "utf8")));
}

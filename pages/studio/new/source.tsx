/** What is learned: a table that is dropped or lies in the studio's folders, a folder of pictures, or a known data set. */
import { useEffect, useState } from "preact/hooks";
import type { Sources } from "../../../src/studio/ask-api.js";
import { fileSize } from "../../shared/numbers.js";
import { DropZone } from "../drop-zone.js";
import { ask } from "../server.js";
import { upload } from "../uploads.js";

export type Source =
  /** `table` as the server takes it: a path, or `upload:ID`. */
  | { readonly kind: "table"; readonly table: string; readonly name: string }
  | { readonly kind: "pictures"; readonly folder: string }
  | { readonly kind: "dataset"; readonly name: string };

interface SourceChoiceProps {
  readonly source: Source | null;
  readonly onChoose: (source: Source) => void;
}

const WAYS = { drop: "A table of mine", machine: "On this machine", known: "A known data set" } as const;
type Way = keyof typeof WAYS;

export function SourceChoice({ source, onChoose }: SourceChoiceProps) {
  const [way, setWay] = useState<Way>(source?.kind === "dataset" ? "known" : "drop");
  const [sources, setSources] = useState<Sources | null>(null);
  const [problem, tell] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    ask<Sources>("/api/sources").then(setSources, (error: Error) => tell(error.message));
  }, []);
  useEffect(() => {
    if (source !== null) setWay(source.kind === "dataset" ? "known" : source.kind === "pictures" ? "machine" : way);
  }, [source]);
  const take = async (file: File) => {
    setBusy(true);
    tell(null);
    try {
      const { id, name } = await upload(file, file.name);
      onChoose({ kind: "table", table: `upload:${id}`, name });
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  return (
    <section class="panel" aria-labelledby="new-source">
      <h2 id="new-source">What to learn</h2>
      <div class="ways" role="radiogroup" aria-labelledby="new-source">
        {(Object.keys(WAYS) as Way[]).map((each) => (
          <label key={each}>
            <input type="radio" name="way" checked={way === each} onChange={() => setWay(each)} /> {WAYS[each]}
          </label>
        ))}
      </div>
      {way === "drop" && (
        <DropZone
          label="Choose a table …"
          accept=".csv,.tsv,.txt,.parquet,.pq,.json,.jsonl,.ndjson,.gz,.zst"
          disabled={busy}
          onFiles={([file]) => file && take(file)}
        >
          {busy ? "it is taken in …" : "or drop it here: CSV, Parquet, JSON. A copy is kept beside the runs."}
        </DropZone>
      )}
      {way === "machine" && <OnMachine sources={sources} onChoose={onChoose} />}
      {way === "known" && <Known sources={sources} source={source} onChoose={onChoose} />}
      {problem !== null && (
        <p class="warning" role="alert">
          {problem}
        </p>
      )}
      {source !== null && (
        <p role="status">
          Chosen: <b>{nameOf(source)}</b>
        </p>
      )}
    </section>
  );
}

export const nameOf = (source: Source): string =>
  source.kind === "pictures" ? source.folder : source.kind === "table" ? source.name : source.name;

function OnMachine(props: { readonly sources: Sources | null; readonly onChoose: (source: Source) => void }) {
  const { sources, onChoose } = props;
  const [folder, setFolder] = useState("");
  return (
    <>
      {sources === null && <p class="quiet">Loading …</p>}
      {sources?.files.length === 0 && <p class="quiet">There is no table below the studio's folders.</p>}
      <ul class="files">
        {sources?.files.map(({ path, bytes }) => (
          <li key={path}>
            <button
              type="button"
              class="plain"
              onClick={() => onChoose({ kind: "table", table: path, name: path.split(/[/\\]/).at(-1)! })}
            >
              {path}
            </button>{" "}
            <span class="quiet">{bytes !== null && fileSize(bytes)}</span>
          </li>
        ))}
      </ul>
      <form
        class="line-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (folder.trim() !== "") onChoose({ kind: "pictures", folder: folder.trim() });
        }}
      >
        <label for="picture-folder">Or a folder of pictures, one sub-folder for each class</label>
        <input
          id="picture-folder"
          type="text"
          spellcheck={false}
          value={folder}
          onInput={(event) => setFolder(event.currentTarget.value)}
        />
        <button type="submit" disabled={folder.trim() === ""}>
          Take it
        </button>
      </form>
    </>
  );
}

const READY = new Set(["built in", "ready", "partial"]);

function Known(props: {
  readonly sources: Sources | null;
  readonly source: Source | null;
  readonly onChoose: (source: Source) => void;
}) {
  const { sources, source, onChoose } = props;
  const chosen = source?.kind === "dataset" ? source.name : "";
  const there = sources?.datasets.filter(({ state }) => READY.has(state)) ?? [];
  const absent = sources?.datasets.filter(({ state }) => !READY.has(state)) ?? [];
  const about = sources?.datasets.find(({ name }) => name === chosen);
  return (
    <div class="line-form">
      <label for="known-set">Data set</label>
      <select
        id="known-set"
        value={chosen}
        onChange={(event) => onChoose({ kind: "dataset", name: event.currentTarget.value })}
      >
        <option value="" disabled>
          choose …
        </option>
        {there.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
        <optgroup label="Not on this machine: vera data download">
          {absent.map(({ name }) => (
            <option key={name} value={name} disabled>
              {name}
            </option>
          ))}
        </optgroup>
      </select>
      {about !== undefined && <span class="quiet">{about.summary}</span>}
    </div>
  );
}

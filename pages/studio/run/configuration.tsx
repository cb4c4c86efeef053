/** The settings of a run: what differs from the defaults first. */
import { useState } from "preact/hooks";
import type { RunDetail, Setting } from "../../../src/studio/api.js";
import { Told } from "../../shared/told.js";
import { written } from "../settings.js";

export function Configuration({ run }: { readonly run: RunDetail }) {
  const [text, search] = useState("");
  const wanted = ({ name, flag, help }: Setting): boolean =>
    `${name} ${flag} ${help}`.toLowerCase().includes(text.trim().toLowerCase());
  const found = run.configuration.filter(wanted);
  const differing = found.filter(({ differs }) => differs);
  const atDefaults = found.filter(({ differs }) => !differs);
  const groups = [...new Set(atDefaults.map(({ group }) => group))];
  return (
    <section class="panel configuration" aria-labelledby="configuration">
      <header>
        <h2 id="configuration">Configuration</h2>
        <input
          type="search"
          aria-label="Search settings"
          placeholder="Search"
          value={text}
          onInput={(event) => search(event.currentTarget.value)}
        />
      </header>
      {run.configuration.length === 0 && <p class="quiet">It cannot be read.</p>}
      {differing.length > 0 && <h3>Not at their defaults</h3>}
      <Settings settings={differing} />
      {groups.map((group) => (
        <details key={group} open={text !== ""}>
          <summary>
            {group} <span class="quiet">at their defaults</span>
          </summary>
          <Settings settings={atDefaults.filter((setting) => setting.group === group)} />
        </details>
      ))}
    </section>
  );
}

function Settings({ settings }: { readonly settings: readonly Setting[] }) {
  if (settings.length === 0) return null;
  return (
    <dl class="settings">
      {settings.map((setting) => (
        <div key={setting.name}>
          <dt>
            <Told about={setting.help}>{setting.name}</Told>
          </dt>
          <dd>
            {written(setting.value)}
            {setting.differs && <span class="quiet"> · default {written(setting.default)}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

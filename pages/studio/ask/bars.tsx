/** Shares as bars, with their numbers. */
interface BarsProps {
  readonly items: readonly { readonly name: string; readonly value: number }[];
  readonly label: string;
}

export function Bars({ items, label }: BarsProps) {
  return (
    <ul class="bars" aria-label={label}>
      {items.map(({ name, value }) => (
        <li key={name}>
          <span class="name" title={name}>
            {name}
          </span>
          <span class="track" aria-hidden="true">
            <span class="bar-fill" style={{ width: `${Math.max(0, Math.min(1, value)) * 100}%` }} />
          </span>
          <span class="value">{percent(value)}</span>
        </li>
      ))}
    </ul>
  );
}

/** A share in percent: as many digits as it takes to tell it from none and all. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value > 0 && value < 0.1) return "< 0.1 %";
  if (value < 100 && value > 99.9) return "> 99.9 %";
  return `${value.toFixed(value === 0 || value === 100 ? 0 : 1)} %`;
}

/** Which metrics are compared. */
import { ChoiceBox, Chooser } from "../chooser.js";

interface MetricChooserProps {
  readonly metrics: readonly string[];
  readonly chosen: readonly string[];
  readonly onChoose: (metrics: readonly string[]) => void;
}

export const MetricChooser = ({ metrics, chosen, onChoose }: MetricChooserProps) => (
  <Chooser title="Metrics" count={chosen.length}>
    {(isFound) => (
      <ul class="choices">
        {metrics.filter(isFound).map((name) => (
          <li key={name}>
            <ChoiceBox of={name} chosen={chosen} onChoose={onChoose} />
          </li>
        ))}
      </ul>
    )}
  </Chooser>
);

/** What the second chapter's model is, in the paper's symbols. */
import { Equation, f, frac, i, o, of, over, row, sup, x } from "./math.js";

const logit = row(f(x), <mtext>[</mtext>, i("y"), <mtext>]</mtext>);

export const JemText = () => (
  <div class="controls">
    <div class="panel">
      <h2>A classifier is a density</h2>
      <p>
        The network has a number for each class, as any classifier. Their softmax is the class's probability; a
        temperature T, fitted to digits that were held out, makes it mean what it says.
      </p>
      <Equation says="p of y given x is proportional to e to the f of x at y over T">
        {row(of(i("p"), i("y"), o("|"), x), o("∝"), sup(i("e"), row(logit, o("/"), i("T"))))}
      </Equation>
      <p>
        JEM (Grathwohl et al., ICLR 2020) reads the same numbers once more: their sum is how likely the input is at all.
        A plain classifier leaves it to chance; here it is trained, by VERA, as in the first chapter. What neither
        digits nor the generator’s samples reach is held down, too: empty pictures, noise, digits run together.
      </p>
      <Equation says="f of x is the logarithm of the sum over y of e to the f of x at y">
        {row(f(x), o("="), i("log"), over("Σ", i("y")), sup(i("e"), logit))}
      </Equation>
      <Equation says="p of x is e to the f of x over Z">
        {row(of(i("p"), x), o("="), frac(sup(i("e"), f(x)), i("Z")))}
      </Equation>
      <p>
        <b>Surprise</b> is the share of held-out digits with a higher f. Try noise, a letter, or nothing at all: the
        class's probability may be high, but f is low.
      </p>
    </div>
  </div>
);

/** Equations as MathML, which browsers draw by themselves. */
import type { ComponentChildren } from "preact";

type Part = ComponentChildren;

/** Letters, words. */
export const i = (name: string) => <mi>{name}</mi>;
export const n = (value: string | number) => <mn>{value}</mn>;
export const o = (operator: string) => <mo>{operator}</mo>;
export const row = (...parts: Part[]) => <mrow>{parts}</mrow>;
export const sub = (base: Part, below: Part) => (
  <msub>
    <mrow>{base}</mrow>
    <mrow>{below}</mrow>
  </msub>
);
export const sup = (base: Part, above: Part) => (
  <msup>
    <mrow>{base}</mrow>
    <mrow>{above}</mrow>
  </msup>
);
export const frac = (over: Part, under: Part) => (
  <mfrac>
    <mrow>{over}</mrow>
    <mrow>{under}</mrow>
  </mfrac>
);
export const hat = (base: Part) => (
  <mover accent>
    <mrow>{base}</mrow>
    <mo>˜</mo>
  </mover>
);
/** Σ, E and the like, with what they run over. */
export const over = (operator: string, below: Part) => (
  <munder>
    <mo>{operator}</mo>
    <mrow>{below}</mrow>
  </munder>
);
/** A function of arguments; brackets are text, which stays as high as letters. */
export const of = (name: Part, ...args: Part[]) => (
  <mrow>
    {name}
    <mtext>(</mtext>
    {args}
    <mtext>)</mtext>
  </mrow>
);
export const norm = (inside: Part) => row(o("‖"), inside, o("‖"));

export const x = i("x");
export const xd = sub(i("x"), i("d"));
export const xg = sub(i("x"), i("g"));
export const f = (arg: Part) => of(i("f"), arg);
export const gradient = (arg: Part) => row(sub(o("∇"), i("x")), f(arg));

export const Equation = ({ children, says }: { readonly children: Part; readonly says: string }) => (
  <div class="equation">
    <math display="block" aria-label={says}>
      <mrow>{children}</mrow>
    </math>
  </div>
);

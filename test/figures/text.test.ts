import { describe, expect, it } from "vitest";
import { renderPng } from "../../src/figures/index.js";
import { el, escapeXml, pathThrough } from "../../src/figures/svg.js";
import { fitText, superscript, text, textWidth } from "../../src/figures/text.js";
import { pixelsOf } from "./fixtures.js";

describe("text", () => {
  it("estimates widths within 4 % of what the font draws", () => {
    for (const words of ["Test accuracy (%)", "0123456789.00", "Out-of-distribution AUROC", "CIFAR-10 interpolated"]) {
      const drawn = el(
        "svg",
        { xmlns: "http://www.w3.org/2000/svg", width: 900, height: 60 },
        text(10, 40, words, { size: 40 }),
      );
      const { width, height, at } = pixelsOf(renderPng(drawn));
      const inked = Array.from({ length: width }, (_, x) => x).filter((x) =>
        Array.from({ length: height }, (_, y) => at(x, y)[3]!).some((alpha) => alpha > 0),
      );
      const measured = inked.at(-1)! - inked[0]!;
      // Ink lacks the side bearings of the first and the last letter, up to 5 pixels together at this size.
      expect(Math.abs(textWidth(words, 40) - measured - 5), words).toBeLessThan(0.04 * measured);
    }
  });

  it("raises superscripts and returns to the line", () => {
    expect(superscript("-12")).toBe("⁻¹²");
    const svg = text(0, 0, "3×10⁻² s", { size: 10 });
    expect(svg).toContain('3×10<tspan dy="-3.8" font-size="7.4">−2</tspan><tspan dy="3.8"> s</tspan>');
  });

  it("cuts what does not fit", () => {
    expect(fitText("abc", 10, 100)).toBe("abc");
    const cut = fitText("a very long name of a data set", 10, 60);
    expect(cut).toMatch(/…$/);
    expect(textWidth(cut, 10)).toBeLessThanOrEqual(60);
  });

  it("escapes what XML forbids", () => {
    expect(escapeXml('<a & "b">\u0000\ud800')).toBe("&lt;a &amp; &quot;b&quot;&gt;");
    expect(
      pathThrough([
        [0, 1],
        [Number.NaN, 1],
        [2, 3.14499],
        [4, 5],
      ]),
    ).toBe("M0 1M2 3.14L4 5");
  });
});

/** A chart as a file: SVG with its colors, or PNG of twice the size. */

import { saveBlob } from "../../ui/csv";

const STYLED = ["fill", "stroke", "stroke-width", "font-size", "font-family", "opacity"] as const;

/** The chart as text of an SVG file that needs no style sheet. */
export function svgOf(chart: SVGSVGElement): string {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  const shown = [chart, ...chart.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, index) => {
    const styles = getComputedStyle(shown[index] as Element);
    for (const name of STYLED) element.setAttribute(name, styles.getPropertyValue(name));
    element.removeAttribute("class");
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return new XMLSerializer().serializeToString(copy);
}

export function saveSvg(chart: SVGSVGElement, name: string): void {
  saveBlob(`${name}.svg`, new Blob([svgOf(chart)], { type: "image/svg+xml" }));
}

export async function savePng(chart: SVGSVGElement, name: string): Promise<void> {
  const { width, height } = chart.viewBox.baseVal;
  const address = URL.createObjectURL(new Blob([svgOf(chart)], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.width = width * 2;
    image.height = height * 2;
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = width * 2;
    canvas.height = height * 2;
    const context = canvas.getContext("2d");
    if (!context) return;
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const content = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (content) saveBlob(`${name}.png`, content);
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Predicted beside observed: on the diagonal, a probability is what it says. The table stands below it. */

import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Bin } from "./card";

const SIZE = { width: 420, height: 320 };

export function CalibrationPlot({ bins }: { bins: readonly Bin[] }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    // A canvas knows no variables: the browser resolves them on an element.
    const color = (name: string): string => {
      const probe = element.appendChild(document.createElement("i"));
      probe.style.color = `var(${name})`;
      const found = getComputedStyle(probe).color;
      probe.remove();
      return found;
    };
    const sorted = [...bins].sort((a, b) => a.predicted - b.predicted);
    const most = Math.min(1, Math.max(...sorted.map((bin) => Math.max(bin.predicted, bin.observed))) * 1.1);
    const ink = getComputedStyle(element).color;
    const axis = { stroke: ink, grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line") }, values: (_plot: uPlot, marks: number[]) => marks.map((each) => `${Math.round(each * 100)}%`) };
    const plot = new uPlot(
      {
        width: Math.min(SIZE.width, element.clientWidth), height: SIZE.height, legend: { show: false }, cursor: { show: false },
        scales: { x: { time: false, range: [0, most] }, y: { range: [0, most] } },
        axes: [{ ...axis, label: "Predicted", labelSize: 20 }, { ...axis, label: "Denied", labelSize: 20 }],
        series: [
          {},
          { label: "Denied", stroke: color("--mantine-color-anchor"), width: 2, points: { show: true, size: 7, fill: color("--mantine-color-anchor") } },
          { label: "As predicted", stroke: ink, width: 1, dash: [4, 4], points: { show: false } },
        ],
      },
      [[0, ...sorted.map((bin) => bin.predicted), most], [null, ...sorted.map((bin) => bin.observed), null], [0, ...sorted.map((bin) => bin.predicted), most]],
      element,
    );
    return () => plot.destroy();
  }, [bins]);
  return <div ref={place} className="plot" role="img" aria-label="Predicted probability of denial beside the share denied; the table below has the numbers" />;
}

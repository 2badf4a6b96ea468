import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import type { TemperatureMinuteView } from '../../store/views.ts';
import type { Formats } from '../model/formats.ts';

interface PlotProps {
  readonly minutes: readonly TemperatureMinuteView[];
  readonly minCelsius: number;
  readonly maxCelsius: number;
  readonly formats: Formats;
}

const MINUTE_MS = 60_000;

type Series = [number[], (number | null)[], (number | null)[], (number | null)[]];

/** Times in seconds, then lowest, mean and highest. A missing minute is a gap in the line, not a bridge. */
function seriesOf(minutes: readonly TemperatureMinuteView[]): Series {
  const data: Series = [[], [], [], []];
  const push = (timeMs: number, low: number | null, mean: number | null, high: number | null) => {
    data[0].push(timeMs / 1000);
    data[1].push(low);
    data[2].push(mean);
    data[3].push(high);
  };
  let before: number | null = null;
  for (const { minuteMs, minCelsius, meanCelsius, maxCelsius } of minutes) {
    if (before !== null && minuteMs - before > 1.5 * MINUTE_MS) push(before + MINUTE_MS, null, null, null);
    push(minuteMs, minCelsius, meanCelsius, maxCelsius);
    before = minuteMs;
  }
  return data;
}

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Shades what is inside the limits and draws the limits as lines. */
function drawLimits(plot: UPlot, low: number, high: number): void {
  const { ctx, bbox } = plot;
  const top = plot.valToPos(high, 'y', true);
  const bottom = plot.valToPos(low, 'y', true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = token('--plot-band');
  ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  ctx.strokeStyle = token('--plot-limit');
  ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.lineWidth = devicePixelRatio;
  for (const y of [top, bottom]) {
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

const sizeOf = (element: HTMLElement) => ({ width: element.clientWidth, height: element.clientHeight });

function optionsFor(props: PlotProps, size: { width: number; height: number }): UPlot.Options {
  const { minCelsius, maxCelsius, formats } = props;
  const axis = {
    stroke: () => token('--text-soft'),
    font: `11px ${token('--font')}`,
    grid: { stroke: () => token('--line'), width: 1 },
    ticks: { show: false },
  };
  const edge = { stroke: 'transparent', points: { show: false } };
  return {
    ...size,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      y: {
        range: (_plot, low, high) => [
          Math.min(low ?? minCelsius, minCelsius) - 1,
          Math.max(high ?? maxCelsius, maxCelsius) + 1,
        ],
      },
    },
    axes: [
      {
        ...axis,
        size: 28,
        space: 70,
        values: (_plot, ticks) => ticks.map(tick => formats.clock(tick * 1000)),
      },
      { ...axis, size: 44, values: (_plot, ticks) => ticks.map(tick => `${tick}°`.replace('-', '−')) },
    ],
    series: [{}, edge, { stroke: () => token('--accent'), width: 2, points: { show: false } }, edge],
    bands: [{ series: [3, 1], fill: () => token('--plot-range') }],
    hooks: { drawAxes: [plot => drawLimits(plot, minCelsius, maxCelsius)] },
  };
}

/** The temperature of the last hours with its limits; the range within each minute as a band. */
export function TemperaturePlot(props: PlotProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const { minutes, minCelsius, maxCelsius } = props;

  useEffect(() => {
    const element = frame.current!;
    const made = new UPlot(optionsFor(props, sizeOf(element)), seriesOf(minutes), element);
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize(sizeOf(element)));
    resize.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => made.redraw(false);
    scheme.addEventListener('change', redraw);
    return () => {
      resize.disconnect();
      scheme.removeEventListener('change', redraw);
      made.destroy();
    };
  }, [minCelsius, maxCelsius, props.formats]);
  useEffect(() => plot.current?.setData(seriesOf(minutes)), [minutes]);

  return <div class="plot" ref={frame} />;
}

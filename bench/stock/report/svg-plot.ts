/** Series of points or bars as a small, self-contained SVG: no script, no font, no colour that needs a legend's help. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface PlotOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
  /** Texts under the axis instead of numbers, for x = 0, 1, 2 and so on. */
  readonly xNames?: readonly string[];
  /** Draws x = y, where a calibrated probability lies. */
  readonly diagonal?: boolean;
}

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 64;
const RIGHT = 230;
const TOP = 44;
const BOTTOM = 56;
const TICKS = 5;
const COLOURS = ['#0b6e4f', '#8a8f98', '#c98c1b', '#3f6fb5', '#a4508b', '#b5493f'];
const MARKS = ['circle', 'square', 'diamond', 'circle', 'square', 'diamond'];

const asText = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const short = (value: number) => String(Math.round(value * 1000) / 1000);

/** A line plot with marks. The first series is drawn strongest and last, on top of the others. */
export function plot(series: readonly Series[], options: PlotOptions): string {
  const { title, xLabel, yLabel, xRange, yRange, diagonal = false } = options;
  const x = (value: number) =>
    LEFT + ((value - xRange[0]) / (xRange[1] - xRange[0])) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) =>
    HEIGHT - BOTTOM - ((value - yRange[0]) / (yRange[1] - yRange[0])) * (HEIGHT - TOP - BOTTOM);
  const lines = series.map((one, i) => drawSeries(one, i, x, y)).reverse();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="#30343b">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="24" font-size="16" font-weight="600">${asText(title)}</text>`,
    ...drawAxes(options, x, y),
    diagonal
      ? `<line x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" stroke="#b8bcc4" stroke-dasharray="4 4"/>`
      : '',
    ...lines,
    ...series.map((one, i) => drawLegend(one, i)),
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${asText(xLabel)}</text>`,
    `<text x="16" y="${(TOP + HEIGHT - BOTTOM) / 2}" text-anchor="middle" transform="rotate(-90 16 ${(TOP + HEIGHT - BOTTOM) / 2})">${asText(yLabel)}</text>`,
    '</svg>',
  ]
    .filter(line => line !== '')
    .join('\n')
    .concat('\n');
}

type Scale = (value: number) => number;

function drawAxes({ xRange, yRange, xNames }: PlotOptions, x: Scale, y: Scale): readonly string[] {
  const parts: string[] = [];
  for (let i = 0; i <= TICKS; i++) {
    const value = yRange[0] + (i / TICKS) * (yRange[1] - yRange[0]);
    const at = y(value).toFixed(1);
    parts.push(
      `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#e6e8ec"/>`,
      `<text x="${LEFT - 8}" y="${Number(at) + 4}" text-anchor="end">${short(value)}</text>`,
    );
  }
  const names =
    xNames?.map((name, i) => ({ value: i, name })) ??
    Array.from({ length: TICKS + 1 }, (_, i) => {
      const value = xRange[0] + (i / TICKS) * (xRange[1] - xRange[0]);
      return { value, name: short(value) };
    });
  for (const { value, name } of names)
    parts.push(
      `<text x="${x(value).toFixed(1)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${asText(name)}</text>`,
    );
  return parts;
}

function drawSeries({ points }: Series, index: number, x: Scale, y: Scale): string {
  const colour = COLOURS[index % COLOURS.length]!;
  const known = points.filter(point => Number.isFinite(point.y));
  const path = known.map(point => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(' ');
  const width = index === 0 ? 2.5 : 1.5;
  const marks = known.map(point => drawMark(x(point.x), y(point.y), index)).join('');
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${width}"/>${marks}`;
}

function drawMark(x: number, y: number, index: number): string {
  const colour = COLOURS[index % COLOURS.length]!;
  const mark = MARKS[index % MARKS.length];
  const [cx, cy] = [x.toFixed(1), y.toFixed(1)];
  if (mark === 'circle') return `<circle cx="${cx}" cy="${cy}" r="4" fill="${colour}"/>`;
  const turned = mark === 'diamond' ? ` transform="rotate(45 ${cx} ${cy})"` : '';
  return `<rect x="${(x - 3.5).toFixed(1)}" y="${(y - 3.5).toFixed(1)}" width="7" height="7" fill="${colour}"${turned}/>`;
}

function drawLegend({ name }: Series, index: number): string {
  const y = TOP + 12 + index * 22;
  const x = WIDTH - RIGHT + 24;
  return `${drawMark(x, y, index)}<text x="${x + 12}" y="${y + 4}">${asText(name)}</text>`;
}
